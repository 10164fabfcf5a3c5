import { type NodePath, types as t, type Visitor } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { compileRegex, STEPS_MAX } from "./compile-regex.ts";
import { parseRegex, type Regex, type RegexNode } from "./regex-syntax.ts";

/**
 * Regular expressions. Espruino's matcher has no counts, look-around or lazy forms, and is wrong at the end of the
 * text wherever an optional part stands there. What it has right stays; the rest is compiled here to steps for a
 * small matcher of our own, which does not recurse. On Node, and wherever the interpreter's own is right, that is
 * used.
 */
export function regexLiteralVisitor(program: Program): Visitor {
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
  const steps = regex && compileRegex(regex, flags);
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
