import { type NodePath, types as t } from "@babel/core";
import { constantOf } from "../corrections/constant-value.ts";

/** Whether a replacement is a text without `$` for certain, so that it means itself. */
export function isPlainText(path: NodePath, node: t.Node): boolean {
  const constant = constantOf(node);
  if (constant) return !String(constant.value).includes("$");
  if (t.isTemplateLiteral(node)) {
    const texts = node.quasis.every(({ value }) => !(value.cooked ?? "$").includes("$"));
    return texts && node.expressions.every((one) => isPlainText(path, one));
  }
  if (t.isBinaryExpression(node)) {
    return node.operator !== "+" || (isPlainText(path, node.left) && isPlainText(path, node.right));
  }
  if (t.isConditionalExpression(node))
    return isPlainText(path, node.consequent) && isPlainText(path, node.alternate);
  if (t.isUnaryExpression(node) || t.isUpdateExpression(node)) return true;
  if (t.isMemberExpression(node)) return t.isIdentifier(node.property, { name: "length" }) && !node.computed;
  if (t.isCallExpression(node)) return isPlainCall(path, node);
  if (!t.isIdentifier(node)) return false;
  const binding = path.scope.getBinding(node.name);
  const bound = binding?.path.node;
  if (binding?.constantViolations.length !== 0 || !t.isVariableDeclarator(bound) || !bound.init) return false;
  return !t.isIdentifier(bound.init) && isPlainText(path, bound.init);
}

const NUMBER_METHODS = new Set([
  "toFixed",
  "toPrecision",
  "toExponential",
  "toISOString",
  "getTime",
  "charCodeAt",
]);
/** They give parts of the text that they are called on. */
const TEXT_METHODS = new Set([
  "toUpperCase",
  "toLowerCase",
  "trim",
  "slice",
  "substr",
  "substring",
  "repeat",
  "toString",
]);

function isPlainCall(path: NodePath, { callee, arguments: given }: t.CallExpression): boolean {
  if (t.isIdentifier(callee, { name: "String" }) || t.isIdentifier(callee, { name: "Number" }))
    return callee.name === "Number" || (given.length === 1 && isPlainText(path, given[0] as t.Node));
  if (!t.isMemberExpression(callee) || callee.computed || !t.isIdentifier(callee.property)) return false;
  if (t.isIdentifier(callee.object, { name: "Math" })) return true;
  if (NUMBER_METHODS.has(callee.property.name)) return true;
  if (callee.property.name === "toString" && given.length === 1) return true;
  return TEXT_METHODS.has(callee.property.name) && isPlainText(path, callee.object);
}

const SIGN = /\$(\$|&|`|'|\d\d?|$)/;

/** Whether the interpreter's own `replace` fills in a text with `$` rightly: it knows `$1` to `$9`. */
export function isNativeReplacement(text: string, captures: number): boolean {
  return (
    text.split(/\$[1-9]/).every((part) => !part.includes("$")) &&
    groupsIn(text).every((n) => n <= captures && captures < 10)
  );
}

function groupsIn(text: string): number[] {
  return [...text.matchAll(/\$([1-9])/g)].map((found) => Number(found[1]));
}

/** `"<$&>"` as a function, for an expression with so many groups. */
export function replacer(text: string, captures: number): t.Expression {
  const names = ["m", ...Array.from({ length: captures }, (_, index) => `g${index + 1}`), "at", "s"];
  const part = (name: string): t.Expression => t.identifier(name);
  const slice = (...given: t.Expression[]): t.Expression =>
    t.callExpression(t.memberExpression(part("s"), t.identifier("slice")), given);
  const parts: t.Expression[] = [t.stringLiteral("")];
  let used = 1;
  let rest = text;
  while (rest !== "") {
    const found = SIGN.exec(rest);
    const before = found ? rest.slice(0, found.index) : rest;
    if (before !== "") parts.push(t.stringLiteral(before));
    if (!found) break;
    let [taken, sign = ""] = found;
    if (sign === "$" || sign === "") parts.push(t.stringLiteral("$"));
    else if (sign === "&") parts.push(part("m"));
    else if (sign === "`" || sign === "'") {
      used = names.length;
      const end = t.binaryExpression("+", part("at"), t.memberExpression(part("m"), t.identifier("length")));
      parts.push(sign === "`" ? slice(t.numericLiteral(0), part("at")) : slice(end));
    } else {
      if (Number(sign) > captures || Number(sign) === 0) sign = sign.slice(0, 1);
      const number = Number(sign);
      taken = `$${sign}`;
      used = Math.max(used, number + 1);
      parts.push(number > 0 && number <= captures ? part(names[number] as string) : t.stringLiteral(taken));
    }
    rest = rest.slice(found.index + taken.length);
  }
  const sum = parts.reduce((left, right) => t.binaryExpression("+", left, right));
  return t.arrowFunctionExpression(
    names.slice(0, used).map((name) => t.identifier(name)),
    sum,
  );
}
