import { type NodePath, types as t } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { isCertainArray, isKnownArray, keyName } from "../../program/syntax.ts";
import { ARRAY_PATCHES } from "./array-sources.ts";

type Call = NodePath<t.CallExpression>;

/** The method that a call needs in our own form, because the interpreter's would show a difference. */
export function patchFor(path: Call): string | undefined {
  const { callee, arguments: given } = path.node;
  if (!t.isMemberExpression(callee)) return undefined;
  const name = keyName(callee.property, callee.computed);
  if (name === undefined || !Object.hasOwn(NEEDS, name) || !Object.hasOwn(ARRAY_PATCHES, name))
    return undefined;
  if (t.isStringLiteral(callee.object) || t.isTemplateLiteral(callee.object)) return undefined;
  return NEEDS[name]?.(path, given as t.Expression[]) ? name : undefined;
}

const NEEDS: Readonly<Record<string, (path: Call, given: readonly t.Expression[]) => boolean>> = {
  concat: (path, given) => given.some((one) => mayBeUndefined(path, one)),
  fill: (_, given) => given.length > 1 && !given.slice(1).every(isPosition),
  find: (_, given) => takesThis(given),
  findIndex: (path, given) => takesThis(given) || hasHoles(path),
  indexOf: (_, given) => mayBeNaN(given[0]) || (given.length > 1 && !isForward(given[1])),
  reduce: (path, given) => given.length > 1 && mayBeUndefined(path, given[1]),
  splice: (_, given) => given.length === 0 || (given.length > 1 && !isPosition(given[1])),
  ...Object.fromEntries(
    ["every", "filter", "forEach", "map", "some"].map((name) => [
      name,
      (path: Call, given: readonly t.Expression[]) => mayBeNoObject(path, given[1]),
    ]),
  ),
};

/** The interpreter takes for \`this\` nothing but plain objects: it throws for a list, a function or a number. */
function mayBeNoObject(path: NodePath, node: t.Expression | undefined): boolean {
  if (node === undefined || t.isThisExpression(node) || t.isObjectExpression(node)) return false;
  if (t.isNewExpression(node))
    return t.isIdentifier(node.callee) && /^(Array|Function|String|Number|Boolean)$/.test(node.callee.name);
  if (!t.isIdentifier(node)) return true;
  if (node.name === "undefined") return false;
  const binding = path.scope.getBinding(node.name);
  const made = binding?.path.node;
  if (!binding?.constant || !t.isVariableDeclarator(made) || !made.init || t.isIdentifier(made.init))
    return true;
  return mayBeNoObject(path, made.init);
}

/** \`find(f, self)\`, where the function is one that has a \`this\`. */
function takesThis(given: readonly t.Expression[]): boolean {
  return given.length > 1 && !t.isArrowFunctionExpression(given[0]);
}

/** Whether the program makes arrays of a length without filling them. */
function hasHoles(path: NodePath): boolean {
  const program = path.scope.getProgramParent().path.node;
  const known = holey.get(program);
  if (known !== undefined) return known;
  let found = false;
  const filled = new Set<t.Node>();
  t.traverseFast(program, (node) => {
    if (t.isMemberExpression(node) && t.isIdentifier(node.property, { name: "fill" }))
      filled.add(node.object);
    if (filled.has(node) || !(t.isNewExpression(node) || t.isCallExpression(node))) return;
    if (t.isIdentifier(node.callee, { name: "Array" }) && node.arguments.length === 1) found = true;
  });
  holey.set(program, found);
  return found;
}

const holey = new WeakMap<t.Node, boolean>();

function isPosition(node: t.Node | undefined): boolean {
  return t.isNumericLiteral(node) && Number.isInteger(node.value) && node.value < 2 ** 31;
}

/** \`at + 1\`, which is not below 0 for what \`indexOf\` has given. */
export function isForward(node: t.Node | undefined): boolean {
  if (isPosition(node)) return true;
  if (t.isUpdateExpression(node, { operator: "++" })) return true;
  if (!t.isBinaryExpression(node, { operator: "+" })) return false;
  const isLength =
    t.isMemberExpression(node.right) && keyName(node.right.property, node.right.computed) === "length";
  return isLength || (t.isNumericLiteral(node.right) && node.right.value >= 1);
}

const MAKES_NAN = new Set(["Number", "parseFloat", "parseInt"]);

function mayBeNaN(node: t.Node | undefined): boolean {
  if (t.isIdentifier(node, { name: "NaN" })) return true;
  if (t.isMemberExpression(node)) return keyName(node.property, node.computed) === "NaN";
  if (t.isBinaryExpression(node)) return node.operator === "/" || node.operator === "%";
  if (t.isUnaryExpression(node, { operator: "+" })) return true;
  if (!t.isCallExpression(node)) return false;
  const { callee } = node;
  const maker = t.isMemberExpression(callee)
    ? keyName(callee.property, callee.computed)
    : keyName(callee, false);
  return MAKES_NAN.has(maker ?? "");
}

const NEVER_UNDEFINED = new Set([
  ...[
    "ArrayExpression",
    "ObjectExpression",
    "NewExpression",
    "FunctionExpression",
    "ArrowFunctionExpression",
  ],
  ...["StringLiteral", "NumericLiteral", "BooleanLiteral", "NullLiteral", "TemplateLiteral", "RegExpLiteral"],
  ...["BinaryExpression", "UpdateExpression", "ThisExpression"],
]);

/** Whether a value may be undefined: the interpreter leaves such an argument out. */
function mayBeUndefined(path: NodePath, node: t.Node | undefined, depth = 0): boolean {
  if (node === undefined || depth > 4) return true;
  if (t.isIdentifier(node)) return variableMayBe(path, node.name, depth);
  if (NEVER_UNDEFINED.has(node.type) || isKnownArray(node)) return false;
  const also = (other: t.Node) => mayBeUndefined(path, other, depth + 1);
  if (t.isUnaryExpression(node)) return node.operator === "void";
  if (t.isLogicalExpression(node))
    return node.operator === "&&" ? also(node.left) || also(node.right) : also(node.right);
  if (t.isConditionalExpression(node)) return also(node.consequent) || also(node.alternate);
  if (t.isAssignmentExpression(node, { operator: "=" })) return also(node.right);
  if (t.isCallExpression(node)) return !isConversion(node.callee);
  return true;
}

function variableMayBe(path: NodePath, name: string, depth: number): boolean {
  const binding = path.scope.getBinding(name);
  if (!binding || !t.isVariableDeclarator(binding.path.node) || !binding.path.node.init) return true;
  const values = binding.constantViolations.map(({ node: write }) =>
    t.isAssignmentExpression(write, { operator: "=" }) ? write.right : undefined,
  );
  return [binding.path.node.init, ...values].some(
    (value) => !value || mayBeUndefined(path, value, depth + 1),
  );
}

const CONVERSIONS = ["String", "Number", "Boolean", "parseInt", "parseFloat"];

function isConversion(callee: t.Node): boolean {
  return t.isIdentifier(callee) && CONVERSIONS.includes(callee.name);
}

const ON_LIKE = new Set([
  ...["slice", "push", "pop", "shift", "unshift", "reverse", "sort", "splice", "fill", "copyWithin"],
]);

/** \`[].push.call(o, x)\`: the interpreter's own method does this for arrays only. */
export function lowerBorrowed(program: Program, path: Call): void {
  const { callee, arguments: given } = path.node;
  if (!t.isMemberExpression(callee) || !t.isMemberExpression(callee.object)) return;
  const how = keyName(callee.property, callee.computed);
  const name = keyName(callee.object.property, callee.object.computed);
  const holder = callee.object.object;
  if (how !== "call" && how !== "apply") return;
  if (!t.isArrayExpression(holder) || holder.elements.length > 0 || !name || !ON_LIKE.has(name)) return;
  const [target, ...others] = given as t.Expression[];
  if (!target || isArray(path, target)) return;
  const list = how === "apply" ? (others[0] ?? t.arrayExpression([])) : t.arrayExpression(others);
  path.replaceWith(t.callExpression(program.helper("$onLike"), [t.stringLiteral(name), target, list]));
}

/** Whether an expression is an array, or a constant that holds one. */
export function isArray(path: NodePath, node: t.Node): boolean {
  if (isCertainArray(node)) return true;
  if (!t.isIdentifier(node)) return false;
  if (node.name === "arguments") return true;
  const binding = path.scope.getBinding(node.name);
  const made = binding?.path.node;
  return !!binding?.constant && t.isVariableDeclarator(made) && !!made.init && isArray(path, made.init);
}
