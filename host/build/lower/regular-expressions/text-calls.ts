import { type NodePath, types as t, type Visitor } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { constantOf } from "../corrections/constant-value.ts";
import { type Chain, lowerChain } from "../expressions/operators.ts";
import { isNativeReplacement, isPlainText, replacer } from "./replacements.ts";
import { writtenRegex } from "./written-regex.ts";

/** What a first argument is, as far as the build knows: the interpreter's own expression, the prelude's, or a text. */
type Pattern =
  | { readonly kind: "native"; readonly global: boolean; readonly captures: number }
  | { readonly kind: "own"; readonly global: boolean }
  | { readonly kind: "text"; readonly text: string | undefined }
  | { readonly kind: "unknown" };

const METHODS = new Set(["match", "replace", "replaceAll", "split"]);

/** Methods of strings that take a pattern: those calls that Espruino gets wrong, or that its matcher may not serve. */
export function textCallVisitor(program: Program): Visitor {
  const facts = surveyRegexes(program);
  return {
    OptionalCallExpression(path) {
      const { callee, optional } = path.node;
      if (optional || !t.isOptionalMemberExpression(callee) || !methodOf(callee)) return;
      const whole = wholeChain(path);
      if (!mentionsClass(whole.node)) lowerChain(program, whole);
    },
    MemberExpression: (path) => foldMember(program, path, facts),
    CallExpression: {
      exit(path) {
        if (foldText(program, path)) return;
        const { callee, arguments: given } = path.node;
        const method = methodOf(callee);
        if (!t.isMemberExpression(callee) || !method || !given[0]) return;
        const call: TextCall = {
          program,
          facts,
          path,
          object: callee.object as t.Expression,
          given: given as t.Expression[],
          pattern: patternOf(program, path, given[0]),
        };
        if (method === "match") correctMatch(call);
        else if (method === "split") correctSplit(call);
        else correctReplace(call, method === "replaceAll");
      },
    },
  };
}

interface TextCall {
  readonly program: Program;
  readonly facts: RegexFacts;
  readonly path: NodePath<t.CallExpression>;
  readonly object: t.Expression;
  readonly given: t.Expression[];
  readonly pattern: Pattern;
}

interface RegexFacts {
  /** Some expression is in the program, so that an unknown argument may be one. */
  readonly some: boolean;
  /** Some expression finds all matches. */
  readonly global: boolean;
  readonly own: boolean;
  /** Some source is read, perhaps to make another expression of it. */
  readonly source: boolean;
}

function surveyRegexes(program: Program): RegexFacts {
  let some = false;
  let global = false;
  let source = false;
  t.traverseFast(program.tree, (node) => {
    if (t.isRegExpLiteral(node)) some = true;
    if (t.isRegExpLiteral(node) && node.flags.includes("g")) global = true;
    if (t.isIdentifier(node, { name: "RegExp" })) some = global = true;
    if (t.isIdentifier(node, { name: "source" })) source = true;
  });
  const own = program.helpers.has("$regex");
  if (own) program.parts.add("own");
  return { some: some || own, global: global || own, own, source };
}

const FLAGS: Readonly<Record<string, string>> = {
  global: "g",
  ignoreCase: "i",
  multiline: "m",
  sticky: "y",
  unicode: "u",
  dotAll: "s",
};

/** The interpreter's expressions have no flags but as a text, and none where there are none. */
function foldMember(program: Program, path: NodePath<t.MemberExpression>, facts: RegexFacts): void {
  const { object, property, computed } = path.node;
  if (computed || !t.isIdentifier(property) || !facts.some) return;
  const { name } = property;
  if (name !== "source" && name !== "flags" && !Object.hasOwn(FLAGS, name)) return;
  if (t.isAssignmentExpression(path.parent) && path.parent.left === path.node) return;
  const known = writtenRegex(program, path, object);
  if (!known) {
    if (name === "flags" && facts.source)
      program.fills.add(`RegExp.prototype.flags === void 0 && (RegExp.prototype.flags = "");`);
    return;
  }
  const sign = FLAGS[name];
  path.replaceWith(
    sign === undefined
      ? t.stringLiteral(name === "source" ? known.source : known.flags)
      : t.booleanLiteral(known.flags.includes(sign)),
  );
}

/** `String(/a/)` and `/a/.toString()`. */
function foldText(program: Program, path: NodePath<t.CallExpression>): boolean {
  const { callee, arguments: given } = path.node;
  const isMethod = t.isMemberExpression(callee) && !callee.computed && given.length === 0;
  const object =
    isMethod && t.isIdentifier(callee.property, { name: "toString" })
      ? callee.object
      : t.isIdentifier(callee, { name: "String" }) && given.length === 1
        ? given[0]
        : undefined;
  const known = object && writtenRegex(program, path, object);
  if (known) path.replaceWith(t.stringLiteral(`/${known.source}/${known.flags}`));
  return known !== undefined;
}

function methodOf(callee: t.Node): string | undefined {
  if (!t.isMemberExpression(callee) && !t.isOptionalMemberExpression(callee)) return undefined;
  if (callee.computed || !t.isIdentifier(callee.property)) return undefined;
  return METHODS.has(callee.property.name) ? callee.property.name : undefined;
}

function wholeChain(path: Chain): Chain {
  const { parent, parentPath } = path;
  const within =
    (t.isOptionalMemberExpression(parent) && parent.object === path.node) ||
    (t.isOptionalCallExpression(parent) && parent.callee === path.node);
  return within ? wholeChain(parentPath as Chain) : path;
}

/** Private names and `super` are for the pass for classes, which comes later. */
function mentionsClass(node: t.Node): boolean {
  let found = false;
  t.traverseFast(node, (inner) => {
    if (t.isPrivateName(inner) || t.isSuper(inner)) found = true;
  });
  return found;
}

function patternOf(program: Program, path: NodePath, node: t.Node): Pattern {
  if (t.isRegExpLiteral(node)) {
    const captures = node.pattern.replace(/\\.|\[(?:\\.|[^\]])*\]/g, "").split("(").length - 1;
    return { kind: "native", global: node.flags.includes("g"), captures };
  }
  if (t.isCallExpression(node) && program.isHelper(node.callee, "$regex")) {
    const flags = node.arguments[2];
    return { kind: "own", global: t.isStringLiteral(flags) && flags.value.includes("g") };
  }
  const constant = constantOf(node);
  if (typeof constant?.value === "string") return { kind: "text", text: constant.value };
  if (t.isTemplateLiteral(node)) return { kind: "text", text: undefined };
  if (t.isBinaryExpression(node, { operator: "+" })) {
    const sides = [node.left, node.right].some((side) => patternOf(program, path, side).kind === "text");
    return sides ? { kind: "text", text: undefined } : { kind: "unknown" };
  }
  if (t.isIdentifier(node)) {
    const binding = path.scope.getBinding(node.name);
    const bound = binding?.path.node;
    if (binding?.constantViolations.length === 0 && t.isVariableDeclarator(bound) && bound.init)
      return t.isIdentifier(bound.init) ? { kind: "unknown" } : patternOf(program, path, bound.init);
  }
  return { kind: "unknown" };
}

function helperCall(call: TextCall, name: "$match" | "$replace" | "$split", given = call.given): void {
  const { path, program, object } = call;
  path.replaceWith(t.callExpression(program.helper(name), [object, ...given]));
}

/** The interpreter gives an empty list where nothing is found by an expression with g. */
function correctMatch(call: TextCall): void {
  const { pattern, facts, path, object, given } = call;
  if (pattern.kind === "own" && !pattern.global && t.isCallExpression(given[0])) {
    path.replaceWith(t.callExpression(t.memberExpression(given[0], t.identifier("exec")), [object]));
    return;
  }
  if (pattern.kind === "text" || (pattern.kind === "native" && !pattern.global)) return;
  if (pattern.kind === "unknown" && !facts.global) return;
  const mayBeOwn = pattern.kind === "own" || (pattern.kind === "unknown" && facts.own);
  if (mayBeOwn || !isEmptyFine(path)) helperCall(call, "$match");
}

/** Whether null and an empty array have the same effect at the place where the result is used. */
function isEmptyFine({ node, parent }: NodePath): boolean {
  if (t.isMemberExpression(parent)) return parent.object === node;
  if (!t.isLogicalExpression(parent) || parent.left !== node || parent.operator === "&&") return false;
  return t.isArrayExpression(parent.right) && parent.right.elements.length === 0;
}

/** The interpreter does not support a limit, and returns an empty array for a string that is much shorter than its separator. */
function correctSplit(call: TextCall): void {
  const { pattern, facts, given } = call;
  const mayBeOwn = pattern.kind === "own" || (pattern.kind === "unknown" && facts.own);
  const mayBeLong =
    pattern.kind === "unknown" || (pattern.kind === "text" && (pattern.text?.length ?? 2) > 1);
  if (given.length > 1 || mayBeOwn || mayBeLong) helperCall(call, "$split");
}

function correctReplace(call: TextCall, all: boolean): void {
  const { pattern, path, given } = call;
  const by = given[1];
  if (!by) return;
  const makes = t.isFunction(by) || functionBound(path, by);
  const plain = makes || isPlainText(path, by);
  if (pattern.kind === "native") {
    if (!plain) correctReplacement(call, by, pattern.captures);
    return;
  }
  const constant = constantOf(by)?.value;
  if (pattern.kind === "text") {
    const { text } = pattern;
    if (text !== undefined && typeof constant === "string" && !/\$[`']/.test(constant)) {
      const filled = constant.replace(/\$[$&]/g, (sign) => (sign === "$$" ? "$" : text));
      path.node.arguments[1] = t.stringLiteral(filled);
      if (isFoundWhole(text) && (text !== "" || !all)) return;
    } else if (plain && !makes && isFoundWhole(text) && (!all || text)) return;
  }
  useReplace(call, all, plain);
}

/** The interpreter also finds the beginning of a longer text at the end of the other. */
function isFoundWhole(text: string | undefined): boolean {
  return text !== undefined && text.length < 2 && text < "\x80";
}

/** The interpreter fills in `$1` to `$9` only. */
function correctReplacement({ program, path }: TextCall, by: t.Expression, captures: number): void {
  const constant = constantOf(by)?.value;
  const given = path.node.arguments;
  if (typeof constant === "string") {
    if (!isNativeReplacement(constant, captures)) given[1] = replacer(constant, captures);
    return;
  }
  if (captures > 0) program.parts.add("groups");
  given[1] = t.callExpression(program.helper("$by"), [by]);
}

function useReplace(call: TextCall, all: boolean, plain: boolean): void {
  const { program, pattern, facts, path } = call;
  const mayBeRegex = pattern.kind !== "text" && facts.some;
  if (!plain) program.parts.add("expand");
  if (!plain && mayBeRegex) program.parts.add("groups");
  if (mayBeRegex) program.parts.add(plain ? "regexes" : "regex-expand");
  const given = path.node.arguments as t.Expression[];
  helperCall(call, "$replace", all ? [...given, t.numericLiteral(1)] : given);
}

function functionBound(path: NodePath, node: t.Expression): boolean {
  if (!t.isIdentifier(node)) return false;
  const bound = path.scope.getBinding(node.name)?.path.node;
  return t.isFunctionDeclaration(bound) || (t.isVariableDeclarator(bound) && t.isFunction(bound.init));
}
