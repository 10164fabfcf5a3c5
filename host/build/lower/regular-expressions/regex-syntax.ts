/** A regular expression taken apart, as far as Espruino or our own matcher can follow. */
export type RegexNode =
  | { readonly kind: "char"; readonly text: string }
  | { readonly kind: "any" }
  | { readonly kind: "set"; readonly ranges: readonly [number, number][]; readonly negated: boolean }
  | { readonly kind: "group"; readonly body: Alternatives; readonly capture: number | undefined }
  | {
      readonly kind: "look";
      readonly body: Alternatives;
      readonly negated: boolean;
      readonly behind: boolean;
    }
  | { readonly kind: "start" | "end" }
  | { readonly kind: "word"; readonly negated: boolean }
  | { readonly kind: "again"; capture: number | string }
  | {
      readonly kind: "repeat";
      readonly node: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    };

export type Alternatives = readonly (readonly RegexNode[])[];

export interface Regex {
  readonly body: Alternatives;
  readonly captures: number;
  readonly names: Readonly<Record<string, number>>;
}

const DIGIT: [number, number][] = [[48, 57]];
const WORD: [number, number][] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE: [number, number][] = [
  [9, 13],
  [32, 32],
  [160, 160],
];
const CONTROLS: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", v: "\v", f: "\f", "0": "\0" };

/** Reads a pattern; throws a SyntaxError (which esbuild would have found) or gives undefined for \p and the like. */
export function parseRegex(pattern: string, unicode: boolean): Regex | undefined {
  const reader = new Reader(pattern, unicode);
  try {
    const body = reader.alternatives();
    return reader.at < pattern.length ? undefined : { body, captures: reader.captures, names: reader.names };
  } catch (error) {
    if (error === UNKNOWN) return undefined;
    throw error;
  }
}

const UNKNOWN = new Error("An escape that is not known.");

class Reader {
  at = 0;
  captures = 0;
  readonly names: Record<string, number> = {};
  private readonly pattern: string;
  private readonly unicode: boolean;
  /** The groups of the whole pattern: a greater number after a backslash is a character. */
  private readonly groups: number;

  constructor(pattern: string, unicode: boolean) {
    this.pattern = pattern;
    this.unicode = unicode;
    this.groups = pattern.replace(/\\.|\[(?:\\.|[^\]])*\]/gs, "").split(/\((?!\?)|\(\?<(?![=!])/).length - 1;
  }

  private take(text: string): boolean {
    if (!this.pattern.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  alternatives(): Alternatives {
    const all: RegexNode[][] = [[]];
    while (this.at < this.pattern.length && this.pattern[this.at] !== ")") {
      if (this.take("|")) all.push([]);
      else all.at(-1)?.push(this.repeated(this.atom()));
    }
    return all;
  }

  private repeated(node: RegexNode): RegexNode {
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(this.pattern.slice(this.at));
    let min: number;
    let max: number;
    if (counted) {
      this.at += counted[0].length;
      min = Number(counted[1]);
      max = counted[2] === undefined ? min : counted[3] ? Number(counted[3]) : Number.POSITIVE_INFINITY;
    } else if (this.take("*")) [min, max] = [0, Number.POSITIVE_INFINITY];
    else if (this.take("+")) [min, max] = [1, Number.POSITIVE_INFINITY];
    else if (this.take("?")) [min, max] = [0, 1];
    else return node;
    return this.repeated({ kind: "repeat", node, min, max, lazy: this.take("?") });
  }

  private atom(): RegexNode {
    if (this.take("(")) return this.group();
    if (this.take("[")) return this.set();
    if (this.take("^")) return { kind: "start" };
    if (this.take("$")) return { kind: "end" };
    if (this.take(".")) return { kind: "any" };
    if (this.take("\\")) return this.escape();
    const code = this.unicode ? this.pattern.codePointAt(this.at) : this.pattern.charCodeAt(this.at);
    const text = this.unicode ? String.fromCodePoint(code ?? 0) : String.fromCharCode(code ?? 0);
    this.at += text.length;
    return { kind: "char", text };
  }

  private group(): RegexNode {
    const close = <T>(node: T): T => {
      if (!this.take(")")) throw new SyntaxError("A group is not closed.");
      return node;
    };
    if (this.take("?:")) return close({ kind: "group", body: this.alternatives(), capture: undefined });
    for (const [sign, negated, behind] of [
      ["?=", false, false],
      ["?!", true, false],
      ["?<=", false, true],
      ["?<!", true, true],
    ] as const) {
      if (!this.take(sign)) continue;
      const before = this.captures;
      const body = this.alternatives();
      // The standard matches backwards here, which groups and back references show.
      if (behind && this.captures > before && /[*+?{]/.test(this.pattern)) throw UNKNOWN;
      return close({ kind: "look", body, negated, behind });
    }
    const capture = ++this.captures;
    const named = /^\?<([A-Za-z_$][\w$]*)>/.exec(this.pattern.slice(this.at));
    if (named) {
      this.at += named[0].length;
      this.names[named[1] as string] = capture;
    } else if (this.pattern[this.at] === "?") throw UNKNOWN;
    return close({ kind: "group", body: this.alternatives(), capture });
  }

  /** After the backslash, outside of a set. */
  private escape(): RegexNode {
    if (this.take("b")) return { kind: "word", negated: false };
    if (this.take("B")) return { kind: "word", negated: true };
    const back = /^[1-9]\d*/.exec(this.pattern.slice(this.at));
    if (back && (this.unicode || Number(back[0]) <= this.groups)) {
      this.at += back[0].length;
      return { kind: "again", capture: Number(back[0]) };
    }
    const octal = /^([0-3][0-7]{0,2}|[4-7][0-7]?)/.exec(this.pattern.slice(this.at));
    if (octal) {
      this.at += octal[0].length;
      return { kind: "char", text: String.fromCharCode(Number.parseInt(octal[0], 8)) };
    }
    const named = /^k<([^>]+)>/.exec(this.pattern.slice(this.at));
    if (named) {
      this.at += named[0].length;
      return { kind: "again", capture: named[1] as string };
    }
    const member = this.member();
    return typeof member === "string" ? { kind: "char", text: member } : { kind: "set", ...member };
  }

  /** An escape that stands for one character or a class of them. */
  private member(): string | { ranges: [number, number][]; negated: boolean } {
    const sign = this.pattern[this.at++] ?? "";
    const classes: Readonly<Record<string, [number, number][]>> = { d: DIGIT, w: WORD, s: SPACE };
    const known = classes[sign.toLowerCase()];
    if (known) return { ranges: known, negated: sign !== sign.toLowerCase() };
    const hex = (pattern: RegExp): string | undefined => {
      const found = pattern.exec(this.pattern.slice(this.at));
      if (!found) return undefined;
      this.at += found[0].length;
      return String.fromCodePoint(Number.parseInt(found[1] as string, 16));
    };
    if (sign === "x") return hex(/^([0-9a-fA-F]{2})/) ?? "x";
    if (sign === "u")
      return (this.unicode ? hex(/^\{([0-9a-fA-F]+)\}/) : undefined) ?? hex(/^([0-9a-fA-F]{4})/) ?? "u";
    if (sign === "c" && /[A-Za-z]/.test(this.pattern[this.at] ?? ""))
      return String.fromCharCode(this.pattern.charCodeAt(this.at++) % 32);
    if (sign === "c") {
      this.at--;
      return "\\";
    }
    if (this.unicode && /[pP]/.test(sign)) throw UNKNOWN;
    return CONTROLS[sign] ?? sign;
  }

  private set(): RegexNode {
    const negated = this.take("^");
    const ranges: [number, number][] = [];
    while (!this.take("]")) {
      if (this.at >= this.pattern.length) throw new SyntaxError("A set is not closed.");
      const from = this.setMember(ranges);
      if (from === undefined) continue;
      if (this.pattern[this.at] === "-" && this.pattern[this.at + 1] !== "]") {
        this.at++;
        const to = this.setMember(ranges);
        if (to === undefined) ranges.push([from, from], [45, 45]);
        else ranges.push([from, to]);
      } else ranges.push([from, from]);
    }
    return { kind: "set", ranges, negated };
  }

  private setMember(ranges: [number, number][]): number | undefined {
    if (this.take("\\")) {
      if (this.take("b")) return 8;
      const member = this.member();
      if (typeof member === "string") return member.codePointAt(0) ?? 0;
      if (member.negated) ranges.push(...complement(member.ranges));
      else ranges.push(...member.ranges);
      return undefined;
    }
    const code = (this.unicode ? this.pattern.codePointAt(this.at) : this.pattern.charCodeAt(this.at)) ?? 0;
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }
}

function complement(ranges: readonly [number, number][]): [number, number][] {
  const made: [number, number][] = [];
  let from = 0;
  for (const [low, high] of ranges) {
    if (low > from) made.push([from, low - 1]);
    from = high + 1;
  }
  made.push([from, 0xffff]);
  return made;
}
