import type { Alternatives, Regex, RegexNode } from "./regex-syntax.ts";

/** A longer program is refused: its steps would fill the board's memory. */
export const STEPS_MAX = 600;

/** A step's number says what it does; `$steps` of regex-sources.ts runs them. */
type Step = [number, ...unknown[]];

class Compiler {
  readonly steps: Step[] = [];
  private readonly fold: boolean;
  private readonly dotAll: boolean;
  private readonly lines: boolean;
  private readonly names: Readonly<Record<string, number>>;
  private loops: number;

  constructor(regex: Regex, flags: string) {
    this.fold = flags.includes("i");
    this.dotAll = flags.includes("s");
    this.lines = flags.includes("m");
    this.names = regex.names;
    this.loops = 2 * regex.captures + 2;
  }

  all(body: Alternatives): void {
    const ends: Step[] = [];
    body.forEach((sequence, index) => {
      if (index === body.length - 1) {
        for (const node of sequence) this.one(node);
        return;
      }
      const split: Step = [4, this.steps.length + 1, 0];
      this.steps.push(split);
      for (const node of sequence) this.one(node);
      const jump: Step = [5, 0];
      ends.push(jump);
      this.steps.push(jump);
      split[2] = this.steps.length;
    });
    for (const end of ends) end[1] = this.steps.length;
  }

  private one(node: RegexNode): void {
    const { steps } = this;
    if (node.kind === "char") steps.push([0, this.fold ? node.text.toLowerCase() : node.text]);
    else if (node.kind === "any") steps.push([this.dotAll ? 2 : 1]);
    else if (node.kind === "set") this.set(node.ranges, node.negated);
    else if (node.kind === "start") steps.push([this.lines ? 9 : 7]);
    else if (node.kind === "end") steps.push([this.lines ? 10 : 8]);
    else if (node.kind === "word") steps.push([11, node.negated ? 1 : 0]);
    else if (node.kind === "again") {
      steps.push([12, typeof node.capture === "string" ? (this.names[node.capture] ?? 0) : node.capture]);
    } else if (node.kind === "repeat") this.repeat(node);
    else if (node.kind === "look") {
      const from = steps.length;
      const look: Step = [13, from + 1, 0, node.negated ? 1 : 0, node.behind ? 1 : 0];
      steps.push(look);
      this.all(node.body);
      steps.push([14]);
      look[2] = steps.length;
    } else if (node.kind === "group") {
      if (node.capture !== undefined) steps.push([6, 2 * node.capture]);
      this.all(node.body);
      if (node.capture !== undefined) steps.push([6, 2 * node.capture + 1]);
    }
  }

  private set(ranges: readonly [number, number][], negated: boolean): void {
    const codes = ranges.flat();
    this.steps.push(negated ? [3, codes, 1] : [3, codes]);
  }

  private repeat(node: RegexNode & { kind: "repeat" }): void {
    const { steps } = this;
    const { min, max, lazy } = node;
    for (let count = 0; count < min && steps.length <= STEPS_MAX; count++) this.again(node.node);
    if (max === Number.POSITIVE_INFINITY) {
      const slot = this.loops++;
      const top = steps.length;
      const split: Step = [4, 0, 0];
      steps.push(split);
      steps.push([15, slot]);
      this.again(node.node);
      steps.push([5, top]);
      split[lazy ? 2 : 1] = top + 1;
      split[lazy ? 1 : 2] = steps.length;
      return;
    }
    const splits: Step[] = [];
    for (let count = min; count < max && steps.length <= STEPS_MAX; count++) {
      const split: Step = [4, 0, 0];
      split[lazy ? 2 : 1] = steps.length + 1;
      steps.push(split);
      splits.push(split);
      this.again(node.node);
    }
    for (const split of splits) split[lazy ? 1 : 2] = steps.length;
  }

  /** One more round: what its groups caught in the round before is forgotten. */
  private again(node: RegexNode): void {
    const inside = capturesIn(node);
    const [first] = inside;
    if (first !== undefined) this.steps.push([16, 2 * first, 2 * (inside.at(-1) as number) + 1]);
    this.one(node);
  }
}

function capturesIn(node: RegexNode): number[] {
  if (node.kind === "repeat") return capturesIn(node.node);
  if (node.kind !== "group" && node.kind !== "look") return [];
  const inner = node.body.flatMap((sequence) => sequence.flatMap(capturesIn));
  return node.kind === "group" && node.capture !== undefined ? [node.capture, ...inner] : inner;
}

/** The steps for a regular expression; the last one ends the match and says how many places it keeps. */
export function compileRegex(regex: Regex, flags: string): Step[] {
  const compiler = new Compiler(regex, flags);
  compiler.all(regex.body);
  compiler.steps.push([14, 2 * regex.captures + 2]);
  return compiler.steps;
}
