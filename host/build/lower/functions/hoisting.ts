import { type NodePath, types as t, type Visitor } from "@babel/core";
import { assign } from "../../program/syntax.ts";

type Scope = NodePath["scope"];

/**
 * Espruino declares functions and `var`s when it reaches them. A function that is used before its declaration is moved to the
 * top of its block, and a `var` that is used before it is declared at the top of its function. Nothing else moves.
 */
export function hoistingVisitor(): Visitor {
  return {
    Scopable: {
      exit(path) {
        if (path.isFunction() || path.isProgram()) hoistVariables(path.scope);
      },
    },
    "BlockStatement|Program|SwitchCase"(path: NodePath) {
      hoistFunctions(path);
    },
  };
}

function hoistFunctions(path: NodePath): void {
  const body = path.isSwitchCase() ? path.node.consequent : (path.node as t.BlockStatement).body;
  const moved: t.Statement[] = [];
  const names = new Map<string, number>();
  body.forEach((one) => {
    if (t.isFunctionDeclaration(one) && one.id) names.set(one.id.name, (names.get(one.id.name) ?? 0) + 1);
  });
  if (names.size === 0) return;
  const mentioned = new Set<string>();
  const seen = new Map<string, number>();
  for (const one of body) {
    if (t.isFunctionDeclaration(one) && one.id) {
      const { name } = one.id;
      const twin = (names.get(name) ?? 0) > 1;
      if (mentioned.has(name) || twin) moved.push(one);
      seen.set(name, 1);
    }
    mention(one, names, mentioned);
  }
  if (moved.length === 0) return;
  const rest = body.filter((one) => !moved.includes(one));
  // What a moved function is defined by must not come after it: others that it names may, they run later.
  body.splice(0, body.length, ...moved, ...rest);
}

function mention(node: t.Node, names: Map<string, number>, mentioned: Set<string>): void {
  t.traverseFast(node, (inner) => {
    if (t.isIdentifier(inner) && names.has(inner.name) && (node as t.FunctionDeclaration).id !== inner) {
      mentioned.add(inner.name);
    }
  });
}

function hoistVariables(scope: Scope): void {
  const early: string[] = [];
  for (const [name, binding] of Object.entries(scope.bindings)) {
    if (binding.kind !== "var" || binding.path.isFunctionDeclaration()) continue;
    const declared = firstDeclaration(scope, name);
    if (declared === undefined) continue;
    const uses = [...binding.referencePaths, ...binding.constantViolations];
    const own = uses.some((use) => {
      const start = use.node.start;
      // A function that is written before the declaration may be called before it, too.
      return typeof start === "number" && start < declared && !use.isVariableDeclarator();
    });
    const conditional = !own && conditionalDeclaration(binding.path, scope) && shadows(scope, name);
    if (own || conditional) early.push(name);
  }
  if (early.length === 0) return;
  for (const name of early) {
    assignOnly(scope, name);
    // A declaration of its own: the one that temporaries share may just have become assignments.
    scope.push({ id: t.identifier(name), kind: "var", unique: true });
  }
}

/** Makes assignments of the declarations of a name: of two declarations the minifier would keep the later one. */
function assignOnly(scope: Scope, name: string): void {
  const binding = scope.bindings[name];
  for (const path of [binding?.path, ...(binding?.constantViolations ?? [])]) {
    const declaration = path?.parentPath;
    if (!path?.isVariableDeclarator() || !declaration?.isVariableDeclaration({ kind: "var" })) continue;
    const { declarations } = declaration.node;
    const { parent } = declaration;
    const inHead = t.isFor(parent) && parent.body !== declaration.node;
    if (t.isForXStatement(parent) && inHead) parent.left = t.identifier(name);
    else if (declarations.length === 1 && inHead) {
      const { init } = path.node;
      (parent as t.ForStatement).init = init ? assign(t.identifier(name), init) : null;
    } else if (!inHead) {
      declaration.replaceWithMultiple(
        declarations.flatMap((one): t.Statement[] => {
          if (one !== path.node) return [t.variableDeclaration("var", [one])];
          return one.init ? [t.expressionStatement(assign(t.identifier(name), one.init))] : [];
        }),
      );
    }
  }
}

function shadows(scope: Scope, name: string): boolean {
  return scope.parent?.hasBinding(name) === true;
}

function conditionalDeclaration(path: NodePath, scope: Scope): boolean {
  const home = path.findParent((up) => up.isBlockStatement() || up.isProgram());
  return home?.parentPath !== scope.path;
}

/** Where the first `var name` stands in the text. */
function firstDeclaration(scope: Scope, name: string): number | undefined {
  const binding = scope.bindings[name];
  const places = [binding?.path, ...(binding?.constantViolations ?? [])].flatMap((path) =>
    path?.isVariableDeclarator() && typeof path.node.start === "number" ? [path.node.start] : [],
  );
  return places.length > 0 ? Math.min(...places) : undefined;
}
