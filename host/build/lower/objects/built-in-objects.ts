import { type NodePath, types as t, type Visitor } from "@babel/core";
import { ERROR_NAMES } from "../../program/error-names.ts";
import { MISSING_METHODS, MISSING_STATICS } from "../../program/missing.ts";
import type { Program } from "../../program/program.ts";
import { keyName } from "../../program/syntax.ts";

/** Built-in objects as values: their classes, and the members that they have of their own. */
export function builtInCorrections(program: Program): Visitor {
  return {
    CallExpression(path) {
      nameClass(program, path);
      if (path.isCallExpression()) answerOwn(path);
    },
    MemberExpression: {
      exit(path) {
        const { node, parent } = path;
        if (!isClassMethod(path, node)) return;
        const isWritten = t.isAssignmentExpression(parent) && parent.left === node;
        const isCalled = t.isCallExpression(parent) && parent.callee === node;
        const isBorrowed = t.isMemberExpression(parent);
        if (isWritten || isCalled || isBorrowed || t.isBinaryExpression(parent)) return;
        if (!isOnlyBorrowed(path)) path.replaceWith(named(program, "$classOfThis"));
      },
    },
  };
}

function named(program: Program, helper: "$classOf" | "$classOfThis"): t.Identifier {
  program.helper("$kinds");
  return program.helper(helper);
}

function isFree(path: NodePath, node: t.Node, name: string): boolean {
  return t.isIdentifier(node, { name }) && !path.scope.hasBinding(name, true);
}

/** `Object.prototype.toString`, `{}.toString`, or a constant that holds one of them. */
function isClassMethod(path: NodePath, node: t.Node, followed = false): boolean {
  if (t.isIdentifier(node) && !followed) {
    const binding = path.scope.getBinding(node.name);
    const made = binding?.path.node;
    return (
      !!binding?.constant &&
      t.isVariableDeclarator(made) &&
      !!made.init &&
      isClassMethod(path, made.init, true)
    );
  }
  if (!t.isMemberExpression(node) || keyName(node.property, node.computed) !== "toString") return false;
  const { object } = node;
  if (t.isObjectExpression(object)) return object.properties.length === 0;
  return (
    t.isMemberExpression(object) &&
    isFree(path, object.object, "Object") &&
    keyName(object.property, object.computed) === "prototype"
  );
}

/** Whether the constant that holds the method is used in calls of its `call` alone, which become calls of the helper. */
function isOnlyBorrowed(path: NodePath): boolean {
  const { parent } = path;
  if (!t.isVariableDeclarator(parent) || !t.isIdentifier(parent.id)) return false;
  const binding = path.scope.getBinding(parent.id.name);
  if (!binding?.constant) return false;
  return binding.referencePaths.every(({ parent: use }) => {
    return t.isMemberExpression(use) && keyName(use.property, use.computed) === "call";
  });
}

const NAMESPACES: ReadonlySet<string> = new Set(["Math", "JSON", "Reflect", "Atomics"]);

function isErrorPrototype(path: NodePath, node: t.Node): boolean {
  if (!t.isMemberExpression(node) || keyName(node.property, node.computed) !== "prototype") return false;
  const { object } = node;
  return t.isIdentifier(object) && ERROR_NAMES.has(object.name) && !path.scope.hasBinding(object.name, true);
}

/** `Object.prototype.toString.call(x)`: the interpreter's own gives the text of the value. */
function nameClass(program: Program, path: NodePath<t.CallExpression>): void {
  const { callee, arguments: given } = path.node;
  if (!t.isMemberExpression(callee) || keyName(callee.property, callee.computed) !== "call") return;
  if (!isClassMethod(path, callee.object)) return;
  const [value = t.identifier("undefined")] = given;
  if (t.isSpreadElement(value)) return;
  const known = isErrorPrototype(path, value)
    ? "Object"
    : t.isIdentifier(value) && !path.scope.hasBinding(value.name, true)
      ? NAMESPACES.has(value.name)
        ? value.name
        : value.name === "arguments" && path.getFunctionParent()
          ? "Arguments"
          : undefined
      : undefined;
  if (known) path.replaceWith(t.stringLiteral(`[object ${known}]`));
  else path.replaceWith(t.callExpression(named(program, "$classOf"), [value]));
}

const BUILT_IN: ReadonlySet<string> = new Set(
  (
    "Array ArrayBuffer Boolean DataView Date Error Function JSON Map Math Number Object Promise RegExp Set String Symbol " +
    "TypeError SyntaxError ReferenceError RangeError WeakMap WeakSet Float32Array Float64Array Int16Array Int32Array " +
    "Int8Array Uint16Array Uint32Array Uint8Array Uint8ClampedArray"
  ).split(" "),
);

/**
 * `Array.prototype.hasOwnProperty("at")`: the interpreter finds only what a program has set. What a fill supplies is
 * there too, because the name of the member alone brings it.
 */
function answerOwn(path: NodePath<t.CallExpression>): void {
  const { callee, arguments: given } = path.node;
  if (!t.isMemberExpression(callee)) return;
  const method = keyName(callee.property, callee.computed);
  let holder: t.Node | undefined;
  let key: t.Node | undefined;
  if (method === "hasOwnProperty") [holder, key] = [callee.object, given[0]];
  else if (method === "hasOwn" && isFree(path, callee.object, "Object")) [holder, key] = given;
  if (!holder || !t.isStringLiteral(key)) return;
  if (t.isIdentifier(holder)) {
    const binding = path.scope.getBinding(holder.name);
    const made = binding?.path.node;
    if (binding?.constant && t.isVariableDeclarator(made) && made.init) holder = made.init;
  }
  const isPrototype =
    t.isMemberExpression(holder) && keyName(holder.property, holder.computed) === "prototype";
  const object = isPrototype ? (holder as t.MemberExpression).object : holder;
  if (!t.isIdentifier(object) || !BUILT_IN.has(object.name) || path.scope.hasBinding(object.name, true))
    return;
  const missing = isPrototype
    ? Object.hasOwn(MISSING_METHODS, key.value)
    : Object.hasOwn(MISSING_STATICS, `${object.name}.${key.value}`);
  const built = (globalThis as unknown as Record<string, { prototype?: object }>)[object.name];
  const own = isPrototype ? built?.prototype : built;
  if (own && !missing && Object.hasOwn(own, key.value)) path.replaceWith(t.booleanLiteral(true));
}

/** `Object.create` with properties, which Espruino does not take, and `defineProperties`, which loses numeric keys. */
export function defineAll(
  program: Program,
  path: NodePath<t.CallExpression>,
  name: string | undefined,
): void {
  const [first, properties] = path.node.arguments as t.Expression[];
  if (!first || !properties || (name !== "create" && name !== "defineProperties")) return;
  if (name === "create") {
    const isMissing = t.isIdentifier(properties, { name: "undefined" }) || t.isUnaryExpression(properties);
    path.node.arguments = [first];
    if (isMissing) return;
  } else if (hasPlainNames(properties)) return;
  const target = name === "create" ? path.node : first;
  path.replaceWith(t.callExpression(program.helper("$defineAll"), [target, properties]));
}

function hasPlainNames(node: t.Expression): boolean {
  if (!t.isObjectExpression(node)) return false;
  return node.properties.every((one) => {
    if (t.isSpreadElement(one)) return false;
    return /^[^\d]/.test(keyName(one.key, one.computed) ?? "0");
  });
}
