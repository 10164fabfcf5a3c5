import { type NodePath, types as t } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { keyName, undefinedValue } from "../../program/syntax.ts";
import { constantOf } from "./constant-value.ts";

/** Calls of \`JSON.parse\` and \`JSON.stringify\`. */
export function correctJson(
  program: Program,
  path: NodePath<t.CallExpression>,
  name: string | undefined,
): void {
  const given = path.node.arguments as t.Expression[];
  if (name === "parse") {
    if (given.length > 1) program.parts.add("reviver");
    const [text, ...others] = given;
    const read =
      program.hasByteTexts && text
        ? [t.callExpression(program.helper("$readText"), [text]), ...others]
        : given;
    path.replaceWith(t.callExpression(program.helper("$parse"), read));
    return;
  }
  const [value] = given;
  if (name !== "stringify" || !value) return;
  const constant = given.length === 1 ? constantOf(value) : undefined;
  if (constant) {
    const text = JSON.stringify(constant.value);
    path.replaceWith(text === undefined ? undefinedValue() : t.stringLiteral(text));
    return;
  }
  if (given.length > 1 || (needsMore(program) && !isPlain(path, value))) {
    path.replaceWith(t.callExpression(program.helper("$stringify"), given));
  } else if (!isData(value)) {
    path.replaceWith(t.callExpression(program.helper("$json"), given));
  }
  if (program.hasByteTexts && !isNumeric(value)) {
    path.replaceWith(t.callExpression(program.helper("$writeText"), [path.node]));
    path.skip();
  }
}

function isNumeric(node: t.Node): boolean {
  return (
    t.isUpdateExpression(node) || (t.isBinaryExpression(node) && /^[-*/%&|^]$|^[<>]/.test(node.operator))
  );
}

/** A value that is neither undefined nor a function, and no circle by itself. */
function isData(node: t.Node): boolean {
  if (t.isObjectExpression(node) || t.isArrayExpression(node) || t.isTemplateLiteral(node)) return true;
  if (t.isBinaryExpression(node) || t.isUnaryExpression(node, { operator: "!" })) return true;
  if (t.isCallExpression(node) && t.isMemberExpression(node.callee)) {
    const { object, property } = node.callee;
    return t.isIdentifier(object, { name: "Object" }) && DATA_CALLS.has(keyName(property, false) ?? "");
  }
  return t.isConditionalExpression(node) && isData(node.consequent) && isData(node.alternate);
}

const DATA_CALLS = new Set(["keys", "entries", "values", "fromEntries", "assign"]);

const PLAIN_CALLS = new Set([
  "toFixed",
  "toString",
  "toUpperCase",
  "toLowerCase",
  "trim",
  "join",
  "charCodeAt",
  "getTime",
]);

/** Numbers, texts and the like, and literals of such: all of it is known to have no members but those that show. */
function isPlain(path: NodePath, node: t.Node | null): boolean {
  if (node === null || constantOf(node)) return true;
  if (t.isArrayExpression(node)) return node.elements.every((one) => isPlain(path, one));
  if (t.isObjectExpression(node))
    return node.properties.every((one) => t.isObjectProperty(one) && isPlain(path, one.value));
  if (t.isTemplateLiteral(node) || t.isBinaryExpression(node) || t.isUnaryExpression(node)) return true;
  if (t.isConditionalExpression(node)) return isPlain(path, node.consequent) && isPlain(path, node.alternate);
  if (t.isMemberExpression(node)) return t.isIdentifier(node.property, { name: "length" }) && !node.computed;
  if (t.isCallExpression(node)) {
    const { callee } = node;
    if (t.isIdentifier(callee))
      return /^(String|Number|Boolean|parseInt|parseFloat|isNaN)$/.test(callee.name);
    if (!t.isMemberExpression(callee) || callee.computed) return false;
    const isMath =
      t.isIdentifier(callee.object, { name: "Math" }) || t.isIdentifier(callee.object, { name: "Date" });
    return isMath || PLAIN_CALLS.has(keyName(callee.property, false) ?? "");
  }
  if (!t.isIdentifier(node)) return false;
  const binding = path.scope.getBinding(node.name);
  const bound = binding?.path.node;
  const fixed = binding?.constantViolations.length === 0 && t.isVariableDeclarator(bound);
  return (
    fixed &&
    !t.isIdentifier(bound.init) &&
    !!bound.init &&
    !hasMembers(bound.init) &&
    isPlain(path, bound.init)
  );
}

/** Members of what a name holds may be added later. */
function hasMembers(node: t.Node): boolean {
  return t.isObjectExpression(node) || t.isArrayExpression(node);
}

const searched = new WeakMap<Program, boolean>();

/**
 * Whether the program has what the interpreter's own leaves out or writes otherwise: getters of objects, methods
 * `toJSON` (whose results it takes as they are), and typed arrays.
 */
function needsMore(program: Program): boolean {
  let found = searched.get(program);
  if (found !== undefined) return found;
  found = false;
  t.traverseFast(program.tree, (node) => {
    if (t.isObjectMethod(node, { kind: "get" })) found = true;
    if (t.isObjectMember(node) || t.isClassMethod(node) || t.isClassProperty(node)) {
      const name = keyName(node.key, node.computed ?? false);
      if (name === "toJSON" || (name === "get" && isDescriptor(node))) found = true;
    }
    if (t.isIdentifier(node) && /^(Uint|Int|Float)\d+(Clamped)?Array$/.test(node.name)) found = true;
  });
  searched.set(program, found);
  return found;
}

function isDescriptor(node: t.Node): boolean {
  return t.isObjectProperty(node) ? t.isFunction(node.value) : t.isObjectMethod(node);
}
