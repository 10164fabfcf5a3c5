import { type NodePath, types as t, type Visitor } from "@babel/core";
import { ERROR_NAMES } from "../../program/error-names.ts";
import type { Program } from "../../program/program.ts";
import { keyName, throwing } from "../../program/syntax.ts";
import { TYPED_ARRAY } from "../fills/typed-calls.ts";

/**
 * Calls and operations that the build knows to throw a TypeError: Espruino takes a Symbol for a text, and calls a
 * constructor without `new`.
 */
export function knownThrowCorrections(program: Program): Visitor {
  const isSymbol = (path: NodePath, node: t.Node | null | undefined): boolean =>
    program.traits.symbols && !!node && isKnownSymbol(path, node);
  return {
    CallExpression(path) {
      const { callee, arguments: given } = path.node;
      if (t.isIdentifier(callee) && needsNew(callee.name) && !path.scope.hasBinding(callee.name, true)) {
        throwInstead(path, `Constructor ${callee.name} requires 'new'`);
      } else if (
        t.isMemberExpression(callee) &&
        keyName(callee.property, callee.computed) === "toString" &&
        isSymbol(path, callee.object)
      ) {
        path.replaceWith(t.callExpression(program.helper("$symbolText"), [callee.object]));
      } else replaceSymbols(given, (at) => isSymbol(path, given[at]) && isConverted(path, callee, at));
    },
    NewExpression(path) {
      const { callee, arguments: given } = path.node;
      if (!t.isIdentifier(callee) || path.scope.hasBinding(callee.name, true)) return;
      const { name } = callee;
      if (NO_CONSTRUCTORS.has(name)) throwInstead(path, `${name} is not a constructor`);
      else if (name === "Date" || ERROR_NAMES.has(name))
        replaceSymbols(given, (at) => isSymbol(path, given[at]));
    },
    BinaryExpression(path) {
      const { operator, left, right } = path.node;
      if (!ARITHMETIC.test(operator)) return;
      if (isSymbol(path, left)) path.node.left = conversion();
      else if (isSymbol(path, right)) path.node.right = conversion();
    },
    UnaryExpression(path) {
      if (!/^[-+~]$/.test(path.node.operator)) return;
      if (isSymbol(path, path.node.argument)) path.node.argument = conversion();
    },
    TemplateLiteral(path) {
      if (t.isTaggedTemplateExpression(path.parent)) return;
      const { expressions } = path.node;
      replaceSymbols(expressions, (at) => isSymbol(path, expressions[at]));
    },
    MemberExpression(path) {
      const { object, property, computed } = path.node;
      if (!t.isMemberExpression(object) || keyName(object.property, object.computed) !== "prototype") return;
      const name = keyName(property, computed) ?? "";
      const { object: kind } = object;
      const isWritten = t.isAssignmentExpression(path.parent) && path.parent.left === path.node;
      if (isWritten || !t.isIdentifier(kind) || !isAccessor(kind.name, name)) return;
      if (!path.scope.hasBinding(kind.name, true))
        throwInstead(path, `${kind.name}.prototype has no ${name}`);
    },
  };
}

const ARITHMETIC = /^([-+*/%&|^]|\*\*|<<|>>>?|[<>]=?)$/;

function conversion(): t.CallExpression {
  return throwing("TypeError", "Cannot convert a Symbol value");
}

function throwInstead(path: NodePath, message: string): void {
  path.replaceWith(throwing("TypeError", message));
  path.skip();
}

function replaceSymbols(list: (t.Node | null)[], isSymbolAt: (at: number) => boolean): void {
  list.forEach((_, at) => {
    if (isSymbolAt(at)) list[at] = conversion();
  });
}

/** `Symbol("a")`, or a constant that holds it. */
function isKnownSymbol(path: NodePath, node: t.Node): boolean {
  if (t.isCallExpression(node))
    return t.isIdentifier(node.callee, { name: "Symbol" }) && !path.scope.hasBinding("Symbol", true);
  if (!t.isIdentifier(node)) return false;
  const binding = path.scope.getBinding(node.name);
  const made = binding?.path.node;
  return (
    !!binding?.constant &&
    t.isVariableDeclarator(made) &&
    t.isCallExpression(made.init) &&
    isKnownSymbol(path, made.init)
  );
}

function needsNew(name: string): boolean {
  return NEEDS_NEW.has(name) || TYPED_ARRAY.test(name);
}

const NEEDS_NEW = new Set(["Map", "Set", "WeakMap", "WeakSet", "Promise", "DataView", "ArrayBuffer"]);
const NO_CONSTRUCTORS = new Set(["Symbol", "Math", "JSON", "parseInt", "parseFloat", "isNaN", "isFinite"]);

/** Whether the prototype has a getter of this name, which throws where it is not called on a value of the kind. */
function isAccessor(kind: string, name: string): boolean {
  if (kind === "Map" || kind === "Set") return name === "size";
  if (kind === "ArrayBuffer") return name === "byteLength";
  const isPart = name === "buffer" || name === "byteLength" || name === "byteOffset";
  if (kind === "DataView") return isPart;
  return TYPED_ARRAY.test(kind) && (isPart || name === "length");
}

const FUNCTIONS = new Set([
  ...["Number", "parseInt", "parseFloat", "isNaN", "isFinite"],
  ...["encodeURI", "encodeURIComponent", "decodeURI", "decodeURIComponent"],
]);

/** The arguments of methods that are converted to a number or to a text, whatever the method is called on. */
const CONVERTED: Readonly<Record<string, readonly number[]>> = {
  ...Object.fromEntries(
    [
      ...[
        "at",
        "charAt",
        "charCodeAt",
        "codePointAt",
        "flat",
        "join",
        "normalize",
        "repeat",
        "toExponential",
      ],
      ...["toFixed", "toPrecision", "toString", "with", "setTime"],
    ].map((name) => [name, [0]]),
  ),
  ...Object.fromEntries(["indexOf", "lastIndexOf", "includes", "set"].map((name) => [name, [1]])),
  ...Object.fromEntries(
    [
      "padStart",
      "padEnd",
      "startsWith",
      "endsWith",
      "slice",
      "splice",
      "subarray",
      "substr",
      "substring",
    ].map((name) => [name, [0, 1]]),
  ),
  fill: [1, 2],
  copyWithin: [0, 1, 2],
};

const OF_TEXTS = new Set(["indexOf", "lastIndexOf", "includes", "concat", "localeCompare"]);
const VIEW = /^[gs]et(Int|Uint|Float)(8|16|32|64)$/;
const DATE_PART = /^set(UTC)?(FullYear|Month|Date|Hours|Minutes|Seconds|Milliseconds)$/;

function isConverted(path: NodePath, callee: t.Node, at: number): boolean {
  if (t.isIdentifier(callee)) return FUNCTIONS.has(callee.name) && !path.scope.hasBinding(callee.name, true);
  if (!t.isMemberExpression(callee)) return false;
  const name = keyName(callee.property, callee.computed) ?? "";
  const { object } = callee;
  const holder = t.isIdentifier(object) ? object.name : "";
  if (holder === "Math") return true;
  if (holder === "String") return name !== "raw";
  if (/^(Object|Reflect|Array|Number|Promise|Symbol|JSON)$/.test(holder)) return false;
  if (VIEW.test(name)) return at < (name.startsWith("s") ? 2 : 1);
  if (DATE_PART.test(name)) return true;
  if (OF_TEXTS.has(name) && (t.isStringLiteral(object) || t.isTemplateLiteral(object))) return true;
  return Object.hasOwn(CONVERTED, name) && !!CONVERTED[name]?.includes(at);
}
