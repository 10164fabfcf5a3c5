/**
 * The part of JavaScript's standard library that Espruino 2v29 has, measured by asking it for every name that Node has.
 * Everything else is removed from a simulated board's context, so that a bundle that needs it fails here as on a board. This
 * is not a sandbox against hostile code.
 */
import { toByteString, toReadable } from "./byte-strings.ts";

const GLOBALS = new Set(
  `Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Date Promise RegExp Error
  ReferenceError SyntaxError TypeError globalThis JSON Math ArrayBuffer Uint8Array Int8Array Uint16Array Int16Array
  Uint32Array Int32Array Float32Array Float64Array Uint8ClampedArray DataView decodeURIComponent encodeURIComponent
  eval isFinite isNaN`.split(/\s+/),
);

/** Static members of the library's objects, such as `Array.isArray`. */
const STATIC_MEMBERS: Readonly<Record<string, string>> = {
  Array: "isArray",
  Object:
    "assign getOwnPropertyDescriptor getOwnPropertyDescriptors getOwnPropertyNames create defineProperties " +
    "defineProperty getPrototypeOf setPrototypeOf keys entries fromEntries values",
  String: "fromCharCode",
  Number: "MAX_VALUE MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY",
  Date: "now parse",
  Error: "captureStackTrace stackTraceLimit",
  Math:
    "abs acos asin atan atan2 ceil cos exp floor log max min pow random round sign sin sqrt tan E LN10 LN2 LOG10E " +
    "LOG2E PI SQRT1_2 SQRT2",
  JSON: "parse stringify",
};

/** Members of values, such as `[].map`. The syntax of regular expressions is not checked. */
const PROTOTYPE_MEMBERS: Readonly<Record<string, string>> = {
  Array:
    "concat fill find findIndex pop push reverse shift unshift slice sort splice includes indexOf join forEach " +
    "filter map every some reduce toString",
  Object: "hasOwnProperty toString valueOf __proto__",
  String:
    "charAt charCodeAt concat endsWith includes indexOf lastIndexOf match padEnd padStart repeat replace replaceAll " +
    "slice split substr substring startsWith toString trim toLowerCase toUpperCase valueOf",
  Number: "toFixed toString valueOf",
  Function: "apply bind call toString",
  Date:
    "toString toISOString toUTCString getDate setDate getDay getFullYear setFullYear getHours setHours " +
    "getMilliseconds setMilliseconds getMinutes setMinutes getMonth setMonth getSeconds setSeconds getTime setTime " +
    "getTimezoneOffset getUTCDate getUTCDay getUTCFullYear getUTCHours getUTCMilliseconds getUTCMinutes " +
    "getUTCMonth getUTCSeconds valueOf toJSON",
};

const TYPED_ARRAY_MEMBERS =
  "buffer byteLength byteOffset every fill filter find findIndex forEach includes indexOf join map reverse reduce " +
  "set slice some sort subarray toString";

export interface LanguageOptions {
  random(): number;
  /** As of a board. */
  readonly unicode: boolean;
}

/** Removes from a new context what Espruino lacks, and adds the few functions that it has in addition to the standard. */
export function fitLanguage(context: Record<string, unknown>, { random, unicode }: LanguageOptions): void {
  for (const name of Object.getOwnPropertyNames(context)) {
    if (!GLOBALS.has(name)) delete context[name];
  }
  for (const [owner, members] of Object.entries(STATIC_MEMBERS)) {
    keepOnly(context[owner] as object, `${members} name length prototype`);
  }
  for (const [owner, members] of Object.entries(PROTOTYPE_MEMBERS)) {
    keepOnly((context[owner] as { prototype: object }).prototype, `${members} constructor name length`);
  }
  const { prototype } = context.Uint8Array as { prototype: object };
  const typedArray = Object.getPrototypeOf(prototype) as object;
  keepOnly(typedArray, `${TYPED_ARRAY_MEMBERS} constructor length`);
  fitJson(context.JSON as JSON, typedArray, unicode);
  fitTexts((context.String as StringConstructor).prototype);
  Object.assign(context.Math as object, {
    random,
    randInt: (range?: number) => Math.floor(random() * (range ?? 0x100000000)),
    clip: (value: number, low: number, high: number) => Math.min(Math.max(value, low), high),
    wrap: (value: number, range: number) => ((value % range) + range) % range,
  });
}

/**
 * JSON as Espruino writes and reads it: typed arrays are arrays. The texts here are the bytes of UTF-8 on every board. One
 * without Unicode escapes each byte, and keeps the low byte of an escape; one with Unicode goes by characters.
 */
function fitJson(json: JSON, typedArray: object, unicode: boolean): void {
  const stringify = json.stringify.bind(json);
  const parse = json.parse.bind(json);
  json.stringify = (value: unknown, replacer?: unknown, space?: string | number) => {
    const text = stringify(value, replacer as [], space);
    return (unicode ? text?.replace(UTF8_CHARACTER, decodeUtf8) : text)?.replace(
      /[\x7f-\uffff]/g,
      escapeUnit,
    );
  };
  json.parse = (text: unknown) => parse(String(text).replace(ESCAPES, unicode ? encodeEscapes : lowByte));
  const toJson = function (this: ArrayLike<number>) {
    return Array.prototype.slice.call(this);
  };
  Object.defineProperty(typedArray, "toJSON", { value: toJson, writable: true, configurable: true });
}

/** Escapes in a row, so that both halves of a surrogate pair are among them; an escaped backslash by itself. */
const ESCAPES = /\\\\|(?:\\u[\da-fA-F]{4})+/g;
const UTF8_CHARACTER =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}/g;

function decodeUtf8(bytes: string): string {
  return toReadable(bytes);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function encodeEscapes(escapes: string): string {
  if (escapes === "\\\\") return escapes;
  const text = escapes.replace(/\\u00[0-7][\da-fA-F]/g, "\\$&");
  const characters = JSON.parse(`"${text}"`) as string;
  // Half of a surrogate pair: the parser shall refuse it, as the board's does.
  if (/\p{Surrogate}/u.test(characters)) return "\\u";
  return toByteString(Buffer.from(characters));
}

function lowByte(escapes: string): string {
  return escapes.replace(/\\u../g, "\\u00");
}

/** Letters and blanks beyond ASCII are bytes of UTF-8, which nothing changes or cuts off. */
function fitTexts(prototype: object): void {
  const members = {
    toLowerCase: (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
    toUpperCase: (text: string) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase()),
    trim: (text: string) => text.replace(/^[\t\n\v\f\r ]+|[\t\n\v\f\r ]+$/g, ""),
  };
  for (const [name, change] of Object.entries(members)) {
    const value = function (this: unknown) {
      return change(String(this));
    };
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  }
}

/** Lists of members that were split once, for the next board. */
/** Cache of the split lists of members. */
const keptNames = new Map<string, ReadonlySet<string>>();

/** Removes all other members, except those named by symbols, which `for…of` and `match` need. */
function keepOnly(owner: object, members: string): void {
  const kept = keptNames.get(members) ?? new Set(members.split(" "));
  keptNames.set(members, kept);
  for (const name of Object.getOwnPropertyNames(owner)) {
    if (!kept.has(name)) Reflect.deleteProperty(owner, name);
  }
}
