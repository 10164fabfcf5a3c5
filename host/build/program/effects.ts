import { type NodePath, types as t } from "@babel/core";
import { childNodes, eachOwnNode } from "./child-nodes.ts";
import { isOwnMember } from "./own-members.ts";
import type { Program } from "./program.ts";
import { keyName } from "./syntax.ts";

/** Functions of the standard library and of Espruino that call nothing of the program's, and change none of its values. */
const QUIET_FUNCTIONS: ReadonlySet<string> = new Set([
  ..."Number String Boolean parseInt parseFloat isNaN isFinite print getTime digitalRead digitalWrite".split(
    " ",
  ),
  ..."analogRead analogWrite setTimeout setInterval clearTimeout clearInterval setWatch clearWatch".split(
    " ",
  ),
]);
const QUIET_OBJECTS: ReadonlySet<string> = new Set([
  "Math",
  "Number",
  "String",
  "console",
  "Date",
  "JSON",
  "E",
]);
const QUIET_METHODS: ReadonlySet<string> = new Set([
  ..."charCodeAt charAt codePointAt substring substr slice indexOf lastIndexOf includes startsWith endsWith".split(
    " ",
  ),
  ..."padStart padEnd trim trimStart trimEnd toUpperCase toLowerCase split join concat repeat at".split(" "),
  ..."toString toFixed toPrecision toISOString getTime getFullYear getMonth getDate getHours getMinutes".split(
    " ",
  ),
  ..."getSeconds getMilliseconds getDay hasOwnProperty".split(" "),
]);
/** Methods that change the array, map or set that they are called on, and call nothing of the program's. */
const CHANGING_METHODS: ReadonlySet<string> = new Set([
  ..."push pop shift unshift splice reverse fill set add delete clear copyWithin".split(" "),
]);
/** Methods of arrays that call a function for each element, and do nothing else. */
const CALLING_METHODS: ReadonlySet<string> = new Set([
  ..."forEach map filter some every find findIndex reduce".split(" "),
]);
const QUIET_CLASSES: ReadonlySet<string> = new Set([
  ..."Error TypeError RangeError SyntaxError Date Map Set WeakMap WeakSet Array RegExp".split(" "),
  ..."Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array".split(
    " ",
  ),
  ..."ArrayBuffer DataView Uint8ClampedArray".split(" "),
]);

export interface Effects {
  /** Code of the program outside the node may run during its evaluation. */
  readonly runsCode: boolean;
  /** A variable or a member is set, or an array or a collection is changed. */
  readonly changes: boolean;
}

/** Finds the effects of running a node besides its value, as far as names tell. Functions in it are not run. */
export function effectsOf(program: Program, path: NodePath, node: t.Node): Effects {
  let runsCode = false;
  let changes = false;
  const isGlobal = (name: string) => !path.scope.hasBinding(name, true);
  const judgeCall = (callee: t.Node, given: readonly t.Node[]): void => {
    if (t.isIdentifier(callee)) {
      if (!QUIET_FUNCTIONS.has(callee.name) || !isGlobal(callee.name)) runsCode = true;
      return;
    }
    if (!t.isMemberExpression(callee) && !t.isOptionalMemberExpression(callee)) {
      runsCode = true;
      return;
    }
    const name = keyName(callee.property, callee.computed);
    const { object } = callee;
    if (t.isIdentifier(object) && QUIET_OBJECTS.has(object.name) && isGlobal(object.name)) return;
    if (name === undefined || isOwnMember(program, name)) runsCode = true;
    else if (CHANGING_METHODS.has(name)) changes = true;
    else if (CALLING_METHODS.has(name) && t.isFunction(given[0])) visit(given[0].body);
    else if (!QUIET_METHODS.has(name)) runsCode = true;
  };
  const visit = (inner: t.Node): void => {
    if (t.isFunction(inner)) return;
    if (t.isCallExpression(inner) || t.isOptionalCallExpression(inner))
      judgeCall(inner.callee, inner.arguments);
    else if (t.isNewExpression(inner)) {
      const { callee } = inner;
      if (!t.isIdentifier(callee) || !QUIET_CLASSES.has(callee.name) || !isGlobal(callee.name))
        runsCode = true;
    } else if (
      t.isTaggedTemplateExpression(inner) ||
      t.isAwaitExpression(inner) ||
      t.isYieldExpression(inner) ||
      ((t.isForOfStatement(inner) || t.isSpreadElement(inner)) && program.traits.iterators) ||
      t.isClass(inner)
    ) {
      runsCode = true;
    } else if (
      t.isAssignmentExpression(inner) ||
      t.isUpdateExpression(inner) ||
      t.isUnaryExpression(inner, { operator: "delete" })
    ) {
      changes = true;
    }
    for (const child of childNodes(inner)) visit(child);
  };
  visit(node);
  return { runsCode, changes };
}

/** Whether code contains an await or yield outside nested functions. */
export function waits(node: t.Node | null | undefined): boolean {
  if (!node) return false;
  if (t.isAwaitExpression(node) || t.isYieldExpression(node)) return true;
  if (t.isFunction(node) || t.isClass(node)) return false;
  let found = false;
  eachOwnNode(node, (inner) => {
    if (t.isAwaitExpression(inner) || t.isYieldExpression(inner)) found = true;
  });
  return found;
}
