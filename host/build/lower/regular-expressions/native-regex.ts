import {
  accepts,
  areDisjoint,
  type CharacterSet,
  charactersOf,
  minus,
  nativeCharacter,
  nativeSet,
  normalised,
} from "./character-sets.ts";
import type { Alternatives, Regex, RegexNode } from "./regex-syntax.ts";

/**
 * Regular expressions in the syntax of Espruino's own matcher. It has sequences of single characters, `*` and `+` over
 * one of them, `^`, `$`, flat groups, and alternatives of the whole expression; it is wrong beyond these, and in parts
 * of these, which the rules here leave out. Counts, optional parts and alternatives in groups are multiplied out, as
 * far as that gives the same first match.
 */
interface Step {
  readonly kind: "one" | "star" | "lazy" | "start" | "end" | "open" | "close" | "text";
  readonly set: CharacterSet;
  /** Characters beyond ASCII, which are several bytes for the interpreter. */
  readonly text?: string;
}

type Sequence = readonly Step[];

const SEQUENCES_MAX = 12;
/** The interpreter's matcher takes some stack for each character that it compares. */
const STEPS_MAX = 60;
const GROUPS_MAX = 8;

const bare = (kind: "start" | "end" | "open" | "close"): Step => ({ kind, set: [] });

/** How a program uses an expression, as far as the build sees. */
export interface RegexUse {
  /** Only whether it matches counts. */
  readonly tests: boolean;
  readonly splits: boolean;
  /** It goes from match to match by `lastIndex`. */
  readonly steps: boolean;
}

/** The pattern for Espruino's matcher; undefined where only the matcher of the prelude is right. */
export function nativePattern(regex: Regex, flags: string, use: RegexUse): string | undefined {
  if (/[^gimsu]/.test(flags) || Object.keys(regex.names).length > 0) return undefined;
  if (use.splits && regex.captures > 0) return undefined;
  const ways = new Expander(flags, regex.captures > 0 && !use.tests).alternatives(regex.body, false);
  if (!ways) return undefined;
  const sequences: Sequence[] = [];
  for (const way of ways) {
    const sequence = withoutLazy(way, ways.length > 1);
    if (!sequence) return undefined;
    sequences.push(sequence);
  }
  if (!isRight(sequences, use)) return undefined;
  const written = sequences.map((sequence) => write(sequence, flags));
  if (written.includes(undefined)) return undefined;
  const text = written.join("|");
  // A plain end of text is compared without lastIndex.
  if (flags.includes("g") && /^[^[\](){}*+^.|]*\$$/.test(text)) return undefined;
  return text;
}

class Expander {
  private readonly flags: string;
  private readonly captures: boolean;

  constructor(flags: string, captures: boolean) {
    this.flags = flags;
    this.captures = captures;
  }

  /** All ways through the alternatives, in the order in which they are tried. */
  alternatives(body: Alternatives, inGroup: boolean): Sequence[] | undefined {
    const all: Sequence[] = [];
    const single = body.map((nodes) => nodes.length === 1 && charactersOf(nodes[0] as RegexNode, this.flags));
    if (single.length > 1 && single.every((set) => set))
      return [[{ kind: "one", set: normalised((single as CharacterSet[]).flat()) }]];
    for (const nodes of body) {
      const ways = this.sequence(nodes, inGroup);
      if (!ways) return undefined;
      all.push(...ways);
    }
    return all.length > SEQUENCES_MAX || (this.captures && all.length > 1) ? undefined : all;
  }

  private sequence(nodes: readonly RegexNode[], inGroup: boolean): Sequence[] | undefined {
    let ways: Sequence[] = [[]];
    for (const node of nodes) {
      const options = this.node(node, inGroup);
      if (!options || ways.length * options.length > SEQUENCES_MAX) return undefined;
      ways = ways.flatMap((way) => options.map((option) => [...way, ...option]));
    }
    return ways;
  }

  private node(node: RegexNode, inGroup: boolean): Sequence[] | undefined {
    if (node.kind === "start" || node.kind === "end")
      return this.flags.includes("m") ? undefined : [[bare(node.kind)]];
    if (node.kind === "group") {
      const captures = this.captures && node.capture !== undefined;
      // The interpreter closes the group that was opened last.
      if (captures && inGroup) return undefined;
      const ways = this.alternatives(node.body, inGroup || captures);
      return captures ? ways?.map((way) => [bare("open"), ...way, bare("close")]) : ways;
    }
    if (node.kind === "repeat") return this.repeat(node, inGroup);
    if (node.kind === "char" && node.text.charCodeAt(0) > 0x7f)
      return this.flags.includes("i") ? undefined : [[{ kind: "text", set: [], text: node.text }]];
    const set = charactersOf(node, this.flags);
    return set && [[{ kind: "one", set }]];
  }

  private repeat(node: RegexNode & { kind: "repeat" }, inGroup: boolean): Sequence[] | undefined {
    const { min, max, lazy } = node;
    const capturing = this.captures && node.node.kind === "group" && node.node.capture !== undefined;
    if (capturing || min > STEPS_MAX) return undefined;
    const ways = this.node(node.node, inGroup);
    if (!ways) return undefined;
    if (max !== Number.POSITIVE_INFINITY) {
      if (max - min >= SEQUENCES_MAX || (max > 1 && ways.length > 1) || ways.some((way) => least(way) === 0))
        return undefined;
      const counts: Sequence[] = [];
      for (let count = min; count <= max; count++) {
        for (const way of ways) counts.push(Array.from({ length: count }, () => way).flat());
        if (count === 0) counts.splice(0, counts.length, []);
      }
      if (!lazy) return min === 0 && max === 1 ? [...counts.slice(1), []] : counts.reverse();
      return counts;
    }
    const [only] = ways;
    const [step] = only ?? [];
    if (ways.length > 1 || only?.length !== 1 || step?.kind !== "one") return undefined;
    return [[...Array.from({ length: min }, () => step), { kind: lazy ? "lazy" : "star", set: step.set }]];
  }
}

/**
 * A lazy part that can end in one place only, as a greedy one: `.*?>` at the end of the expression takes what
 * `[^>]*>` does. Undefined where it could end in several.
 */
function withoutLazy(sequence: Sequence, several: boolean): Sequence | undefined {
  const made: Step[] = [];
  for (const [at, step] of sequence.entries()) {
    if (step.kind !== "lazy") {
      made.push(step);
      continue;
    }
    const rest = sequence.slice(at + 1).filter(({ kind }) => kind !== "open" && kind !== "close");
    const [next] = rest;
    if (next === undefined) continue;
    if (next.kind === "one" && areDisjoint(step.set, next.set)) made.push({ kind: "star", set: step.set });
    else if (several) return undefined;
    else if (next.kind === "end") made.push({ kind: "star", set: step.set });
    else if (next.kind === "one" && rest.length === 1) {
      made.push({ kind: "star", set: minus(step.set, next.set) });
    } else return undefined;
  }
  return made;
}

/** The fewest characters that a sequence takes. */
function least(sequence: Sequence): number {
  return sequence.filter(({ kind }) => kind === "one" || kind === "text").length;
}

function isRight(sequences: readonly Sequence[], use: RegexUse): boolean {
  const several = sequences.length > 1;
  const starts = sequences.filter((sequence) => sequence.some(({ kind }) => kind === "start"));
  // Where ^ does not hold, the interpreter gives up all alternatives.
  if (several && starts.length > 0 && !sequences.every(([first]) => first?.kind === "start")) return false;
  if (sequences.reduce((sum, { length }) => sum + length, 0) > STEPS_MAX && several) return false;
  return sequences.every((sequence, index) => {
    if (sequence.filter(({ kind }) => kind === "open").length > GROUPS_MAX) return false;
    if (least(sequence) === 0) {
      // It would loop endlessly, or give undefined beyond the end of the text.
      if (use.splits || use.steps) return false;
      // No match is looked for at the end of a text that is not empty.
      if (sequence.some(({ kind }) => kind === "end") && sequence[0]?.kind !== "start") return false;
    }
    return (
      index === sequences.length - 1 ||
      sequence.every((step, at) => step.kind !== "star" || isSettled(sequence, at))
    );
  });
}

/** Whether a repeated part can end in one place only: another end would bring in the next alternative. */
function isSettled(sequence: Sequence, at: number): boolean {
  const next = sequence.slice(at + 1).find(({ kind }) => kind !== "open" && kind !== "close");
  if (next === undefined || next.kind === "end") return true;
  return next.kind === "one" && areDisjoint((sequence[at] as Step).set, next.set);
}

function write(sequence: Sequence, flags: string): string | undefined {
  const fold = flags.includes("i");
  let text = "";
  for (let at = 0; at < sequence.length; at++) {
    const step = sequence[at] as Step;
    if (step.kind === "start") text += "^";
    else if (step.kind === "end") text += "$";
    else if (step.kind === "open") text += "(";
    else if (step.kind === "close") text += ")";
    else if (step.kind === "text") text += nativeCharacter(step.text as string);
    else {
      const set = nativeSet(step.set, fold);
      if (set === undefined) return undefined;
      const next = sequence[at + 1];
      if (
        step.kind === "one" &&
        next?.kind === "star" &&
        next.set === step.set &&
        plusIsRight(sequence, at + 1)
      ) {
        text += `${set}+`;
        at++;
      } else text += step.kind === "star" ? `${set}*` : set;
    }
  }
  return text;
}

/** The interpreter's `+` takes none where what follows matches there, and one beyond the end of the text. */
function plusIsRight(sequence: Sequence, at: number): boolean {
  const { set } = sequence[at] as Step;
  return !accepts(set, 0) && !accepts(set, 0xffff) && isSettled(sequence, at);
}
