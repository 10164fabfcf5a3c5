import { types as t } from "@babel/core";
import { childNodes } from "../../program/child-nodes.ts";
import { giveEmptyMessage } from "../../program/error-names.ts";
import type { Program } from "../../program/program.ts";
import { become } from "../../program/syntax.ts";

export interface SuperHome {
  readonly program: Program;
  readonly parent: t.Expression | undefined;
  /** The parent is one of the interpreter's own errors, whose constructors cannot be called on an object. */
  readonly error: boolean;
}

/** `super` in all members of a class, as calls on the parent with `this`. */
export function lowerSuper(home: SuperHome, node: t.Class): void {
  for (const member of node.body.body) {
    const fixed = t.isStaticBlock(member) || ("static" in member && member.static === true);
    replaceIn(home, member, fixed);
  }
}

function replaceIn(home: SuperHome, node: t.Node, fixed: boolean): void {
  for (const child of childNodes(node)) {
    const isClosed = t.isFunction(child) && !t.isArrowFunctionExpression(child);
    if (isClosed || t.isClass(child)) continue;
    replaceOne(home, child, fixed);
    replaceIn(home, child, fixed);
  }
}

function replaceOne(home: SuperHome, node: t.Node, fixed: boolean): void {
  if (t.isCallExpression(node) && t.isSuper(node.callee)) {
    become(node, parentCall(home, node));
  } else if (t.isCallExpression(node) && isSuperMember(node.callee)) {
    const method = onParent(home, node.callee as t.MemberExpression, fixed);
    node.callee = t.memberExpression(method, t.identifier("call"));
    node.arguments.unshift(t.thisExpression());
  } else if (t.isAssignmentExpression(node) && isSuperMember(node.left)) {
    assignment(home, node, fixed);
  } else if (isSuperMember(node)) {
    const method = onParent(home, node as t.MemberExpression, fixed);
    become(node, fixed ? method : read(home, node as t.MemberExpression, method.object as t.Expression));
  }
}

/** `super.x = v` runs the parent's setter where there is one, and else makes a property of `this`. */
function assignment(home: SuperHome, node: t.AssignmentExpression, fixed: boolean): void {
  const left = node.left as t.MemberExpression;
  const from = onParent(home, left, fixed).object as t.Expression;
  if (fixed || node.operator !== "=") {
    left.object = t.thisExpression();
    return;
  }
  const given = [from, keyOf(left), t.thisExpression(), node.right];
  replaceIn(home, node, fixed);
  given[3] = node.right;
  become(node, t.callExpression(home.program.helper("$set"), given));
}

function keyOf(member: t.MemberExpression): t.Expression {
  if (member.computed) return member.property as t.Expression;
  return t.stringLiteral((member.property as t.Identifier).name);
}

/** What is left of `super.x` after calls and assignments is a read, perhaps of an accessor. */
function read(home: SuperHome, member: t.MemberExpression, from: t.Expression): t.Expression {
  return t.callExpression(home.program.helper("$get"), [from, keyOf(member), t.thisExpression()]);
}

function isSuperMember(node: t.Node): boolean {
  return t.isMemberExpression(node) && t.isSuper(node.object);
}

function onParent(home: SuperHome, member: t.MemberExpression, fixed: boolean): t.MemberExpression {
  const parent = home.parent ? t.cloneNode(home.parent) : t.identifier("Object");
  const object = fixed ? parent : t.memberExpression(parent, t.identifier("prototype"));
  return t.memberExpression(object, t.cloneNode(member.property) as t.Expression, member.computed);
}

function parentCall(home: SuperHome, node: t.CallExpression): t.Expression {
  if (home.error) {
    if (node.arguments.length === 0) giveEmptyMessage(home.program, (home.parent as t.Identifier).name);
    return marked(t.callExpression(errorMaker(home.program), [t.thisExpression(), ...node.arguments]));
  }
  const parent = t.cloneNode(home.parent as t.Expression);
  const [only] = node.arguments;
  if (node.arguments.length === 1 && t.isSpreadElement(only)) {
    const apply = t.memberExpression(parent, t.identifier("apply"));
    return marked(t.callExpression(apply, [t.thisExpression(), t.arrayExpression([only])]));
  }
  const call = t.memberExpression(parent, t.identifier("call"));
  return marked(t.callExpression(call, [t.thisExpression(), ...node.arguments]));
}

/** Does the work of an error's constructor on an existing object. */
export function errorMaker(program: Program): t.Identifier {
  return program.helper(program.traits.stacks ? "$tracedError" : "$error");
}

function marked(node: t.CallExpression): t.CallExpression {
  return Object.assign(node, { parentCall: true });
}
