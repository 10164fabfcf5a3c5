import { type NodePath, types as t } from "@babel/core";
import { isOwnMember } from "../../program/own-members.ts";
import type { Program } from "../../program/program.ts";
import { isCertainArray, keyName } from "../../program/syntax.ts";
import { changesItsList } from "../loops/changing-lists.ts";
import { lowerBorrowed, patchFor } from "./array-calls.ts";
import { ARRAY_FILLS, ARRAY_PATCHES, SHARED_WITH_TYPED, TYPED_FILLS } from "./array-sources.ts";
import { fillViews, isViewMethod } from "./data-views.ts";
import { STATIC_VALUES, typedArrayFill } from "./fill-sources.ts";
import { lowerSearch } from "./text-search.ts";
import { TYPED_ARRAY } from "./typed-calls.ts";

/** What a program uses of arrays and typed arrays, gathered during a walk. */
export interface ArrayUse {
  readonly methods: Set<string>;
  readonly patches: Set<string>;
  /** Methods that typed arrays have in another form, called on what may be one. */
  readonly typed: Set<string>;
  readonly kinds: Set<string>;
  /** Reads and writes of a DataView. */
  readonly views: Set<string>;
  /** \`from\` and \`of\` of what may be a kind of typed array. */
  readonly makers: Set<string>;
  readonly loops: NodePath<t.ForInStatement>[];
}

export function createArrayUse(): ArrayUse {
  return {
    methods: new Set(),
    patches: new Set(),
    typed: new Set(),
    kinds: new Set(),
    views: new Set(),
    makers: new Set(),
    loops: [],
  };
}

export function noteName(use: ArrayUse, name: string): void {
  if (TYPED_ARRAY.test(name) || name === "ArrayBuffer") use.kinds.add(name);
}

/** A member that is called, or taken to be called later. */
export function noteMember(use: ArrayUse, path: NodePath<t.MemberExpression>, name: string): void {
  const { object } = path.node;
  if (isViewMethod(name)) use.views.add(name);
  if ((name === "from" || name === "of") && !t.isThisExpression(object)) use.makers.add(name);
  if (name === "buffer") use.kinds.add("ArrayBuffer");
  if (Object.hasOwn(ARRAY_FILLS, name) && !isCollection(path, object)) use.methods.add(name);
  const plain = isCertainArray(object) || t.isStringLiteral(object) || t.isTemplateLiteral(object);
  if (name === "BYTES_PER_ELEMENT" || (Object.hasOwn(TYPED_FILLS, name) && !plain && !mayStay(path, name)))
    use.typed.add(name);
}

export function noteCall(program: Program, use: ArrayUse, path: NodePath<t.CallExpression>): void {
  countElements(program, use, path);
  const patch = patchFor(path);
  if (patch) use.patches.add(patch);
  lowerBorrowed(program, path);
  lowerSearch(program, path);
}

/** A method whose callback may change the list: the interpreter goes from element to element, and not by number. */
function countElements(program: Program, use: ArrayUse, path: NodePath<t.CallExpression>): void {
  const { callee, arguments: given } = path.node;
  if (!t.isMemberExpression(callee) || !changesItsList(callee.property)) return;
  const name = keyName(callee.property, callee.computed);
  if (name === undefined) return;
  if (name === "reduce") use.patches.add(name);
  else {
    noteMember(use, path.get("callee") as NodePath<t.MemberExpression>, name);
    program.parts.add(name);
    const list = callee.object as t.Expression;
    path.replaceWith(t.callExpression(program.helper("$visit"), [list, t.stringLiteral(name), ...given]));
  }
}

/** The interpreter's own `subarray` is right unless an end is given. */
function mayStay(path: NodePath<t.MemberExpression>, name: string): boolean {
  const { parent } = path;
  return name === "subarray" && t.isCallExpression(parent) && parent.arguments.length < 2;
}

/** A variable that holds a Map or a Set for certain, which has methods of these names of its own. */
function isCollection(path: NodePath, node: t.Node): boolean {
  if (!t.isIdentifier(node)) return false;
  const binding = path.scope.getBinding(node.name);
  const made = binding?.path.node;
  if (!binding?.constant || !t.isVariableDeclarator(made)) return false;
  const { init } = made;
  const first = t.isCallExpression(init) ? init.arguments[0] : init;
  return t.isNewExpression(first) && t.isIdentifier(first.callee) && /^\$?(Map|Set)$/.test(first.callee.name);
}

/** Gives the prototypes what the program uses, once all of it is known. */
export function fillArrays(program: Program, use: ArrayUse): void {
  const { fills } = program;
  const { methods, patches, typed } = use;
  for (const name of methods) {
    if (!patches.has(name)) fills.add(`[].${name} || (Array.prototype.${name} = ${ARRAY_FILLS[name]});`);
  }
  for (const name of patches) fills.add(patched("Array", "[]", name, ARRAY_PATCHES[name] as string));
  fillViews(program, use.views);
  const kinds = [...use.kinds].filter((kind) => kind !== "ArrayBuffer");
  for (const maker of use.makers) {
    if (isOwnMember(program, maker)) continue;
    for (const kind of kinds) for (const fill of typedArrayFill(`${kind}.${maker}`)) fills.add(fill);
  }
  for (const kind of kinds) for (const fill of typedFills(kind, use)) fills.add(fill);
  if (typed.has("slice") && use.kinds.has("ArrayBuffer")) {
    fills.add(
      `ArrayBuffer.prototype.slice || (ArrayBuffer.prototype.slice = function (a, b) { return new Uint8Array([].slice.call(new Uint8Array(this), a, b)).buffer; });`,
    );
  }
  if (methods.size + patches.size === 0) return;
  // The interpreter lists what is on the prototype of arrays, too.
  for (const { node } of use.loops) {
    if (!t.isObjectExpression(node.right))
      node.right = t.callExpression(program.helper("$bare"), [node.right]);
  }
}

function typedFills(kind: string, { methods, patches, typed }: ArrayUse): string[] {
  const own = `${kind}.prototype`;
  const made = `new ${kind}(1)`;
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const name of methods) {
    if (SHARED_WITH_TYPED.has(name))
      missing.push(`${made}.${name} || (${own}.${name} = Array.prototype.${name});`);
  }
  for (const name of patches) {
    if (SHARED_WITH_TYPED.has(name)) wrong.push(`${own}.${name} = Array.prototype.${name};`);
  }
  for (const name of typed) {
    if (name === "BYTES_PER_ELEMENT") {
      wrong.push(`${own}.${name} = ${STATIC_VALUES[`${kind}.${name}`]};`);
      continue;
    }
    const source = (TYPED_FILLS[name] as string).replaceAll(/\bK\b/g, kind);
    if (Object.hasOwn(ARRAY_FILLS, name)) missing.push(`${made}.${name} || (${own}.${name} = ${source});`);
    else wrong.push(patched(kind, made, name, source));
  }
  // Node has all of these right, and would list them in a loop over a typed array's keys.
  return wrong.length === 0
    ? missing
    : [...missing, `if (typeof Symbol != "function") { ${wrong.join(" ")} }`];
}

function patched(kind: string, made: string, name: string, source: string): string {
  const statement = `${kind}.prototype.${name} = ${source};`;
  if (!/\bnative\b/.test(source)) return statement;
  return `(function (native) { ${statement} })(${made}.${name});`;
}

export function memberName(node: t.MemberExpression): string | undefined {
  return keyName(node.property, node.computed && !t.isStringLiteral(node.property));
}
