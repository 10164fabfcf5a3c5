/**
 * Parses the lines of a stack trace on a board's console, in each format that interpreters print.
 *
 * Espruino up to 2v24 prints the place, and the function only in a later line:
 *
 *     Uncaught Error: Can't read property 'bar' of undefined
 *      at line 2 col 15 in app.js
 *     x.foo.bar;
 *          ^
 *     in function "inner" called from line 5 col 17 in app.js
 *     inner(y);
 *            ^
 *     in function called from system
 *
 * From 2v25 on a frame is one line. The source line after it may be shortened by `...`, and is blank for most of a minified
 * bundle:
 *
 *         at inner (app.js:2:15)
 *     x.foo.bar;
 *          ^
 *         at app.js:5:17
 *
 * The simulator's engine `node` prints frames in the second format, with V8's names (`new Sensor`, `Sensor.read`) and without
 * source line. Code that is not in a file of Storage, such as typed code, has no file name.
 *
 * Lines and columns count from 1, and columns count bytes.
 *
 * A program that logs a console may put colours around each of these lines, and a time or a name before it.
 */

export interface GeneratedPlace {
  /** The file's name in Storage; empty if the code is not in a file. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type TraceLine =
  | { readonly kind: "uncaught"; readonly message: string }
  /** A frame in the format from 2v25 on, and of V8. */
  | { readonly kind: "frame"; readonly functionName: string | undefined; readonly place: GeneratedPlace }
  /** The first place of a trace up to 2v24. */
  | { readonly kind: "place"; readonly place: GeneratedPlace }
  /** The function of the preceding place, and the place of its caller if that is JavaScript, up to 2v24. */
  | {
      readonly kind: "caller";
      readonly functionName: string | undefined;
      readonly place: GeneratedPlace | undefined;
    }
  | { readonly kind: "caret" }
  | { readonly kind: "text" };

const UNCAUGHT = /^[>:]?Uncaught (.*)$/;
const NAMED_FRAME = /^ {4}at (\S.*) \(([^\s():]*):(\d+):(\d+)\)$/;
const ANONYMOUS_FRAME = /^ {4}at ([^\s():]*):(\d+):(\d+)$/;
const OLD_PLACE = /^ ?at line (\d+) col (\d+)(?: in (\S+))?$/;
const OLD_CALLER = /^in function (?:"(.*)" )?called from (?:system|line (\d+) col (\d+)(?: in (\S+))?)$/;
const CARET = /^ *\^$/;

/** The control sequence that erases a prompt before output. */
const CLEAR_TO_END = "\x1b[J";

/** The control sequences for colours and other attributes, and for clearing the end of a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins them
const ATTRIBUTES = /\x1b\[[\d;:]*[mK]/g;

/** The line without erased text, control characters and colours. */
export function visibleText(line: string): string {
  const cleared = line.lastIndexOf(CLEAR_TO_END);
  const text = cleared < 0 ? line : line.substring(cleared + CLEAR_TO_END.length);
  return text.replaceAll("\r", "").replace(ATTRIBUTES, "");
}

/** The prefix that a log has before the first line of a trace. */
const PREFIXED = /^(.*?[\s\]|:])(?=[>:]?Uncaught .| {4}at (?:\S.* \()?[^\s():]*:\d+:\d+\)?$)/;

/** A pattern for the prefix of each line of a log, whose digits may change; undefined if there is no prefix. */
export function logPrefix(line: string): RegExp | undefined {
  const prefix = PREFIXED.exec(visibleText(line))?.[1];
  if (prefix === undefined) return undefined;
  const shape = prefix
    .trimEnd()
    .replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")
    .replace(/\d+/g, "\\d+");
  const blanks = prefix.length - prefix.trimEnd().length;
  return new RegExp(`^${shape}(?:\\s{${blanks}}|$)`);
}

/** Parses a line of a trace, after the prefix of its log, if there is one. */
export function parseTraceLine(line: string, prefix?: RegExp): TraceLine {
  const visible = visibleText(line);
  const text = prefix ? visible.replace(prefix, "") : visible;
  const uncaught = UNCAUGHT.exec(text);
  if (uncaught) return { kind: "uncaught", message: uncaught[1] ?? "" };
  const named = NAMED_FRAME.exec(text);
  if (named) return { kind: "frame", functionName: named[1], place: placeOf(named[2], named[3], named[4]) };
  const anonymous = ANONYMOUS_FRAME.exec(text);
  if (anonymous) {
    return {
      kind: "frame",
      functionName: undefined,
      place: placeOf(anonymous[1], anonymous[2], anonymous[3]),
    };
  }
  const place = OLD_PLACE.exec(text);
  if (place) return { kind: "place", place: placeOf(place[3], place[1], place[2]) };
  const caller = OLD_CALLER.exec(text);
  if (caller) {
    const from = caller[2] === undefined ? undefined : placeOf(caller[4], caller[2], caller[3]);
    return { kind: "caller", functionName: caller[1], place: from };
  }
  return CARET.test(text) ? { kind: "caret" } : { kind: "text" };
}

function placeOf(
  file: string | undefined,
  line: string | undefined,
  column: string | undefined,
): GeneratedPlace {
  return { file: file ?? "", line: Number(line), column: Number(column) };
}
