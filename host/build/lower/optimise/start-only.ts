import { type NodePath, types as t, type Visitor } from "@babel/core";

type Bindings = NodePath["scope"]["bindings"];

interface TopLevelName {
  readonly identifier: string;
  /** What it stands for; undefined where something else is assigned to it later. */
  readonly value: t.Node | undefined;
  mentions: readonly Mention[];
}

interface Mention {
  /** The top-level function around it; undefined in a statement of the top level. */
  readonly owner: TopLevelName | undefined;
  /** In a function inside the owner, or in a class: that may run at any time. */
  readonly isInside: boolean;
  readonly isCall: boolean;
}

/**
 * Frees values that only the start of the program needs: functions that no later code calls, and arrays and objects that no
 * later code uses. Each of them would take JsVars permanently. Later code is a function that is passed as a value, code
 * inside another function or a class, and everything that these
 * call.
 */
export function startOnlyVisitor(): Visitor {
  return {
    Program(path) {
      // Strict code may not delete a name.
      if (path.node.directives.length > 0) return;
      // The minifier removes unused names; a `delete` would keep them.
      const used = growing(topLevelNames(path.scope.bindings), ({ mentions }, found) =>
        mentions.some(({ owner }) => !owner || found.has(owner)),
      );
      for (const name of used) {
        name.mentions = name.mentions.filter(({ owner }) => !owner || used.has(owner));
      }
      const later = growing(
        [...used].filter(({ value }) => t.isFunction(value)),
        ({ mentions }, found) => mentions.some((mention) => !mention.isCall || runsLater(mention, found)),
      );
      for (const name of used) {
        if (!isWorthIt(name.value) || later.has(name)) continue;
        if (name.mentions.some((mention) => runsLater(mention, later))) continue;
        path.pushContainer(
          "body",
          t.expressionStatement(t.unaryExpression("delete", t.identifier(name.identifier))),
        );
      }
    },
  };
}

function runsLater({ owner, isInside }: Mention, later: ReadonlySet<TopLevelName>): boolean {
  return isInside || (owner !== undefined && later.has(owner));
}

/** Others free a variable or two, which their deletion costs in bytes. */
function isWorthIt(value: t.Node | undefined): boolean {
  return t.isFunction(value) || t.isArrayExpression(value) || t.isObjectExpression(value);
}

/** Those names that `belongs` holds of, given those that are found already. */
function growing(
  names: Iterable<TopLevelName>,
  belongs: (name: TopLevelName, found: ReadonlySet<TopLevelName>) => boolean,
): ReadonlySet<TopLevelName> {
  const found = new Set<TopLevelName>();
  for (let sizeBefore = -1; sizeBefore < found.size; ) {
    sizeBefore = found.size;
    for (const name of names) if (belongs(name, found)) found.add(name);
  }
  return found;
}

function topLevelNames(bindings: Bindings): TopLevelName[] {
  const names = Object.entries(bindings).map(([identifier, { path, constantViolations }]): TopLevelName => {
    const node = path.isVariableDeclarator() ? t.isIdentifier(path.node.id) && path.node.init : path.node;
    return { identifier, value: (constantViolations.length === 0 && node) || undefined, mentions: [] };
  });
  const functions = new Map(
    names.flatMap((name) => (t.isFunction(name.value) ? [[name.value, name] as const] : [])),
  );
  for (const name of names) {
    const { referencePaths, constantViolations } = bindings[name.identifier] as Bindings[string];
    name.mentions = [...referencePaths, ...constantViolations].map((path) => mentionOf(path, functions));
  }
  return names;
}

function mentionOf(path: NodePath, functions: ReadonlyMap<t.Node, TopLevelName>): Mention {
  const around = path
    .getAncestry()
    .slice(1)
    .filter((up) => up.isFunction() || up.isClass());
  const outermost = around.at(-1);
  const owner = outermost && functions.get(outermost.node);
  return {
    owner,
    isInside: around.length > (owner ? 1 : 0),
    isCall: path.key === "callee" && t.isCallExpression(path.parent),
  };
}
