import { types as t } from "@babel/core";
import { childPlaces } from "../../program/child-nodes.ts";
import { waits } from "../../program/effects.ts";
import { assign, undefinedValue } from "../../program/syntax.ts";
import type { Handler, MachineWriter, Spot } from "./machine.ts";
import { kept, settle, settleForEffect } from "./machine-expressions.ts";

/** Writes statements into the machine's states. In a statement without a wait only the jumps are changed. */
export function writeAll(machine: MachineWriter, statements: readonly t.Statement[]): void {
  for (const one of statements) write(machine, one);
}

function write(machine: MachineWriter, node: t.Statement): void {
  if (t.isVariableDeclaration(node)) {
    writeVariables(machine, node);
    return;
  }
  if (t.isFunctionDeclaration(node)) {
    machine.functions.push(node);
    return;
  }
  if (t.isBreakStatement(node) || t.isContinueStatement(node) || t.isReturnStatement(node)) {
    writeLeaving(machine, node);
    return;
  }
  if (!waits(node)) {
    machine.push(redirected(machine, node));
    return;
  }
  if (t.isExpressionStatement(node)) settleForEffect(machine, node.expression);
  else if (t.isBlockStatement(node)) writeAll(machine, node.body);
  else if (t.isIfStatement(node)) writeIf(machine, node);
  else if (t.isThrowStatement(node)) machine.push(t.throwStatement(settle(machine, node.argument)));
  else if (t.isTryStatement(node)) writeTry(machine, node);
  else if (t.isSwitchStatement(node)) writeSwitch(machine, node);
  else if (t.isLoop(node)) writeLoop(machine, node);
  else throw new Error(`No states are known for a ${node.type}.`);
}

function writeVariables(machine: MachineWriter, node: t.VariableDeclaration): void {
  for (const { id, init } of node.declarations) {
    machine.variables.push(t.cloneNode(id as t.Identifier));
    if (init) machine.run(assign(t.cloneNode(id as t.Identifier), settle(machine, init)));
    else if (node.kind !== "var" && machine.targets.length > 0) {
      machine.run(assign(t.cloneNode(id as t.Identifier), undefinedValue()));
    }
  }
}

function writeLeaving(
  machine: MachineWriter,
  node: t.BreakStatement | t.ContinueStatement | t.ReturnStatement,
): void {
  if (t.isReturnStatement(node)) {
    machine.push(...machine.returning(node.argument ? settle(machine, node.argument) : null));
    return;
  }
  machine.push(...(leaving(machine, node) ?? [node]));
}

function leaving(
  machine: MachineWriter,
  node: t.BreakStatement | t.ContinueStatement,
): t.Statement[] | undefined {
  const again = t.isContinueStatement(node);
  const target = machine.targets.findLast((one) => !again || one.continueTo !== undefined);
  if (!target) return undefined;
  const spot = again ? (target.continueTo as Spot) : target.breakTo;
  return machine.leave(spot, target.handler, target.finalizers);
}

/** Rewrites, in a statement without waits, the jumps that mean the machine's own loops and `finally` blocks. */
function redirected(machine: MachineWriter, node: t.Statement): t.Statement {
  if (machine.targets.length === 0 && machine.finalizers.length === 0) return node;
  const holder = t.blockStatement([node]);
  redirectIn(machine, holder, false, false);
  return holder.body.length === 1 ? (holder.body[0] as t.Statement) : holder;
}

/** Whether a `return` inside has become a `break`, which the statements around must pass on. */
function redirectIn(machine: MachineWriter, node: t.Node, inLoop: boolean, inSwitch: boolean): boolean {
  let returns = false;
  for (const { child, holder, key } of childPlaces(node)) {
    if (t.isFunction(child) || t.isClass(child)) continue;
    const isLoop = t.isLoop(child);
    const isSwitch = t.isSwitchStatement(child);
    const statements = jumpOf(machine, child, inLoop, inSwitch);
    if (statements) {
      holder[key] = t.blockStatement(statements);
      returns ||= inLoop && t.isReturnStatement(child);
    } else if (redirectIn(machine, child, inLoop || isLoop, inSwitch || isLoop || isSwitch)) {
      if (isLoop || isSwitch) holder[key] = passedOn(machine, child as t.Statement, inLoop);
      returns ||= inLoop;
    }
  }
  return returns;
}

/** A loop or a `switch`, and after it the way out for a `return` in it. */
function passedOn(machine: MachineWriter, node: t.Statement, inLoop: boolean): t.Statement {
  const out = inLoop ? t.breakStatement() : t.continueStatement();
  return t.blockStatement([node, t.ifStatement(machine.hasReturned(), out)]);
}

function jumpOf(
  machine: MachineWriter,
  node: t.Node,
  inLoop: boolean,
  inSwitch: boolean,
): t.Statement[] | undefined {
  if (t.isReturnStatement(node) && machine.finalizers.length > 0) {
    const steps = machine.returning(node.argument ?? null);
    // To go on in the loop that the machine left whole would not leave it.
    return inLoop ? [...steps.slice(0, -1), t.breakStatement()] : steps;
  }
  if (t.isBreakStatement(node) && !inSwitch) return leaving(machine, node);
  if (t.isContinueStatement(node) && !inLoop) return leaving(machine, node);
  return undefined;
}

function writeIf(machine: MachineWriter, node: t.IfStatement): void {
  const test = settle(machine, node.test);
  if (!waits(node.consequent) && !waits(node.alternate)) {
    machine.push(redirected(machine, t.ifStatement(test, node.consequent, node.alternate)));
    return;
  }
  const otherwise = machine.spot();
  const end = node.alternate ? machine.spot() : otherwise;
  machine.jumpUnless(test, otherwise);
  write(machine, node.consequent);
  if (node.alternate) {
    machine.jump(end);
    machine.put(otherwise);
    write(machine, node.alternate);
  }
  machine.putIfUsed(end);
}

function writeLoop(machine: MachineWriter, node: t.Loop): void {
  if (t.isForXStatement(node)) throw new Error("Loops over things are spelled out before.");
  const again = machine.spot();
  const next = machine.spot();
  const end = machine.spot();
  if (t.isForStatement(node) && node.init) {
    if (t.isVariableDeclaration(node.init)) writeVariables(machine, node.init);
    else settleForEffect(machine, node.init);
  }
  machine.put(again);
  const { test } = node;
  const endless = !test || t.isBooleanLiteral(test, { value: true });
  if (!t.isDoWhileStatement(node) && test && !endless) machine.jumpUnless(settle(machine, test), end);
  const update = t.isForStatement(node) ? node.update : undefined;
  const continueTo = update || t.isDoWhileStatement(node) ? next : again;
  const { handler } = machine;
  machine.targets.push({ breakTo: end, continueTo, finalizers: machine.finalizers.length, handler });
  write(machine, node.body);
  machine.targets.pop();
  if (continueTo === next && next.uses.length > 0) machine.put(next);
  if (update) settleForEffect(machine, update);
  if (t.isDoWhileStatement(node)) {
    const more = settle(machine, node.test);
    machine.push(t.ifStatement(more, t.blockStatement(machine.goto(again))));
  } else machine.jump(again);
  machine.putIfUsed(end);
}

function writeSwitch(machine: MachineWriter, node: t.SwitchStatement): void {
  const chosen = kept(machine, settle(machine, node.discriminant));
  const end = machine.spot();
  const spots = node.cases.map(() => machine.spot());
  let fallback = end;
  node.cases.forEach((one, index) => {
    const spot = spots[index] as Spot;
    if (!one.test) {
      fallback = spot;
      return;
    }
    const test = t.binaryExpression("===", t.cloneNode(chosen), settle(machine, one.test));
    machine.push(t.ifStatement(test, t.blockStatement(machine.goto(spot))));
  });
  machine.jump(fallback);
  const { handler } = machine;
  machine.targets.push({
    breakTo: end,
    continueTo: undefined,
    finalizers: machine.finalizers.length,
    handler,
  });
  node.cases.forEach((one, index) => {
    machine.put(spots[index] as Spot);
    writeAll(machine, one.consequent);
  });
  machine.targets.pop();
  machine.put(end);
}

function writeTry(machine: MachineWriter, node: t.TryStatement): void {
  const outer = machine.handler;
  const end = machine.spot();
  if (!node.finalizer) {
    writeGuarded(machine, node, outer, () => machine.jump(end));
    machine.putIfUsed(end);
    return;
  }
  const how = machine.variable("k");
  const what = machine.variable("w");
  const thrown = machine.spot();
  const returned = machine.spot();
  const last = machine.spot();
  machine.push(machine.note(how, t.numericLiteral(0)));
  machine.finalizers.push({ spot: last, how, what, leavings: [] });
  const inside: Handler = { thrown, returned };
  if (node.handler) {
    machine.enter(inside);
    writeGuarded(machine, node, inside, () => machine.jump(last));
  } else {
    machine.enter(inside);
    writeAll(machine, node.block.body);
  }
  machine.jump(last);
  const finalizer = machine.finalizers.pop();
  if (machine.kind !== "async") {
    machine.put(returned);
    machine.push(machine.note(how, t.numericLiteral(2)), machine.note(what, t.cloneNode(machine.value)));
    machine.jump(last);
  }
  machine.put(thrown);
  machine.push(machine.note(how, t.numericLiteral(1)), machine.note(what, t.cloneNode(machine.value)));
  machine.put(last);
  machine.handler = inside;
  machine.enter(outer);
  writeAll(machine, node.finalizer.body);
  leaveFinally(machine, how, what, finalizer?.leavings ?? []);
  machine.put(end);
}

/** Continues as the block was left: with an exception, a return, a jump, or normally. */
function leaveFinally(
  machine: MachineWriter,
  how: t.Identifier,
  what: t.Identifier,
  leavings: readonly { code: number; go: () => void }[],
): void {
  const is = (code: number) => t.binaryExpression("==", t.cloneNode(how), t.numericLiteral(code));
  machine.push(t.ifStatement(is(1), t.throwStatement(t.cloneNode(what))));
  machine.push(t.ifStatement(is(2), t.blockStatement(machine.returning(t.cloneNode(what)))));
  for (const { code, go } of leavings) {
    const past = machine.spot();
    machine.jumpUnless(is(code), past);
    go();
    machine.put(past);
  }
}

function writeGuarded(machine: MachineWriter, node: t.TryStatement, outer: Handler, done: () => void): void {
  const handler = node.handler as t.CatchClause;
  const caught = machine.spot();
  machine.enter({ thrown: caught, returned: outer.returned });
  writeAll(machine, node.block.body);
  machine.enter(outer);
  done();
  machine.put(caught);
  // The runtime takes a handler out of force before it runs it.
  machine.handler = { thrown: undefined, returned: outer.returned };
  machine.enter(outer);
  if (t.isIdentifier(handler.param)) {
    machine.variables.push(t.cloneNode(handler.param));
    machine.run(assign(t.cloneNode(handler.param), t.cloneNode(machine.value)));
  }
  writeAll(machine, handler.body.body);
}
