import { type NodePath, types as t, type Visitor } from "@babel/core";
import { eachOwnNode } from "../../program/child-nodes.ts";
import { waits } from "../../program/effects.ts";
import { bindsParameters } from "../../program/parameter-bindings.ts";
import type { Program } from "../../program/program.ts";
import { blockOf } from "../../program/syntax.ts";
import { type MachineKind, MachineWriter } from "./machine.ts";
import { writeAll } from "./machine-statements.ts";

type Scope = NodePath["scope"];

const RUNTIME = { async: "$async", generator: "$generator", asyncGenerator: "$asyncGenerator" } as const;

/** Async functions and generators: the body becomes a state machine that a small runtime drives. */
export function suspendingVisitor(program: Program): Visitor {
  return {
    Function: {
      exit(path) {
        const { node } = path;
        if (!node.async && !node.generator) return;
        const kind: MachineKind = node.async ? (node.generator ? "asyncGenerator" : "async") : "generator";
        node.async = false;
        node.generator = false;
        rewrite(program, path, kind);
      },
    },
  };
}

function rewrite(program: Program, path: NodePath<t.Function>, kind: MachineKind): void {
  const body = blockOf(path.node);
  if (kind === "asyncGenerator") awaitReturns(body);
  keepArguments(program, body);
  path.scope.crawl();
  keepRounds(program, path);
  separateNames(program, path);
  const machine = new MachineWriter(program, kind);
  const start = kind === "async" ? 0 : startOf(body);
  const before = body.body.slice(0, start);
  writeAll(machine, body.body.slice(start));
  const run = t.callExpression(program.helper(RUNTIME[kind]), [machine.finish()]);
  const params = new Set(path.node.params.map((one) => (one as t.Identifier).name));
  const names = [...new Set(machine.variables.map((one) => one.name))].filter((name) => !params.has(name));
  const declared = names.map((name) => t.variableDeclarator(t.identifier(name)));
  const lead = declared.length > 0 ? [t.variableDeclaration("var", declared)] : [];
  body.body = [...argumentsFirst(body), ...lead, ...before, ...machine.functions, t.returnStatement(run)];
}

/** Where the code of a generator begins, after the statements that bind its parameters at the call. */
function startOf(body: t.BlockStatement): number {
  return body.body.findLastIndex(bindsParameters) + 1;
}

const leads = new WeakMap<t.BlockStatement, t.Statement>();

function argumentsFirst(body: t.BlockStatement): t.Statement[] {
  const lead = leads.get(body);
  return lead ? [lead] : [];
}

/** The machine is an arrow: `arguments` must be read before it. */
function keepArguments(program: Program, body: t.BlockStatement): void {
  const uses: t.Identifier[] = [];
  eachOwnNode(
    body,
    (node, parent) => {
      const named = t.isMemberExpression(parent) && parent.property === node && !parent.computed;
      if (t.isIdentifier(node, { name: "arguments" }) && !named) uses.push(node);
    },
    true,
  );
  if (uses.length === 0) return;
  const name = program.fresh("arguments");
  for (const use of uses) use.name = name;
  leads.set(
    body,
    t.variableDeclaration("var", [t.variableDeclarator(t.identifier(name), t.identifier("arguments"))]),
  );
}

/** An async generator waits for the value that it returns, where a `try` around it still catches. */
function awaitReturns(body: t.BlockStatement): void {
  eachOwnNode(body, (node) => {
    if (!t.isReturnStatement(node) || !node.argument || t.isAwaitExpression(node.argument)) return;
    node.argument = t.awaitExpression(node.argument);
  });
}

/** The block scopes that the machine takes apart: their names become variables of the whole function. */
function openScopes(path: NodePath<t.Function>): Scope[] {
  const scopes: Scope[] = [];
  path.traverse({
    Function: (inner) => inner.skip(),
    Scopable(inner) {
      if (waits(inner.node) || inner.parentPath?.isTryStatement()) scopes.push(inner.scope);
    },
  });
  return [...new Set(scopes)].filter((scope) => scope !== path.scope);
}

/** One name, one variable. */
function separateNames(program: Program, path: NodePath<t.Function>): void {
  const seen = new Set(Object.keys(path.scope.bindings));
  for (const scope of openScopes(path)) {
    for (const name of Object.keys(scope.bindings)) {
      const taken = seen.has(name) || path.scope.parent?.hasBinding(name) || path.scope.hasGlobal(name);
      if (taken && scope.bindings[name]?.kind !== "var")
        scope.rename(name, program.fresh(name.replace(/^\$/, "")));
      else seen.add(name);
    }
  }
}

/**
 * A binding of one round of a loop that a closure keeps, in a loop that waits: all rounds
 * then share one variable, so it holds a cell, and each closure gets the cell of its round.
 */
function keepRounds(program: Program, path: NodePath<t.Function>): void {
  for (const scope of openScopes(path)) {
    if (!insideWaitingLoop(scope.path, path)) continue;
    for (const [name, binding] of Object.entries(scope.bindings)) {
      if (binding.kind !== "let" && binding.kind !== "const") continue;
      const uses = [...binding.referencePaths, ...binding.constantViolations];
      const closures = new Set<NodePath>();
      for (const use of uses) {
        const closure = outermostClosure(use, path);
        if (closure) closures.add(closure);
      }
      if (closures.size > 0) useCell(program, scope, name, closures);
    }
  }
}

function insideWaitingLoop(path: NodePath, top: NodePath): boolean {
  for (let up: NodePath | null = path; up && up !== top; up = up.parentPath) {
    if (up.isLoop() && waits(up.node)) return true;
  }
  return false;
}

function outermostClosure(use: NodePath, top: NodePath): NodePath | undefined {
  let found: NodePath | undefined;
  for (let up: NodePath | null = use; up && up !== top; up = up.parentPath) if (up.isFunction()) found = up;
  return found;
}

function useCell(program: Program, scope: Scope, name: string, closures: Set<NodePath>): void {
  const cell = program.fresh(name.replace(/^\$/, ""));
  const binding = scope.bindings[name];
  if (!binding) return;
  const read = () => t.memberExpression(t.identifier(cell), t.identifier("v"));
  for (const use of binding.referencePaths) {
    if (use.parentPath?.isObjectProperty({ shorthand: true })) use.parentPath.node.shorthand = false;
    use.replaceWith(read());
  }
  for (const change of binding.constantViolations) {
    const { node } = change;
    if (t.isAssignmentExpression(node)) node.left = read();
    else if (t.isUpdateExpression(node)) node.argument = read();
  }
  const declarator = binding.path;
  const declaration = declarator.parentPath;
  if (declarator.isVariableDeclarator() && declaration?.isVariableDeclaration()) {
    const init = declarator.node.init ?? t.unaryExpression("void", t.numericLiteral(0));
    const made = t.variableDeclaration("let", [
      t.variableDeclarator(t.identifier(cell), t.objectExpression([])),
    ]);
    const before = declaration.node.declarations.slice(0, declarator.key as number);
    const after = declaration.node.declarations.slice((declarator.key as number) + 1);
    const set = t.expressionStatement(t.assignmentExpression("=", read(), init));
    const part = (list: t.VariableDeclarator[]) =>
      list.length > 0 ? [t.variableDeclaration(declaration.node.kind, list)] : [];
    declaration.replaceWithMultiple([...part(before), made, set, ...part(after)]);
  }
  for (const closure of closures) {
    const maker = (inner: t.Expression) =>
      t.callExpression(t.arrowFunctionExpression([t.identifier(cell)], inner), [t.identifier(cell)]);
    const { node } = closure;
    if (t.isFunctionDeclaration(node) && node.id) {
      const inner = t.functionExpression(null, node.params, node.body);
      closure.replaceWith(t.variableDeclaration("let", [t.variableDeclarator(node.id, maker(inner))]));
    } else if (t.isExpression(node)) {
      closure.replaceWith(maker(node));
      closure.skip();
    }
  }
  scope.crawl();
}
