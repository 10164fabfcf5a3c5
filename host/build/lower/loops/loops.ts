import { type NodePath, types as t, type Visitor } from "@babel/core";
import { childNodes, eachOwnNode } from "../../program/child-nodes.ts";
import { declareTemporary, type Program } from "../../program/program.ts";
import { assign, isKnownArray, undefinedValue } from "../../program/syntax.ts";
import { changesWhileLooping } from "./changing-collections.ts";
import { changesItsList } from "./changing-lists.ts";
import { cannotThrow, leavingsOf } from "./endings.ts";

/**
 * Loops: a fresh binding for each round where a closure keeps it (Espruino has one for all rounds), iterables
 * other than arrays, and `for…in` if the order of the interpreter is visible.
 */
export function loopVisitor(program: Program): Visitor {
  return {
    ForStatement: { enter: (path) => freshEachRound(program, path) },
    ForXStatement: { enter: (path) => keepEachRound(program, path) },
    DoWhileStatement: { exit: (path) => keepBraces(program, path) },
    ForOfStatement: { exit: (path) => lowerForOf(program, path) },
    ForInStatement: { exit: (path) => lowerForIn(program, path) },
  };
}

function asBlock(loop: t.For): t.BlockStatement {
  if (!t.isBlockStatement(loop.body)) loop.body = t.blockStatement([loop.body]);
  return loop.body;
}

/** The names among these that a closure made in the loop holds on to. */
function captured(path: NodePath, names: string[]): string[] {
  const home = path.scope.getFunctionParent() ?? path.scope.getProgramParent();
  return names.filter((name) => {
    const binding = path.scope.getOwnBinding(name);
    const uses = [...(binding?.referencePaths ?? []), ...(binding?.constantViolations ?? [])];
    return uses.some((use) => (use.scope.getFunctionParent() ?? use.scope.getProgramParent()) !== home);
  });
}

function renameIn(node: t.Node | null | undefined, from: string, to: string): void {
  if (!node) return;
  t.traverseFast(node, (inner) => {
    if (t.isIdentifier(inner, { name: from })) inner.name = to;
  });
}

/** `for (let i…)` whose `i` a closure keeps: count with another variable and copy it in and out. */
function freshEachRound(program: Program, path: NodePath<t.ForStatement>): void {
  const { init, test, update } = path.node;
  if (!t.isVariableDeclaration(init) || init.kind === "var") return;
  const names = captured(path, Object.keys(t.getBindingIdentifiers(init)));
  if (names.length === 0) return;
  if ([init, test, update].some((part) => part && t.isNode(part) && makesFunctions(part))) {
    spellRounds(program, path, init, names);
    return;
  }
  for (const name of names) {
    const counter = program.fresh(name.replace(/^\$/, ""));
    const changed = (path.scope.getOwnBinding(name)?.constantViolations ?? []).some((use) =>
      use.findParent((up) => up.key === "body" && up.parentPath === path),
    );
    for (const part of [init, test, update]) renameIn(part, name, counter);
    const block = asBlock(path.node);
    if (changed) copyBack(path.node, block, name, counter);
    const copy = t.variableDeclarator(t.identifier(name), t.identifier(counter));
    block.body.unshift(t.variableDeclaration("let", [copy]));
  }
  path.scope.crawl();
}

function makesFunctions(node: t.Node): boolean {
  let found = t.isFunction(node);
  t.traverseFast(node, (inner) => {
    if (t.isFunction(inner)) found = true;
  });
  return found;
}

/**
 * A loop whose head makes closures: those of the start keep the first variables, those of test and update keep the
 * variables of their round. So all of the round goes into the body, with copies of the variables between rounds.
 */
function spellRounds(
  program: Program,
  path: NodePath<t.ForStatement>,
  init: t.VariableDeclaration,
  names: string[],
): void {
  const { test, update } = path.node;
  const block = asBlock(path.node);
  const first = t.identifier(program.fresh("first"));
  const pairs = names.map((name) => [name, program.fresh(name.replace(/^\$/, ""))] as const);
  const declare = (kind: "let", list: t.VariableDeclarator[]) => t.variableDeclaration(kind, list);
  for (const [name, kept] of pairs) copyBack(path.node, block, name, kept);
  const lead: t.Statement[] = [
    declare(
      "let",
      pairs.map(([name, kept]) => t.variableDeclarator(t.identifier(name), t.identifier(kept))),
    ),
  ];
  const begun = t.expressionStatement(assign(t.cloneNode(first), t.numericLiteral(0)));
  if (update) lead.push(t.ifStatement(t.cloneNode(first), begun, t.expressionStatement(update)));
  if (test) lead.push(t.ifStatement(t.unaryExpression("!", test), t.breakStatement()));
  block.body.unshift(...lead);
  const kept = pairs.map(([name, other]) => t.variableDeclarator(t.identifier(other), t.identifier(name)));
  if (update) kept.push(t.variableDeclarator(first, t.numericLiteral(1)));
  const loop = t.inherits(t.forStatement(null, null, null, block), path.node);
  init.kind = "let";
  path.replaceWith(t.blockStatement([init, declare("let", kept), loop]));
  path.scope.crawl();
}

function copyBack(loop: t.ForStatement, block: t.BlockStatement, name: string, counter: string): void {
  const copy = () =>
    t.expressionStatement(t.assignmentExpression("=", t.identifier(counter), t.identifier(name)));
  eachContinue(block, (node) => {
    const again = t.continueStatement(node.label);
    Object.assign(node, { type: "BlockStatement", body: [copy(), again], directives: [] });
  });
  block.body.push(copy());
  loop.body = block;
}

/** The `continue` statements that mean this loop. */
function eachContinue(node: t.Node, visit: (node: t.ContinueStatement) => void): void {
  const found: t.ContinueStatement[] = [];
  const search = (inner: t.Node): void => {
    for (const child of childNodes(inner)) {
      if (t.isFunction(child) || t.isLoop(child)) continue;
      if (t.isContinueStatement(child)) found.push(child);
      else search(child);
    }
  };
  search(node);
  for (const one of found) visit(one);
}

function keepEachRound(program: Program, path: NodePath<t.ForXStatement>): void {
  const { left } = path.node;
  if (!t.isVariableDeclaration(left) || left.kind === "var") return;
  for (const name of captured(path, Object.keys(t.getBindingIdentifiers(left)))) {
    const outer = program.fresh(name.replace(/^\$/, ""));
    asBlock(path.node).body.unshift(
      t.variableDeclaration("let", [t.variableDeclarator(t.identifier(name), t.identifier(outer))]),
    );
    path.node.left = t.variableDeclaration("const", [t.variableDeclarator(t.identifier(outer))]);
    path.scope.crawl();
  }
}

/** Whether a loop stands in a state machine's own code and so must be spelled out. */
export function suspends(node: t.Node): boolean {
  let found = false;
  eachOwnNode(node, (inner) => {
    if (t.isAwaitExpression(inner) || t.isYieldExpression(inner)) found = true;
    if (t.isForOfStatement(inner) && inner.await) found = true;
  });
  return found;
}

function bindStep(loop: t.ForXStatement, value: t.Expression): t.Statement {
  const { left } = loop;
  if (!t.isVariableDeclaration(left)) {
    return t.expressionStatement(t.assignmentExpression("=", left as t.Identifier, value));
  }
  const target = left.declarations[0]?.id as t.Identifier;
  return t.variableDeclaration(left.kind, [t.variableDeclarator(target, value)]);
}

function lowerForOf(program: Program, path: NodePath<t.ForOfStatement>): void {
  const { node } = path;
  const stepping = node.await || suspends(node.body) || changesItsList(node);
  if (t.isStringLiteral(node.right) && /[^\0-\x7f]/.test(node.right.value)) {
    node.right = t.callExpression(t.memberExpression(node.right, t.identifier("split")), [
      t.stringLiteral(""),
    ]);
  }
  if (isKnownArray(node.right) && !node.await) {
    if (stepping) path.replaceWith(counted(program, node, node.right));
    return;
  }
  if (node.await || program.traits.iterators || changesWhileLooping(program, node)) {
    path.replaceWithMultiple(stepped(program, path));
    return;
  }
  if (t.isConditionalExpression(node.right)) {
    // A chain `a?.b` that ends early must throw, where Espruino would not loop at all.
    node.right = t.callExpression(program.helper("$each"), [node.right]);
    if (!stepping) return;
  }
  const asIs = changesItsList(node);
  const list = t.callExpression(program.helper(asIs ? "$each" : "$list"), [node.right]);
  if (stepping) path.replaceWith(counted(program, node, program.traits.collections ? list : node.right));
  else if (program.traits.collections) node.right = t.callExpression(program.helper("$each"), [node.right]);
}

/** The minifier may leave `do if (…) …; while (…)`, which the interpreter does not parse. */
function keepBraces(program: Program, path: NodePath<t.DoWhileStatement>): void {
  const { body, test } = path.node;
  const inner = t.isBlockStatement(body) ? body.body : [body];
  if (inner.every((one) => t.isExpressionStatement(one)) || inner.some(keepsItsBlock)) return;
  if (suspends(path.node)) return;
  const first = t.identifier(program.fresh("first"));
  const init = t.variableDeclaration("let", [t.variableDeclarator(first, t.numericLiteral(1))]);
  const more = t.isBooleanLiteral(test, { value: false })
    ? t.cloneNode(first)
    : t.logicalExpression("||", t.cloneNode(first), test);
  const update = t.assignmentExpression("=", t.cloneNode(first), t.numericLiteral(0));
  path.replaceWith(t.inherits(t.forStatement(init, more, update, body), path.node));
}

/** A variable may yet be folded into what uses it, and the braces go with it. */
function keepsItsBlock(node: t.Statement): boolean {
  return t.isFunctionDeclaration(node) || t.isClassDeclaration(node);
}

/** Over an array (or string) by index, as a state machine can be left and entered again. */
function counted(program: Program, node: t.ForXStatement, list: t.Expression): t.Statement {
  const array = t.identifier(program.fresh("a"));
  const index = t.identifier(program.fresh("i"));
  const item = t.memberExpression(t.cloneNode(array), t.updateExpression("++", t.cloneNode(index)), true);
  asBlock(node).body.unshift(bindStep(node, item));
  const declared = [t.variableDeclarator(array, list), t.variableDeclarator(index, t.numericLiteral(0))];
  const length = t.memberExpression(t.cloneNode(array), t.identifier("length"));
  const test = t.binaryExpression("<", t.cloneNode(index), length);
  return t.inherits(t.forStatement(t.variableDeclaration("let", declared), test, null, node.body), node);
}

/** With the iterator's own steps, closed when the loop is left early. */
function stepped(program: Program, path: NodePath<t.ForOfStatement>): t.Statement[] {
  const { node } = path;
  const iterator = t.identifier(program.fresh("i"));
  const step = t.identifier(program.fresh("s"));
  const wait = (value: t.Expression) => (node.await ? t.awaitExpression(value) : value);
  const next = t.callExpression(t.memberExpression(t.cloneNode(iterator), t.identifier("next")), []);
  const of = (name: string) => t.memberExpression(t.cloneNode(step), t.identifier(name));
  const open = t.callExpression(program.helper(node.await ? "$asyncIterator" : "$iterate"), [node.right]);
  const take = assign(t.cloneNode(step), wait(next));
  const test = t.unaryExpression("!", t.memberExpression(take, t.identifier("done")));
  const declared = t.variableDeclaration("let", [
    t.variableDeclarator(iterator, open),
    t.variableDeclarator(step),
  ]);
  const early = program.traits.iterators ? leavesEarly(path) : {};
  const closing: Closing = {
    program,
    path,
    step,
    unfinished: () => t.logicalExpression("&&", t.cloneNode(step), t.unaryExpression("!", of("done"))),
    close: () =>
      wait(t.callExpression(program.helper(node.await ? "$closeLater" : "$close"), [t.cloneNode(iterator)])),
    abandon: (state, error) =>
      t.expressionStatement(
        wait(
          t.callExpression(program.helper(node.await ? "$abandonLater" : "$abandon"), [
            state,
            t.cloneNode(iterator),
            error,
          ]),
        ),
      ),
  };
  if (early.returns && !early.yields) closeAtReturns(closing);
  asBlock(node).body.unshift(bindStep(node, of("value")));
  // What `next` throws closes nothing, so no step is there while it runs.
  const forget = early.throws || early.yields ? assign(t.cloneNode(step), t.numericLiteral(0)) : null;
  const loop = t.inherits(t.forStatement(null, test, forget, node.body), node);
  return [declared, ...closed(closing, loop, early)];
}

/** How a loop can end before its iterator does. */
interface Early {
  breaks?: boolean;
  returns?: boolean;
  throws?: boolean;
  /** The caller of the generator can end it there. */
  yields?: boolean;
}

function leavesEarly(path: NodePath<t.ForOfStatement>): Early {
  const early: Early = {};
  const { body } = path.node;
  eachOwnNode(t.blockStatement([body]), (node) => {
    if (t.isReturnStatement(node)) early.returns = true;
    if (t.isYieldExpression(node)) early.yields = true;
  });
  early.breaks = leavingsOf(t.blockStatement([body])).some(({ node }) => t.isBreakStatement(node));
  const { left } = path.node;
  const binds = t.isVariableDeclaration(left) || t.isIdentifier(left);
  early.throws = !binds || !cannotThrow(path, body);
  return early;
}

interface Closing {
  readonly program: Program;
  readonly path: NodePath<t.ForOfStatement>;
  readonly step: t.Identifier;
  unfinished(): t.Expression;
  /** Closes the iterator. */
  close(): t.Expression;
  /** Closes the iterator if `state` is an unfinished step, and then throws `error`, even if closing throws another error. */
  abandon(state: t.Expression, error: t.Expression): t.Statement;
}

function closed(closing: Closing, loop: t.Statement, early: Early): t.Statement[] {
  const { program, path, step, unfinished, close, abandon } = closing;
  const error = t.identifier(program.nameFor("e"));
  const finish = () => t.expressionStatement(t.logicalExpression("&&", unfinished(), close()));
  if (early.yields) {
    const state = declareTemporary(program, path, "s");
    const keep = t.sequenceExpression([
      assign(state, t.cloneNode(step)),
      assign(t.cloneNode(step), t.numericLiteral(0)),
    ]);
    const caught = [t.expressionStatement(keep), abandon(t.cloneNode(state), t.cloneNode(error))];
    const handler = t.catchClause(error, t.blockStatement(caught));
    return [t.tryStatement(t.blockStatement([loop]), handler, t.blockStatement([finish()]))];
  }
  const guarded = early.throws
    ? t.tryStatement(
        t.blockStatement([loop]),
        t.catchClause(error, t.blockStatement([abandon(t.cloneNode(step), t.cloneNode(error))])),
      )
    : loop;
  return early.breaks ? [guarded, finish()] : [guarded];
}

/** `return x` closes the iterator once x is known; what the closing throws is thrown, and closes nothing again. */
function closeAtReturns({ program, path, step, close }: Closing): void {
  const returns: t.ReturnStatement[] = [];
  eachOwnNode(t.blockStatement([path.node.body]), (node) => {
    if (t.isReturnStatement(node)) returns.push(node);
  });
  for (const one of returns) {
    const steps: t.Expression[] = [assign(t.cloneNode(step), t.numericLiteral(0)), close()];
    const { argument } = one;
    if (argument && !t.isLiteral(argument)) {
      const value = declareTemporary(program, path, "w");
      steps.unshift(assign(value, argument));
      steps.push(t.cloneNode(value));
    } else steps.push(argument ?? undefinedValue());
    one.argument = t.sequenceExpression(steps);
  }
}

function lowerForIn(program: Program, path: NodePath<t.ForInStatement>): void {
  const { node } = path;
  const nothing = t.isNullLiteral(node.right) || t.isIdentifier(node.right, { name: "undefined" });
  if (nothing) {
    path.replaceWith(t.emptyStatement());
    return;
  }
  const deletes = deletesKeys(node.body);
  const stepping = suspends(node.body);
  if (!deletes && !stepping && !program.traits.classes && !addsKeys(node)) return;
  let { right } = node;
  if (deletes) {
    const object = declareTemporary(program, path, "o");
    right = assign(object, right);
    const key = t.isVariableDeclaration(node.left) ? node.left.declarations[0]?.id : node.left;
    const still = t.callExpression(program.helper("$still"), [
      t.cloneNode(object),
      t.cloneNode(key as t.Identifier),
    ]);
    asBlock(node).body.unshift(t.ifStatement(t.unaryExpression("!", still), t.continueStatement()));
  }
  const keys = t.callExpression(program.helper("$keys"), [right]);
  if (stepping) path.replaceWith(counted(program, node, keys));
  else path.replaceWith(t.inherits(t.forOfStatement(node.left, keys, node.body), node));
  path.skip();
}

/** Whether the body deletes keys: the interpreter ends the loop where its own key is deleted. */
function deletesKeys(node: t.Node): boolean {
  let found = false;
  t.traverseFast(node, (inner) => {
    if (t.isUnaryExpression(inner, { operator: "delete" }) && t.isMemberExpression(inner.argument))
      found = true;
  });
  return found;
}

/** Whether the body sets other keys of the object than the loop's own: the interpreter would come to them, too. */
function addsKeys({ left, right, body }: t.ForInStatement): boolean {
  const key = t.isVariableDeclaration(left) ? left.declarations[0]?.id : left;
  let found = false;
  t.traverseFast(body, (inner) => {
    if (!t.isAssignmentExpression(inner) || !t.isMemberExpression(inner.left)) return;
    const { object, property } = inner.left;
    if (t.isNodesEquivalent(object, right) && !(key && t.isNodesEquivalent(property, key))) found = true;
  });
  return found;
}
