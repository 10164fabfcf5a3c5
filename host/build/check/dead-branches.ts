/**
 * Removes branches that no board runs, before the check. Packages test `typeof self !== "undefined"` to find out where they
 * run, and the code for browsers behind such a test would be refused.
 */
import { type NodePath, types as t, type Visitor } from "@babel/core";
import { childNodes } from "../program/child-nodes.ts";
import { MISSING_GLOBALS } from "../program/missing.ts";
import { type Program, walk } from "../program/program.ts";
import { keyName } from "../program/syntax.ts";

/** Names of browsers and other engines, which no board declares. */
const FOREIGN_GLOBALS: ReadonlySet<string> = new Set([
  "self",
  "window",
  "document",
  "navigator",
  "importScripts",
  "HTMLElement",
  "Element",
  "Worker",
  "MessageChannel",
  "Deno",
  "Bun",
  "define",
  ...Object.keys(MISSING_GLOBALS),
]);

const GLOBAL_OBJECT = "globalThis";

/** Each round can make functions unused that were used in the previous round. */
const ROUNDS_MAX = 20;

export function removeDeadBranches(program: Program): void {
  const asked = foreignNamesAsked(program.tree);
  if (asked.size === 0) return;
  walk(program, foldingVisitor(asked), "kept");
  for (let round = 0; round < ROUNDS_MAX && removeUnused(program); round++);
}

/** The foreign names, and the global object's, that `typeof` asks for. A program that assigns one of them makes a global of it, and is left alone. */
function foreignNamesAsked(tree: t.File): ReadonlySet<string> {
  const asked = new Set<string>();
  const assigned = new Set<string>();
  let hidesNames = false;
  t.traverseFast(tree, (node) => {
    if (t.isUnaryExpression(node, { operator: "typeof" }) && t.isIdentifier(node.argument)) {
      const { name } = node.argument;
      if (FOREIGN_GLOBALS.has(name) || name === GLOBAL_OBJECT) asked.add(name);
    } else if (t.isCallExpression(node) && givesGlobals(node)) {
      // The names that Object.assign(globalThis, …) creates are not analysed.
      hidesNames = true;
    } else if (t.isAssignmentExpression(node)) {
      const { left } = node;
      if (t.isIdentifier(left)) assigned.add(left.name);
      const key = t.isMemberExpression(left) ? keyName(left.property, left.computed) : undefined;
      if (key !== undefined) assigned.add(key);
    }
  });
  for (const name of assigned) asked.delete(name);
  return hidesNames ? new Set() : asked;
}

function givesGlobals({ callee, arguments: [target] }: t.CallExpression): boolean {
  const isGlobalObject =
    t.isIdentifier(target, { name: GLOBAL_OBJECT }) || t.isIdentifier(target, { name: "global" });
  return isGlobalObject && t.isMemberExpression(callee) && t.isIdentifier(callee.object, { name: "Object" });
}

function foldingVisitor(absent: ReadonlySet<string>): Visitor {
  return {
    UnaryExpression: {
      exit(path) {
        const { operator, argument } = path.node;
        if (operator === "!" && t.isBooleanLiteral(argument)) {
          path.replaceWith(t.booleanLiteral(!argument.value));
        } else if (operator === "typeof" && t.isIdentifier(argument) && absent.has(argument.name)) {
          if (path.scope.hasBinding(argument.name, true)) return;
          path.replaceWith(t.stringLiteral(argument.name === GLOBAL_OBJECT ? "object" : "undefined"));
        }
      },
    },
    BinaryExpression: {
      exit(path) {
        const { operator, left, right } = path.node;
        if (!t.isStringLiteral(left) || !t.isStringLiteral(right)) return;
        if (/^===?$/.test(operator)) path.replaceWith(t.booleanLiteral(left.value === right.value));
        if (/^!==?$/.test(operator)) path.replaceWith(t.booleanLiteral(left.value !== right.value));
      },
    },
    LogicalExpression: {
      exit(path) {
        const { operator, left, right } = path.node;
        if (!t.isBooleanLiteral(left) || operator === "??") return;
        path.replaceWith(asValue(path, left.value === (operator === "&&") ? right : left));
      },
    },
    ConditionalExpression: {
      exit(path) {
        const { test, consequent, alternate } = path.node;
        if (t.isBooleanLiteral(test)) path.replaceWith(asValue(path, test.value ? consequent : alternate));
      },
    },
    IfStatement: {
      exit(path) {
        const { test, consequent, alternate } = path.node;
        if (!t.isBooleanLiteral(test)) return;
        const taken = test.value ? consequent : alternate;
        const dropped = test.value ? alternate : consequent;
        const names = dropped ? declaredIn(dropped) : [];
        const declarators = names.map((name) => t.variableDeclarator(t.identifier(name)));
        const kept: t.Statement[] = declarators.length > 0 ? [t.variableDeclaration("var", declarators)] : [];
        if (taken) kept.push(taken);
        if (kept.length === 0) kept.push(t.emptyStatement());
        path.replaceWith(kept.length === 1 ? (kept[0] as t.Statement) : t.blockStatement(kept));
      },
    },
  };
}

/** A member in the place of a callee would be called with its object as `this`, unlike the branch. */
function asValue(path: NodePath, node: t.Expression): t.Expression {
  const isCallee =
    path.key === "callee" && (t.isMemberExpression(node) || t.isOptionalMemberExpression(node));
  return isCallee ? t.sequenceExpression([t.numericLiteral(0), node]) : node;
}

/** The names that a dropped branch declares for the function around it: they exist there, and are undefined. */
function declaredIn(branch: t.Statement): string[] {
  const names = new Set<string>();
  const search = (node: t.Node): void => {
    if (t.isFunction(node) || t.isClass(node)) return;
    if (t.isVariableDeclaration(node, { kind: "var" })) {
      for (const name of Object.keys(t.getBindingIdentifiers(node))) names.add(name);
    }
    for (const child of childNodes(node)) search(child);
  };
  search(branch);
  return [...names];
}

/** Whether a function that is no longer referenced was removed. */
function removeUnused(program: Program): boolean {
  let removed = false;
  const drop = (path: NodePath): void => {
    path.remove();
    removed = true;
  };
  walk(
    program,
    {
      Scopable(path) {
        for (const { path: declared, referencePaths, constantViolations, scope } of Object.values(
          path.scope.bindings,
        )) {
          if (scope.path !== path || constantViolations.length > 0) continue;
          if (referencePaths.some((use) => !use.findParent((up) => up === declared))) continue;
          const isFunctionValue =
            declared.isVariableDeclarator() &&
            t.isIdentifier(declared.node.id) &&
            t.isFunction(declared.node.init);
          if (declared.isFunctionDeclaration() || isFunctionValue) drop(declared);
        }
      },
    },
    "fresh",
  );
  return removed;
}
