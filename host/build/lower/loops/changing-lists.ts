import { type NodePath, types as t, type Visitor } from "@babel/core";
import { effectsOf } from "../../program/effects.ts";
import type { Program } from "../../program/program.ts";
import { isKnownArray, keyName } from "../../program/syntax.ts";

/**
 * Finds the loops over arrays that may lose or gain elements meanwhile. The interpreter goes from element to element,
 * so it misses some or visits one twice, while the standard uses an index. These loops are marked, and counted later; all
 * others keep the interpreter's own form.
 */
export function changingListCorrections(program: Program): Visitor {
  const loops: Loop[] = [];
  const changes: Change[] = [];
  return {
    Program: { exit: () => mark(loops, changes) },
    "CallExpression|OptionalCallExpression"(path: NodePath) {
      noteCall(program, path as NodePath<Call>, loops, changes);
    },
    ForOfStatement(path) {
      const { right, body } = path.node;
      const list = placeOf(path, right);
      if (list) loops.push({ mark: path.node, list, body, grows: false, ...runsCode(program, path, body) });
    },
    AssignmentExpression(path) {
      const { left } = path.node;
      if (!t.isMemberExpression(left)) return;
      const sets = left.computed ? left.property : left;
      if (!t.isMemberExpression(sets) || sets.computed || !t.isIdentifier(sets.property, { name: "length" }))
        return;
      noteChange(path, left.object, left.computed, changes);
    },
  };
}

const marked = new WeakSet<t.Node>();

/** Whether a loop, or the name of a method that takes a callback, was found to change its list. */
export function changesItsList(node: t.Node): boolean {
  return marked.has(node);
}

type Call = t.CallExpression | t.OptionalCallExpression;

/** What an array is called where it is used. An open place may hold an array that has other names too. */
interface Place {
  readonly name?: string | undefined;
  readonly isOpen: boolean;
}

interface Loop {
  readonly mark: t.Node;
  readonly list: Place;
  readonly body: t.Node | undefined;
  /** Whether elements that are only appended show a difference. */
  readonly grows: boolean;
  readonly runsCode: boolean;
}

interface Change {
  readonly list: Place;
  readonly appends: boolean;
  /** What the change stands in. */
  readonly within: ReadonlySet<t.Node>;
}

const CALLBACKS = new Set(["forEach", "map", "filter", "some", "every", "find", "findIndex", "reduce"]);
const CHANGES = new Set(["push", "pop", "shift", "unshift", "splice", "reverse", "sort"]);
/** They return the array itself. */
const SAME = new Set(["sort", "reverse"]);
const QUIET = new Set(["Number", "String", "Boolean", "parseInt", "parseFloat", "isNaN", "isFinite"]);

function noteCall(program: Program, path: NodePath<Call>, loops: Loop[], changes: Change[]): void {
  const { callee, arguments: given } = path.node;
  if (!t.isMemberExpression(callee) && !t.isOptionalMemberExpression(callee)) return;
  const name = keyName(callee.property, callee.computed);
  if (name === undefined) return;
  if (CHANGES.has(name)) noteChange(path, callee.object, name === "push", changes);
  const [callback] = given;
  if (!CALLBACKS.has(name) || given.length > 2 || !callback) return;
  if (t.isIdentifier(callback) && QUIET.has(callback.name) && !path.scope.hasBinding(callback.name, true))
    return;
  const body = functionOf(path, callback);
  const least = name === "reduce" ? 3 : 2;
  const showsList = !body || body.params.length > least || t.isRestElement(body.params.at(-1));
  const list = placeOf(path, callee.object) ?? (showsList ? { isOpen: true } : undefined);
  if (!list) return;
  const runs = body ? runsCode(program, path, body.body) : { runsCode: true };
  loops.push({ mark: callee.property, list, body, grows: true, ...runs });
}

function noteChange(path: NodePath, object: t.Node, appends: boolean, changes: Change[]): void {
  const list = placeOf(path, object);
  if (!list) return;
  const within = new Set<t.Node>();
  for (let up: NodePath | null = path; up; up = up.parentPath) within.add(up.node);
  changes.push({ list, appends, within });
}

function runsCode(program: Program, path: NodePath, body: t.Node): { runsCode: boolean } {
  return { runsCode: effectsOf(program, path, body).runsCode };
}

function functionOf(path: NodePath, node: t.Node): t.Function | undefined {
  if (t.isFunction(node)) return node;
  if (!t.isIdentifier(node)) return undefined;
  const binding = path.scope.getBinding(node.name);
  const bound = binding?.path.node;
  if (!binding || binding.constantViolations.length > 0) return undefined;
  const held = t.isVariableDeclarator(bound) ? bound.init : bound;
  return t.isFunction(held) ? held : undefined;
}

/** Where an array is kept; undefined for one that has just been made and has no other name. */
function placeOf(path: NodePath, node: t.Node | null | undefined, depth = 0): Place | undefined {
  if (!node || depth > 4) return { isOpen: true };
  if (t.isMemberExpression(node) || t.isOptionalMemberExpression(node)) {
    const name = keyName(node.property, node.computed);
    return { name, isOpen: name === undefined };
  }
  if (t.isLogicalExpression(node)) return placeOf(path, node.left, depth + 1);
  if (t.isCallExpression(node) && t.isMemberExpression(node.callee)) {
    const { object, property, computed } = node.callee;
    if (SAME.has(keyName(property, computed) ?? "")) return placeOf(path, object, depth + 1);
  }
  if (isMade(node)) return undefined;
  if (!t.isIdentifier(node)) return { isOpen: true };
  const binding = path.scope.getBinding(node.name);
  const bound = binding?.path.node;
  if (!t.isVariableDeclarator(bound) || !t.isIdentifier(bound.id)) return { name: node.name, isOpen: true };
  if (bound.init && isMade(bound.init)) return { name: node.name, isOpen: false };
  const isAlias = t.isMemberExpression(bound.init) && binding?.constantViolations.length === 0;
  const other = isAlias ? placeOf(path, bound.init, depth + 1) : undefined;
  return other ?? { name: node.name, isOpen: true };
}

function isMade(node: t.Node): boolean {
  if (isKnownArray(node) || t.isStringLiteral(node) || t.isTemplateLiteral(node)) return true;
  if (t.isNewExpression(node)) return true;
  return t.isCallExpression(node) && t.isIdentifier(node.callee, { name: "Array" });
}

function mark(loops: readonly Loop[], changes: readonly Change[]): void {
  for (const loop of loops) if (changes.some((change) => meets(loop, change))) marked.add(loop.mark);
}

function meets(loop: Loop, change: Change): boolean {
  if (change.appends && !loop.grows) return false;
  const inside = loop.body !== undefined && change.within.has(loop.body);
  const [one, other] = [loop.list, change.list];
  if (one.name === other.name) return inside || loop.runsCode;
  if (inside) return one.isOpen || other.isOpen;
  if (!loop.runsCode) return false;
  if (one.isOpen && (other.isOpen || !change.appends)) return true;
  return other.isOpen && mentions(loop.body, one.name);
}

/** Whether a function that the body calls may be given the list. */
function mentions(body: t.Node | undefined, name: string | undefined): boolean {
  let found = false;
  if (body)
    t.traverseFast(body, (node) => {
      if (t.isIdentifier(node) && node.name === name) found = true;
    });
  return found;
}
