import { type CharacterSet, charactersOf, complement } from "./character-sets.ts";
import type { Alternatives, Regex, RegexNode } from "./regex-syntax.ts";

/** A longer program is refused: its steps would fill the board's memory. */
export const STEPS_MAX = 1200;

/**
 * A program for `$steps` of regex-sources.ts: texts to be compared, and numbers of operations, each followed by its
 * operands. Places in the program are indexes.
 */
export type Steps = (string | number | number[])[];

export interface CompiledRegex {
  readonly steps: Steps;
  /** The parts of `$steps` that the program needs. */
  readonly parts: ReadonlySet<string>;
}

const IN_SET = 1;
const SPLIT = 3;
const SPLIT_LAZY = 4;
const JUMP = 5;
const KEEP_PLACE = 6;
const AT_START = 7;
const AT_END = 8;
const AT_LINE_START = 9;
const AT_LINE_END = 10;
const AT_WORD = 11;
const SAME_AGAIN = 12;
const LOOK = 13;
const DONE = 14;
const NOT_EMPTY = 15;
const FORGET = 16;
const FOLDED = 17;

const PARTS: Readonly<Record<number, string>> = {
  [SPLIT]: "split",
  [SPLIT_LAZY]: "lazy",
  [JUMP]: "jump",
  [KEEP_PLACE]: "keep",
  [AT_START]: "start",
  [AT_END]: "end",
  [AT_LINE_START]: "line-start",
  [AT_LINE_END]: "line-end",
  [AT_WORD]: "word",
  [SAME_AGAIN]: "again",
  [LOOK]: "look",
  [NOT_EMPTY]: "guard",
  [FORGET]: "forget",
  [FOLDED]: "folded",
};

class Compiler {
  readonly steps: Steps = [];
  readonly parts = new Set<string>();
  private readonly flags: string;
  private readonly names: Readonly<Record<string, number>>;
  private loops: number;
  /** Whether the last step is a text that another character may be added to. */
  private open = -1;

  constructor(regex: Regex, flags: string) {
    this.flags = flags;
    this.names = regex.names;
    this.loops = 2 * regex.captures + 2;
  }

  private step(operation: number, ...operands: (string | number | number[])[]): number {
    const part = PARTS[operation];
    if (part) this.parts.add(part);
    this.steps.push(operation, ...operands);
    return this.steps.length - 1;
  }

  all(body: Alternatives): void {
    const ends: number[] = [];
    body.forEach((sequence, index) => {
      if (index === body.length - 1) {
        for (const node of sequence) this.one(node);
        return;
      }
      const split = this.step(SPLIT, 0);
      for (const node of sequence) this.one(node);
      ends.push(this.step(JUMP, 0));
      this.steps[split] = this.steps.length;
    });
    for (const end of ends) this.steps[end] = this.steps.length;
    this.open = -1;
  }

  private one(node: RegexNode): void {
    const { flags } = this;
    if (node.kind === "start") this.step(flags.includes("m") ? AT_LINE_START : AT_START);
    else if (node.kind === "end") this.step(flags.includes("m") ? AT_LINE_END : AT_END);
    else if (node.kind === "word") this.step(AT_WORD, node.negated ? 1 : 0);
    else if (node.kind === "again") {
      const capture = typeof node.capture === "string" ? (this.names[node.capture] ?? 0) : node.capture;
      this.step(SAME_AGAIN, 2 * capture, flags.includes("i") ? 1 : 0);
    } else if (node.kind === "repeat") this.repeat(node);
    else if (node.kind === "look") {
      const end = this.step(LOOK, (node.negated ? 1 : 0) + (node.behind ? 2 : 0), 0);
      this.all(node.body);
      this.step(DONE);
      this.steps[end] = this.steps.length;
    } else if (node.kind === "group") {
      if (node.capture !== undefined) this.step(KEEP_PLACE, 2 * node.capture);
      this.all(node.body);
      if (node.capture !== undefined) this.step(KEEP_PLACE, 2 * node.capture + 1);
    } else this.character(node);
  }

  private character(node: RegexNode): void {
    const { steps } = this;
    if (node.kind === "char") {
      const fold = this.flags.includes("i") && node.text.toLowerCase() !== node.text.toUpperCase();
      if (fold) {
        this.step(FOLDED, node.text.toLowerCase());
      } else if (this.open === steps.length) {
        steps[this.open - 1] += node.text;
      } else {
        steps.push(node.text);
        this.open = steps.length;
      }
      return;
    }
    const set = charactersOf(node, this.flags) as CharacterSet;
    const negated = set.at(-1)?.[1] === 0xffff;
    const codes = (negated ? complement(set) : set).flat();
    this.parts.add("set");
    this.step(
      negated ? IN_SET + 1 : IN_SET,
      codes.every((code) => code < 0x7f) ? String.fromCharCode(...codes) : codes,
    );
    if (codes.some((code) => code >= 0x7f)) this.parts.add("codes");
  }

  private repeat(node: RegexNode & { kind: "repeat" }): void {
    const { steps } = this;
    const { min, max, lazy } = node;
    const split = lazy ? SPLIT_LAZY : SPLIT;
    this.open = -1;
    for (let count = 0; count < min && steps.length <= STEPS_MAX; count++) this.again(node.node, false);
    if (max === Number.POSITIVE_INFINITY) {
      const top = steps.length;
      const end = this.step(split, 0);
      this.again(node.node, true);
      this.step(JUMP, top);
      steps[end] = steps.length;
      return;
    }
    const ends: number[] = [];
    for (let count = min; count < max && steps.length <= STEPS_MAX; count++) {
      ends.push(this.step(split, 0));
      this.again(node.node, true);
    }
    for (const end of ends) steps[end] = steps.length;
    this.open = -1;
  }

  /** One more repetition: the captures of the previous one are cleared, and a repetition that matches nothing ends the loop. */
  private again(node: RegexNode, optional: boolean): void {
    const inside = capturesIn(node);
    const [first] = inside;
    if (first !== undefined) this.step(FORGET, 2 * first, 2 * (inside.at(-1) as number) + 1);
    const guarded = optional && canBeEmpty(node);
    const slot = this.loops;
    if (guarded) this.step(KEEP_PLACE, this.loops++);
    this.open = -1;
    this.one(node);
    if (guarded) this.step(NOT_EMPTY, slot);
    this.open = -1;
  }
}

function capturesIn(node: RegexNode): number[] {
  if (node.kind === "repeat") return capturesIn(node.node);
  if (node.kind !== "group" && node.kind !== "look") return [];
  const inner = node.body.flatMap((sequence) => sequence.flatMap(capturesIn));
  return node.kind === "group" && node.capture !== undefined ? [node.capture, ...inner] : inner;
}

function canBeEmpty(node: RegexNode): boolean {
  if (node.kind === "char" || node.kind === "any" || node.kind === "set") return false;
  if (node.kind === "repeat") return node.min === 0 || canBeEmpty(node.node);
  return node.kind !== "group" || node.body.some((sequence) => sequence.every(canBeEmpty));
}

/** The steps for a regular expression; the last of them ends the match. */
export function compileRegex(regex: Regex, flags: string): CompiledRegex {
  const compiler = new Compiler(regex, flags);
  compiler.all(regex.body);
  compiler.steps.push(DONE);
  return compiler;
}
