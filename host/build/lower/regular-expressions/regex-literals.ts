import { type NodePath, types as t, type Visitor } from "@babel/core";
import { isOwnMember } from "../../program/own-members.ts";
import type { Program } from "../../program/program.ts";
import { throwing } from "../../program/syntax.ts";
import { compileRegex, STEPS_MAX } from "./compile-regex.ts";
import { nativePattern, type RegexUse } from "./native-regex.ts";
import { parseRegex } from "./regex-syntax.ts";
import { writtenRegex } from "./written-regex.ts";

/**
 * Regular expressions. Espruino's matcher has no counts, look-around or lazy forms, and is wrong at the end of the
 * text wherever an optional part stands there. Expressions that it handles correctly are unchanged. The others are compiled to steps for
 * motekit's own small matcher, which does not recurse. On Node, and wherever the interpreter's own is right, that is
 * used.
 */
export function regexLiteralVisitor(program: Program): Visitor {
  return {
    RegExpLiteral(path) {
      replaceRegex(program, path, path.node.pattern, path.node.flags);
    },
    "NewExpression|CallExpression"(path: NodePath) {
      const { callee, arguments: given } = path.node as t.NewExpression;
      const method = methodOf(callee);
      if (method === "match" || method === "search" || method === "matchAll")
        replaceText(program, path, given[0], method);
      if (!t.isIdentifier(callee, { name: "RegExp" }) || path.scope.hasBinding("RegExp", true)) return;
      const [pattern, flags] = given;
      if (t.isStringLiteral(pattern) && (!flags || t.isStringLiteral(flags))) {
        replaceRegex(program, path, pattern.value, flags ? (flags as t.StringLiteral).value : "");
      } else if (pattern) guardPattern(program, path as NodePath<t.NewExpression>);
    },
  };
}

/** `text.match("a.c")` takes the text for a pattern, which Espruino does not. */
function replaceText(program: Program, path: NodePath, given: t.Node | undefined, method: string): void {
  if (!t.isStringLiteral(given) || !/[\\^$.*+?()[\]{}|]/.test(given.value) || isOwnMember(program, method))
    return;
  const place = path.get("arguments") as NodePath[];
  const [argument] = place;
  if (argument) replaceRegex(program, argument, given.value, method === "matchAll" ? "g" : "");
}

const BEYOND = /\(\?|[*+?)\]}][?]|[^\\(]\?|\{\d|\\[bBkpP1-9]|\)[*+{]|\(.*\|/;

/** A pattern that is created at run time uses the interpreter's matcher: unsupported syntax is refused, or throws. */
function guardPattern(program: Program, path: NodePath<t.NewExpression>): void {
  const [pattern, flags] = path.node.arguments;
  const known = pattern && writtenRegex(program, path, pattern);
  if (known && !flags && t.isCallExpression(path.node as t.Node)) {
    path.replaceWith(pattern as t.Expression);
    return;
  }
  if (known && (!flags || t.isStringLiteral(flags))) {
    replaceRegex(program, path, known.source, flags ? (flags as t.StringLiteral).value : known.flags);
    return;
  }
  const text = textsIn(pattern as t.Node).join(" ");
  if (BEYOND.test(text)) {
    program.refuse(path.node, {
      code: "MK1246",
      message:
        "This pattern is built at run time and uses features that Espruino's regular expressions lack: counts, optional parts, word boundaries, look-around, or alternatives in groups.",
      remedy: "Write the whole pattern as a literal, or search with string methods such as indexOf.",
    });
    return;
  }
  path.replaceWith(t.callExpression(program.helper("$RegExp"), path.node.arguments));
  path.skip();
}

/** The texts that a sum or a template is made of. */
function textsIn(node: t.Node): string[] {
  if (t.isStringLiteral(node)) return [node.value];
  if (t.isTemplateLiteral(node))
    return [...node.quasis.map(({ value }) => value.cooked ?? ""), ...node.expressions.flatMap(textsIn)];
  return t.isBinaryExpression(node, { operator: "+" }) ? [...textsIn(node.left), ...textsIn(node.right)] : [];
}

/** Why the standard does not take the expression; undefined where it does. */
function faultOf(pattern: string, flags: string): string | undefined {
  if (/[^dgimsuvy]|(.).*\1/.test(flags)) return `Invalid flags supplied to RegExp constructor '${flags}'`;
  try {
    parseRegex(pattern, flags.includes("u"));
    // Ours takes more: "?a", and a range that ends before it begins.
    if (!flags.includes("v")) new RegExp(pattern, flags);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (error.message.startsWith("Invalid regular expression")) return error.message;
    return `Invalid regular expression: /${pattern}/${flags}: ${error.message}`;
  }
}

/** The standard throws when it comes to the expression; Espruino takes any. A literal is an error of the whole program. */
function replaceInvalid(program: Program, path: NodePath, message: string): void {
  if (path.isRegExpLiteral()) {
    program.refuse(path.node, { code: "MK1246", message, remedy: "Correct the regular expression." });
    return;
  }
  path.replaceWith(throwing("SyntaxError", message));
  path.skip();
}

function replaceRegex(program: Program, path: NodePath, pattern: string, flags: string): void {
  const invalid = faultOf(pattern, flags);
  if (invalid !== undefined) {
    replaceInvalid(program, path, invalid);
    return;
  }
  flags = [...flags].sort().join("");
  const regex = parseRegex(pattern, flags.includes("u"));
  const native = regex && nativePattern(regex, flags, useOf(program, path));
  if (native !== undefined) {
    const kept = flags.replace("s", "");
    const literal = { ...t.regExpLiteral(native, kept), extra: { source: pattern, flags } };
    path.replaceWith(
      native === ""
        ? t.newExpression(t.identifier("RegExp"), [t.stringLiteral(""), t.stringLiteral(kept)])
        : literal,
    );
    path.skip();
    return;
  }
  const compiled = regex && compileRegex(regex, flags);
  if (!compiled || compiled.steps.length > STEPS_MAX) {
    program.refuse(path.node, {
      code: "MK1246",
      message:
        "Neither Espruino nor motekit supports this regular expression: it has a group in a lookbehind, or it is too long.",
      remedy: "Split the text by hand, or use several smaller expressions.",
    });
    return;
  }
  for (const part of compiled.parts) program.parts.add(part);
  const hasNames = Object.keys(regex.names).length > 0;
  if (regex.captures > 0) program.parts.add("keep");
  if (hasNames) program.parts.add("names");
  path.replaceWith(
    t.callExpression(program.helper("$regex"), [
      t.valueToNode(compiled.steps),
      t.stringLiteral(pattern),
      t.stringLiteral(flags),
      ...(regex.captures > 0 ? [t.numericLiteral(2 * regex.captures + 2)] : []),
      ...(hasNames ? [t.valueToNode(regex.names)] : []),
    ]),
  );
  path.skip();
}

/** What the program does with the expression, where it stands or by the one name that it has. */
function useOf(program: Program, path: NodePath): RegexUse {
  const uses = [path];
  const { parentPath } = path;
  if (parentPath?.isVariableDeclarator() && t.isIdentifier(parentPath.node.id)) {
    const binding = path.scope.getBinding(parentPath.node.id.name);
    if (binding?.constantViolations.length === 0) uses.splice(0, 1, ...binding.referencePaths);
  }
  const splits = uses.some(isSeparator) || (splitsByUnknown(program) && !uses.every(isKnownUse));
  const steps = uses.some((use) => memberOf(use) === "exec");
  return { tests: uses.every(isTested), splits, steps };
}

function isTested(use: NodePath): boolean {
  return memberOf(use) === "test" && t.isCallExpression(use.parentPath?.parent);
}

/** The member that is asked of it. */
function memberOf({ node, parent }: NodePath): string | undefined {
  const isObject = t.isMemberExpression(parent) && parent.object === node && !parent.computed;
  return isObject && t.isIdentifier(parent.property) ? parent.property.name : undefined;
}

function isSeparator({ node, parent }: NodePath): boolean {
  return isArgument(node, parent) && methodOf((parent as t.CallExpression).callee) === "split";
}

function isArgument(node: t.Node, parent: t.Node): boolean {
  return (t.isCallExpression(parent) || t.isOptionalCallExpression(parent)) && parent.arguments[0] === node;
}

function methodOf(callee: t.Node): string | undefined {
  const isMember = t.isMemberExpression(callee) || t.isOptionalMemberExpression(callee);
  return isMember && !callee.computed && t.isIdentifier(callee.property) ? callee.property.name : undefined;
}

const PATTERN_METHODS = new Set(["match", "replace", "replaceAll", "search", "matchAll"]);

/** A method of the expression, or an argument that stays one. */
function isKnownUse({ node, parent }: NodePath): boolean {
  if (t.isMemberExpression(parent)) return parent.object === node;
  return isArgument(node, parent) && PATTERN_METHODS.has(methodOf((parent as t.CallExpression).callee) ?? "");
}

const searched = new WeakMap<Program, boolean>();

/** Whether the program splits by something that only the board knows, which may be any expression. */
function splitsByUnknown(program: Program): boolean {
  let found = searched.get(program);
  if (found !== undefined) return found;
  found = false;
  t.traverseFast(program.tree, (node) => {
    if (!t.isCallExpression(node) && !t.isOptionalCallExpression(node)) return;
    const [by] = node.arguments;
    const isKnown = t.isStringLiteral(by) || t.isTemplateLiteral(by) || t.isRegExpLiteral(by);
    if (by && !isKnown && methodOf(node.callee) === "split") found = true;
  });
  searched.set(program, found);
  return found;
}
