import { type NodePath, types as t, type Visitor } from "@babel/core";
import { isOwnMember } from "../../program/own-members.ts";
import type { HelperName, Program } from "../../program/program.ts";
import { keyName } from "../../program/syntax.ts";

/** Functions of `Object` that Espruino has for plain objects only, or with other results. */
export function objectCallCorrections(program: Program): Visitor {
  return {
    CallExpression: {
      exit(path) {
        const { callee, arguments: given } = path.node;
        if (!t.isMemberExpression(callee)) return;
        const name = keyName(callee.property, callee.computed);
        if (lowerInherited(program, path)) return;
        if (isGlobalObject(path, callee.object)) {
          if (name === "getPrototypeOf" && !hasPrototype(given[0])) {
            path.node.callee = program.helper("$protoOf");
          }
          if (name === "assign" && takesOthers(path)) path.node.callee = program.helper("$merge");
        }
      },
    },
    MemberExpression: {
      exit(path) {
        const { node, parent } = path;
        const name = keyName(node.property, node.computed);
        if (name !== undefined && INHERITED.has(name)) keepInherited(program, path);
        if ((name !== "assign" && name !== "getPrototypeOf") || !isGlobalObject(path, node.object)) return;
        const isCalled = t.isCallExpression(parent) && parent.callee === node;
        const isSet = t.isAssignmentExpression(parent) && parent.left === node;
        if (!isCalled && !isSet) path.replaceWith(program.helper(name === "assign" ? "$merge" : "$protoOf"));
      },
    },
  };
}

function isGlobalObject(path: NodePath, node: t.Node): boolean {
  return t.isIdentifier(node, { name: "Object" }) && !path.scope.hasBinding("Object", true);
}

/** What every object has by the standard. A fill on the prototype of all objects would be listed by every `for…in`. */
const INHERITED: ReadonlyMap<string, HelperName> = new Map<string, HelperName>([
  ["isPrototypeOf", "$isPrototypeOf"],
  ["propertyIsEnumerable", "$isEnumerable"],
]);

function inheritedHelper(program: Program, node: t.Node): HelperName | undefined {
  const name = t.isMemberExpression(node) ? keyName(node.property, node.computed) : undefined;
  return name === undefined || isOwnMember(program, name) ? undefined : INHERITED.get(name);
}

/** Lowers `o.isPrototypeOf(x)` and `isPrototypeOf.call(o, x)`. */
function lowerInherited(program: Program, path: NodePath<t.CallExpression>): boolean {
  const callee = path.node.callee as t.MemberExpression;
  const given = path.node.arguments;
  const own = inheritedHelper(program, callee);
  if (own && given.length === 1) {
    path.replaceWith(t.callExpression(program.helper(own), [callee.object as t.Expression, ...given]));
    return true;
  }
  const held = callee.object as t.Node & { inherited?: HelperName };
  if (keyName(callee.property, callee.computed) !== "call" || !held.inherited) return false;
  path.replaceWith(t.callExpression(program.helper(held.inherited), given));
  return true;
}

/** The method as a value. */
function keepInherited(program: Program, path: NodePath<t.MemberExpression>): void {
  const helper = inheritedHelper(program, path.node);
  const { parent, node } = path;
  const isCallee = t.isCallExpression(parent) && parent.callee === node;
  if (!helper || isCallee || !isObjectPrototype(path.get("object") as NodePath)) return;
  const key = t.identifier(program.fresh("k"));
  const call = t.callExpression(program.helper(helper), [t.thisExpression(), t.cloneNode(key)]);
  const made = t.functionExpression(null, [key], t.blockStatement([t.returnStatement(call)]));
  path.replaceWith(Object.assign(made, { inherited: helper }));
  path.skip();
}

/** An object that is not the last of its chain for certain. */
function hasPrototype(node: t.Node | undefined): boolean {
  return (
    t.isThisExpression(node) || t.isNewExpression(node) || t.isFunction(node) || t.isArrayExpression(node)
  );
}

/** `Object.assign` throws for a function or an array as target, and for a text, a number or false as source. */
function takesOthers(path: NodePath<t.CallExpression>): boolean {
  const [target, ...sources] = path.node.arguments;
  return (
    t.isArrayExpression(target) ||
    t.isFunction(target) ||
    isKnownFunction(path, target) ||
    sources.some((source) => t.isLogicalExpression(source) || t.isConditionalExpression(source))
  );
}

function isKnownFunction(path: NodePath, node: t.Node | undefined): boolean {
  if (!t.isIdentifier(node)) return false;
  const declared = path.scope.getBinding(node.name)?.path.node;
  const value = t.isVariableDeclarator(declared) ? declared.init : declared;
  return t.isFunction(value) || t.isClass(value) || t.isArrayExpression(value);
}

/** How many names may stand between a use and `Object.prototype`. */
const NAMES_MAX = 4;

function isObjectPrototype(path: NodePath, names = NAMES_MAX): boolean {
  const { node } = path;
  if (t.isObjectExpression(node)) return node.properties.length === 0;
  if (t.isMemberExpression(node))
    return keyName(node.property, node.computed) === "prototype" && isGlobalObject(path, node.object);
  const held = heldBy(path);
  return (
    held !== undefined && held.key === undefined && names > 0 && isObjectPrototype(held.value, names - 1)
  );
}

/** What a name that never changes is declared with; with `key`, it is that member of the value. */
function heldBy(path: NodePath): { value: NodePath; key: string | undefined } | undefined {
  if (!path.isIdentifier()) return undefined;
  const { name } = path.node;
  const binding = path.scope.getBinding(name);
  if (!binding || binding.constantViolations.length > 0 || !binding.path.isVariableDeclarator())
    return undefined;
  const { id } = binding.path.node;
  const value = binding.path.get("init");
  if (Array.isArray(value) || !value.node) return undefined;
  if (t.isIdentifier(id)) return { value: value as NodePath, key: undefined };
  if (!t.isObjectPattern(id)) return undefined;
  for (const one of id.properties) {
    if (!t.isObjectProperty(one) || !t.isIdentifier(one.value, { name })) continue;
    return { value: value as NodePath, key: keyName(one.key, one.computed) };
  }
  return undefined;
}
