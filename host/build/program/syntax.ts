import { types as t } from "@babel/core";

/** Whether an expression can be repeated, because evaluating it has no side effects. */
export function isSimple(node: t.Node): boolean {
  if (t.isTemplateLiteral(node)) return node.expressions.length === 0;
  return t.isIdentifier(node) || t.isThisExpression(node) || t.isLiteral(node);
}

export function undefinedValue(): t.UnaryExpression {
  return t.unaryExpression("void", t.numericLiteral(0));
}

/** The name that a property key or a member access spells out; undefined where it is computed at run time. */
export function keyName(key: t.Node, computed: boolean): string | undefined {
  if (t.isStringLiteral(key)) return key.value;
  if (computed) return undefined;
  if (t.isIdentifier(key)) return key.name;
  return t.isNumericLiteral(key) ? String(key.value) : undefined;
}

export function assign(left: t.LVal, right: t.Expression): t.AssignmentExpression {
  return t.assignmentExpression("=", left as t.Identifier, right);
}

export function blockOf(node: t.Function): t.BlockStatement {
  if (!t.isBlockStatement(node.body)) node.body = t.blockStatement([t.returnStatement(node.body)]);
  if (t.isArrowFunctionExpression(node)) node.expression = false;
  return node.body;
}

/** Replaces a node in place, for nodes without a path. */
export function become(node: t.Node, other: t.Node): void {
  const target = node as unknown as Record<string, unknown>;
  for (const key of Object.keys(target)) {
    if (key !== "loc" && key !== "start" && key !== "end") delete target[key];
  }
  Object.assign(target, { ...other, loc: node.loc });
}

const LISTS = new Set(["split", "map", "filter", "slice", "concat", "splice", "sort", "reverse"]);
const OBJECT_LISTS = new Set(["keys", "values", "entries"]);

/** The methods among them that give an array whatever they are called on; others give a text or a typed array too. */
const ALWAYS_LISTS = new Set(["split", "splice"]);

/** Whether an expression is an array, and neither a text nor a typed array. */
export function isCertainArray(node: t.Node): boolean {
  if (!isKnownArray(node)) return false;
  if (!t.isCallExpression(node) || !t.isMemberExpression(node.callee)) return true;
  const { object, property, computed } = node.callee;
  if (t.isIdentifier(object, { name: "Object" })) return true;
  return ALWAYS_LISTS.has(keyName(property, computed) ?? "") || isCertainArray(object);
}

/** Whether an expression is a list that can be read by index without a check. */
export function isKnownArray(node: t.Node): boolean {
  if (t.isArrayExpression(node)) return true;
  if (!t.isCallExpression(node) || !t.isMemberExpression(node.callee)) return false;
  const name = keyName(node.callee.property, node.callee.computed);
  if (name === undefined) return false;
  if (t.isIdentifier(node.callee.object, { name: "Object" })) return OBJECT_LISTS.has(name);
  return LISTS.has(name);
}

const RESERVED = new Set(
  "break case catch class const continue debugger default delete do else extends false finally for function if in instanceof let new null of return static super switch this throw true try typeof undefined var void while".split(
    " ",
  ),
);

/** Whether Espruino reads the name as a keyword, so that it cannot name a method of a class or an accessor. */
export function isKeyword(name: string): boolean {
  return RESERVED.has(name);
}

/** An expression that throws such an error, for a call that the build knows to throw. */
export function throwing(
  errorName: "RangeError" | "SyntaxError" | "TypeError",
  message: string,
): t.CallExpression {
  const error = t.newExpression(t.identifier(errorName), [t.stringLiteral(message)]);
  return t.callExpression(t.functionExpression(null, [], t.blockStatement([t.throwStatement(error)])), []);
}
