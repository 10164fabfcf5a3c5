import { types as t } from "@babel/core";
import { childPlaces } from "../../program/child-nodes.ts";
import { waits } from "../../program/effects.ts";
import { assign, undefinedValue } from "../../program/syntax.ts";
import type { MachineWriter } from "./machine.ts";

/**
 * Moves the waits out of an expression: writes their states before it, and returns the remaining expression. Values that were
 * computed before a wait are stored in variables, so that the order of evaluation is unchanged.
 */
export function settle(machine: MachineWriter, node: t.Expression): t.Expression {
  if (!waits(node)) return node;
  if (t.isAwaitExpression(node)) return machine.suspend(settle(machine, node.argument), false);
  if (t.isYieldExpression(node)) return settleYield(machine, node);
  if (t.isLogicalExpression(node)) return settleLogical(machine, node);
  if (t.isConditionalExpression(node)) return settleChoice(machine, node);
  if (t.isSequenceExpression(node)) {
    const last = node.expressions.length - 1;
    node.expressions.slice(0, last).forEach((one) => {
      settleForEffect(machine, one);
    });
    return settle(machine, node.expressions[last] as t.Expression);
  }
  if (t.isAssignmentExpression(node)) return settleAssignment(machine, node);
  settleOperands(machine, operandsOf(node));
  return node;
}

/** The same where the value is not used. */
export function settleForEffect(machine: MachineWriter, node: t.Expression): void {
  if (t.isLogicalExpression(node) && waits(node.right) && node.operator !== "??") {
    const end = machine.spot();
    const left = settle(machine, node.left);
    machine.jumpUnless(node.operator === "&&" ? left : t.unaryExpression("!", left), end);
    settleForEffect(machine, node.right);
    machine.put(end);
    return;
  }
  const rest = settle(machine, node);
  if (!t.isIdentifier(rest) && !t.isLiteral(rest)) machine.run(rest);
}

export function kept(machine: MachineWriter, value: t.Expression): t.Expression {
  const name = machine.variable("w");
  machine.run(assign(name, value));
  return t.cloneNode(name);
}

function settleYield(machine: MachineWriter, node: t.YieldExpression): t.Expression {
  const value = node.argument
    ? settle(machine, node.argument)
    : t.unaryExpression("void", t.numericLiteral(0));
  const asynchronous = machine.kind === "asyncGenerator";
  if (!node.delegate) {
    const given = asynchronous ? machine.suspend(value, false) : value;
    return machine.suspend(given, true);
  }
  const open = machine.program.helper(asynchronous ? "$asyncIterator" : "$iterate");
  return delegate(machine, kept(machine, t.callExpression(open, [value])), asynchronous);
}

/** `yield*`: calls of the generator (next, throw, return) are forwarded to the inner iterator. */
function delegate(machine: MachineWriter, iterator: t.Expression, asynchronous: boolean): t.Expression {
  const mode = machine.variable("w");
  const sent = machine.variable("w");
  const step = machine.variable("w");
  const [again, thrown, returned, end] = [machine.spot(), machine.spot(), machine.spot(), machine.spot()];
  const outer = machine.handler;
  const set = (how: number, value: t.Expression) => {
    machine.run(assign(t.cloneNode(sent), value));
    machine.run(assign(t.cloneNode(mode), t.numericLiteral(how)));
  };
  const of = (name: string) => t.memberExpression(t.cloneNode(step), t.identifier(name));
  set(0, undefinedValue());
  machine.put(again);
  const resume = t.callExpression(machine.program.helper("$resume"), [
    iterator,
    t.cloneNode(mode),
    t.cloneNode(sent),
  ]);
  machine.run(assign(step, asynchronous ? machine.suspend(resume, false) : resume));
  machine.jumpUnless(t.unaryExpression("!", of("done")), end);
  machine.enter({ thrown, returned });
  set(0, machine.suspend(of("value"), true));
  machine.enter(outer);
  machine.jump(again);
  // The runtime disables a handler before it runs the handler.
  machine.put(thrown);
  machine.handler = { thrown: undefined, returned };
  machine.enter(outer);
  set(1, t.cloneNode(machine.value));
  machine.jump(again);
  machine.put(returned);
  machine.handler = { thrown: undefined, returned };
  machine.enter(outer);
  set(2, t.cloneNode(machine.value));
  machine.jump(again);
  machine.put(end);
  const ends = t.binaryExpression(">", t.cloneNode(mode), t.numericLiteral(1));
  machine.push(t.ifStatement(ends, t.blockStatement(machine.returning(of("value")))));
  return of("value");
}

function settleLogical(machine: MachineWriter, node: t.LogicalExpression): t.Expression {
  const left = settle(machine, node.left);
  if (!waits(node.right)) {
    node.left = left;
    return node;
  }
  const end = machine.spot();
  const result = kept(machine, left);
  const absent = () => t.binaryExpression("==", t.cloneNode(result), t.nullLiteral());
  const goesOn =
    node.operator === "&&" ? result : node.operator === "||" ? t.unaryExpression("!", result) : absent();
  machine.jumpUnless(goesOn, end);
  machine.run(assign(t.cloneNode(result) as t.Identifier, settle(machine, node.right)));
  machine.put(end);
  return t.cloneNode(result);
}

function settleChoice(machine: MachineWriter, node: t.ConditionalExpression): t.Expression {
  const test = settle(machine, node.test);
  if (!waits(node.consequent) && !waits(node.alternate)) {
    node.test = test;
    return node;
  }
  const otherwise = machine.spot();
  const end = machine.spot();
  const result = machine.variable("w");
  machine.jumpUnless(test, otherwise);
  machine.run(assign(result, settle(machine, node.consequent)));
  machine.jump(end);
  machine.put(otherwise);
  machine.run(assign(t.cloneNode(result), settle(machine, node.alternate)));
  machine.put(end);
  return t.cloneNode(result);
}

function settleAssignment(machine: MachineWriter, node: t.AssignmentExpression): t.Expression {
  const { left } = node;
  if (t.isMemberExpression(left)) {
    left.object = steady(machine, settle(machine, left.object as t.Expression));
    if (left.computed) left.property = steady(machine, settle(machine, left.property as t.Expression));
  }
  if (node.operator === "=") {
    node.right = settle(machine, node.right);
    return node;
  }
  const before = kept(machine, t.cloneNode(left) as t.Expression);
  const operator = node.operator.slice(0, -1) as t.BinaryExpression["operator"];
  const right = settle(machine, node.right);
  return t.assignmentExpression("=", left, t.binaryExpression(operator, before, right));
}

/** A value that stays what it is during a wait. */
function steady(machine: MachineWriter, value: t.Expression): t.Expression {
  if (t.isThisExpression(value) || t.isLiteral(value) || t.isFunction(value)) return value;
  if (t.isIdentifier(value) && value.name !== machine.value.name) return value;
  return kept(machine, value);
}

interface Operand {
  get(): t.Expression;
  set(value: t.Expression): void;
  /** The target of a call or a member, which is read again after the wait. */
  readonly target: boolean;
}

function operandsOf(node: t.Expression): Operand[] {
  const operands: Operand[] = [];
  const add = (holder: object, key: string, target = false): void => {
    const record = holder as Record<string, t.Node | null | undefined>;
    const value = record[key];
    if (!value) return;
    if (t.isSpreadElement(value)) {
      add(value, "argument");
      return;
    }
    operands.push({
      get: () => record[key] as t.Expression,
      set: (next) => {
        record[key] = next;
      },
      target,
    });
  };
  const addAll = (list: readonly (t.Node | null)[]): void =>
    list.forEach((_, index) => {
      add(list, String(index));
    });
  if (t.isCallExpression(node) || t.isNewExpression(node)) {
    const { callee } = node;
    if (t.isMemberExpression(callee)) {
      add(callee, "object", true);
      if (callee.computed) add(callee, "property", true);
    } else add(node, "callee", true);
    addAll(node.arguments as t.Node[]);
  } else if (t.isObjectExpression(node)) {
    for (const member of node.properties) if (t.isObjectProperty(member)) add(member, "value");
  } else {
    for (const { field, holder, key } of childPlaces(node)) {
      const isName = field === "property" && t.isMemberExpression(node) && !node.computed;
      if (!isName && field !== "quasis") add(holder, key);
    }
  }
  return operands;
}

function settleOperands(machine: MachineWriter, operands: Operand[]): void {
  const last = operands.findLastIndex((one) => waits(one.get()));
  operands.slice(0, last + 1).forEach((one, index) => {
    const value = settle(machine, one.get());
    if (index === last) one.set(value);
    else if (one.target) one.set(steadyTarget(machine, value));
    else one.set(isConstant(value) ? value : kept(machine, value));
  });
}

function isConstant(value: t.Expression): boolean {
  return (
    (t.isLiteral(value) && !t.isTemplateLiteral(value)) || t.isFunction(value) || t.isThisExpression(value)
  );
}

/** `a.b.c(await x)`: names and members are left to be read after the wait. */
function steadyTarget(machine: MachineWriter, value: t.Expression): t.Expression {
  if (t.isMemberExpression(value) && !value.computed && !t.isCallExpression(value.object)) {
    value.object = steadyTarget(machine, value.object as t.Expression);
    return value;
  }
  return steady(machine, value);
}
