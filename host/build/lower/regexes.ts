import { type NodePath, types as t, type Visitor } from "@babel/core";
import type { Program } from "./program.ts";
import { type Alternatives, parseRegex, type Regex, type RegexNode } from "./regex-syntax.ts";

/**
 * Regular expressions. Espruino's matcher has no counts, look-around or lazy forms, and is wrong at the end of the
 * text wherever an optional part stands there. What it has right stays; the rest is compiled here to steps for a
 * small matcher of our own, which does not recurse. On Node, and wherever the interpreter's own is right, that is
 * used.
 */
export function regexVisitor(program: Program): Visitor {
  return {
    RegExpLiteral(path) {
      const { parent } = path;
      const splits =
        t.isCallExpression(parent) &&
        t.isMemberExpression(parent.callee) &&
        t.isIdentifier(parent.callee.property, { name: "split" });
      replaceRegex(program, path, path.node.pattern, path.node.flags, splits);
    },
    "NewExpression|CallExpression"(path: NodePath) {
      const { callee, arguments: given } = path.node as t.NewExpression;
      if (!t.isIdentifier(callee, { name: "RegExp" }) || path.scope.hasBinding("RegExp", true)) return;
      const [pattern, flags] = given;
      if (t.isStringLiteral(pattern) && (!flags || t.isStringLiteral(flags))) {
        replaceRegex(program, path, pattern.value, flags ? (flags as t.StringLiteral).value : "");
      }
    },
  };
}

/** The methods of strings that take a regular expression, once the program has one of ours. */
export function regexCallVisitor(program: Program): Visitor {
  return {
    CallExpression(path) {
      const { callee, arguments: given } = path.node;
      if (!t.isMemberExpression(callee) || callee.computed || !t.isIdentifier(callee.property)) return;
      const [what] = given;
      if (!what || t.isStringLiteral(what) || t.isTemplateLiteral(what) || t.isRegExpLiteral(what)) return;
      const { name } = callee.property;
      const helper =
        name === "match"
          ? "$matchIn"
          : name === "split"
            ? "$splitIn"
            : name === "replace" || name === "replaceAll"
              ? "$replaceIn"
              : undefined;
      if (!helper) return;
      path.replaceWith(t.callExpression(program.helper(helper), [callee.object as t.Expression, ...given]));
    },
  };
}

function replaceRegex(
  program: Program,
  path: NodePath,
  pattern: string,
  flags: string,
  splits = false,
): void {
  const regex = parseRegex(pattern, flags.includes("u"));
  if (regex && isNative(regex, flags, pattern) && !(splits && regex.captures > 0)) {
    if (path.isRegExpLiteral()) path.node.pattern = escapeSlashes(pattern);
    return;
  }
  const steps = regex && compile(regex, flags);
  if (!steps || steps.length > STEPS_MAX) {
    program.refuse(path.node, {
      code: "MK1246",
      message:
        "This regular expression is beyond both Espruino's matcher and the one that the build can add.",
      remedy: "Split the text by hand, or use several smaller expressions.",
    });
    return;
  }
  const names = Object.keys(regex.names).length > 0 ? [t.valueToNode(regex.names)] : [];
  path.replaceWith(
    t.callExpression(program.helper("$regex"), [
      t.valueToNode(steps),
      t.stringLiteral(pattern),
      t.stringLiteral(flags),
      ...names,
    ]),
  );
  path.skip();
}

/** A literal ends at the first plain slash for Espruino, even in a class: `[^/]`. */
function escapeSlashes(pattern: string): string {
  return pattern.replace(/\\.|\//gs, (part) => (part === "/" ? "\\/" : part));
}

const STEPS_MAX = 600;

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

function compile(regex: Regex, flags: string): Step[] {
  const compiler = new Compiler(regex, flags);
  compiler.all(regex.body);
  compiler.steps.push([14, 2 * regex.captures + 2]);
  return compiler.steps;
}

/** Whether Espruino's own matcher is right: every repeated part must end where something else begins. */
function isNative(regex: Regex, flags: string, pattern: string): boolean {
  if (
    /[^gi]/.test(flags) ||
    regex.body.length > 1 ||
    /\\[ux]|\(\?|\[\^?\]|\\[bB\]\\]|\[[^\]]*\[/.test(pattern)
  )
    return false;
  const sequence = (regex.body[0] ?? []).flatMap((node) =>
    node.kind === "group" ? (node.body.length === 1 ? [...(node.body[0] ?? [])] : [OPEN]) : [node],
  );
  return sequence.every((node, index) => {
    if (node === OPEN || node.kind === "look" || node.kind === "group" || node.kind === "again") return false;
    if (node.kind === "start") return index === 0;
    if (node.kind === "end") return index === sequence.length - 1;
    if (node.kind !== "repeat") return true;
    if (node.lazy || node.max !== Number.POSITIVE_INFINITY || node.min > 1) return false;
    if (node.node.kind !== "set" && node.node.kind !== "char" && node.node.kind !== "any") return false;
    const next = sequence[index + 1];
    if (next === undefined) return node.min === 1 || index > 0;
    if (next.kind === "end") return node.min === 1;
    return (
      next.kind === "char" && node.node.kind !== "any" && !accepts(node.node, next.text, flags.includes("i"))
    );
  });
}

const OPEN: RegexNode = { kind: "look", body: [], negated: false, behind: false };

function accepts(node: RegexNode, text: string, fold: boolean): boolean {
  const same = (one: string): boolean => {
    if (node.kind === "char") return node.text === one;
    if (node.kind !== "set") return true;
    const code = one.charCodeAt(0);
    return node.ranges.some(([from, to]) => code >= from && code <= to) !== node.negated;
  };
  return fold ? same(text.toLowerCase()) || same(text.toUpperCase()) : same(text);
}
