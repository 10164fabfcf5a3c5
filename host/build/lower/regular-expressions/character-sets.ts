import type { RegexNode } from "./regex-syntax.ts";

/** Ranges of character codes in ascending order, which neither overlap nor touch. */
export type CharacterSet = readonly (readonly [number, number])[];

const CODE_MAX = 0xffff;

/** What a node accepts that takes exactly one character; undefined for any other node. */
export function charactersOf(node: RegexNode, flags: string): CharacterSet | undefined {
  if (node.kind === "any") return flags.includes("s") ? ANY : NO_LINE_END;
  if (node.kind === "char") {
    if (node.text.length !== 1) return undefined;
    const code = node.text.charCodeAt(0);
    return closed([[code, code]], flags);
  }
  if (node.kind !== "set") return undefined;
  const set = closed(node.ranges, flags);
  return node.negated ? complement(set) : set;
}

/** Both cases of each letter, where the expression ignores case. */
function closed(ranges: readonly (readonly [number, number])[], flags: string): CharacterSet {
  if (!flags.includes("i")) return normalised(ranges);
  const both = ranges.flatMap(([from, to]): [number, number][] => [
    [from, to],
    [Math.max(from, 65) + 32, Math.min(to, 90) + 32],
    [Math.max(from, 97) - 32, Math.min(to, 122) - 32],
  ]);
  return normalised(both.filter(([from, to]) => from <= to));
}

export function normalised(ranges: readonly (readonly [number, number])[]): CharacterSet {
  const made: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([one], [other]) => one - other)) {
    const last = made.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else made.push([from, to]);
  }
  return made;
}

export function complement(set: CharacterSet): CharacterSet {
  const made: [number, number][] = [];
  let from = 0;
  for (const [low, high] of set) {
    if (low > from) made.push([from, low - 1]);
    from = high + 1;
  }
  if (from <= CODE_MAX) made.push([from, CODE_MAX]);
  return made;
}

export function accepts(set: CharacterSet, code: number): boolean {
  return set.some(([from, to]) => code >= from && code <= to);
}

export function areDisjoint(one: CharacterSet, other: CharacterSet): boolean {
  return one.every(([from, to]) => other.every(([low, high]) => to < low || from > high));
}

export function minus(one: CharacterSet, other: CharacterSet): CharacterSet {
  return complement(normalised([...complement(one), ...other]));
}

const LINE_ENDS: CharacterSet = [
  [10, 10],
  [13, 13],
];
const ANY: CharacterSet = [[0, CODE_MAX]];
const NO_LINE_END = complement(LINE_ENDS);

const DIGIT: CharacterSet = [[48, 57]];
const WORD: CharacterSet = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE: CharacterSet = [
  [9, 13],
  [32, 32],
];

/**
 * A set in the words of Espruino's own matcher, or undefined where it has none: it sees bytes, so that characters
 * beyond ASCII are either all in the set or all outside. `\s` there is the white space of ASCII.
 */
export function nativeSet(set: CharacterSet, fold: boolean): string | undefined {
  const inside = asciiPart(set);
  const outside = asciiPart(complement(set));
  if (inside === undefined && outside === undefined) return undefined;
  if (outside?.length === 0) return ".";
  const single = inside?.length === 1 && inside[0]?.[0] === inside[0]?.[1] ? inside[0]?.[0] : undefined;
  if (single !== undefined) return nativeCharacter(String.fromCharCode(single));
  const members = inside ?? (outside as CharacterSet);
  for (const [sign, known] of CLASSES) {
    if (isSame(members, known)) return `\\${inside ? sign : sign.toUpperCase()}`;
  }
  if (members.length === 0) return undefined;
  const text = setMembers(fold ? withoutCapitals(members) : members);
  return inside && fold && isOneLetter(members) ? text : `[${inside ? "" : "^"}${text}]`;
}

const CLASSES: readonly [string, CharacterSet][] = [
  ["d", DIGIT],
  ["w", WORD],
  ["s", SPACE],
];

/** One letter in both cases. */
function isOneLetter(set: CharacterSet): boolean {
  const codes = set.flat();
  return (
    codes.length === 4 && codes[0] === codes[1] && codes[2] === codes[3] && codes[2] === (codes[0] ?? 0) + 32
  );
}

/** The set, if it ends within ASCII; the no-break space goes with the white space of ASCII. */
function asciiPart(set: CharacterSet): CharacterSet | undefined {
  const spaces = SPACE.every(([from, to]) => set.some(([low, high]) => low <= from && high >= to));
  const kept = spaces ? set.filter(([from, to]) => from !== 160 || to !== 160) : set;
  const last = kept.at(-1);
  return last === undefined || last[1] <= 0x7f ? kept : undefined;
}

function isSame(one: CharacterSet, other: CharacterSet): boolean {
  return (
    one.length === other.length &&
    one.every(([from, to], index) => from === other[index]?.[0] && to === other[index]?.[1])
  );
}

/** The interpreter compares in lower case, ends of ranges too. */
function withoutCapitals(set: CharacterSet): CharacterSet {
  return minus(set, [[65, 90]]);
}

function setMembers(set: CharacterSet): string {
  let rest = set;
  let text = "";
  for (const [sign, known] of CLASSES.slice(0, 2).reverse()) {
    const holds = known.every(([from, to]) => rest.some(([low, high]) => low <= from && high >= to));
    // A class saves bytes where its ranges stand alone.
    if (holds && known.every((one) => rest.some((range) => isSame([range], [one])))) {
      text += `\\${sign}`;
      rest = minus(rest, known);
    }
  }
  if (SPACE.every((one) => rest.some((range) => isSame([range], [one])))) {
    text += "\\s";
    rest = minus(rest, SPACE);
  }
  let dash = "";
  for (const [from, to] of rest) {
    if (from === 45 && to === 45) dash = "-";
    else if (to - from < 3) for (let code = from; code <= to; code++) text += member(code);
    else text += `${member(from)}-${member(to)}`;
  }
  return dash + text;
}

/** A character inside of brackets. */
function member(code: number): string {
  const text = String.fromCharCode(code);
  if ("\\]^[-|/".includes(text)) return text === "|" ? "\\x7c" : `\\${text}`;
  return printable(text);
}

/** A character outside of brackets. */
export function nativeCharacter(text: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(text) ? `\\${text}` : printable(text);
}

const CONTROLS: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\f": "\\f",
};

function printable(text: string): string {
  const code = text.charCodeAt(0);
  if (code >= 32 && code !== 0x7f) return text;
  return CONTROLS[text] ?? `\\x${code.toString(16).padStart(2, "0")}`;
}
