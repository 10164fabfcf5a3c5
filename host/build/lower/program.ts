import { type NodePath, types as t, traverse, type Visitor } from "@babel/core";
import type { Problem, SourcePlace } from "../../errors.ts";
import type { HelperName } from "./helper-sources.ts";

/** What the passes know of one program: its tree, the names that are taken, and what was found and used so far. */
export interface Program {
  readonly tree: t.File;
  readonly traits: Traits;
  readonly problems: Problem[];
  readonly helpers: Set<HelperName>;
  /** A name that occurs nowhere in the program yet. */
  fresh(hint: string): string;
  /** Marks a helper as used and gives a reference to it. */
  helper(name: HelperName): t.Identifier;
  refuse(node: t.Node, problem: Omit<Problem, "where">): void;
}

/** What a program uses anywhere: decides between cheap native forms and the full protocols. */
export interface Traits {
  /** Something other than an array can reach a `for…of` or a spread, but all of it is finite. */
  readonly collections: boolean;
  /** Generators or hand-written iterators: `for…of` must take one step at a time. */
  readonly iterators: boolean;
  readonly classes: boolean;
  readonly symbols: boolean;
  /** The errors that the program makes or extends itself. */
  readonly errors: ReadonlySet<string>;
}

const COLLECTIONS = new Set(["Map", "Set", "WeakMap", "WeakSet", "FormData", "URLSearchParams"]);
const LISTING_METHODS = new Set(["matchAll", "asyncIterator"]);

/** One walk over the fresh tree that finds the names in use and the traits. */
export function survey(tree: t.File): { names: Set<string>; traits: Traits } {
  const names = new Set<string>();
  const errors = new Set<string>();
  const traits = {
    errors,
    collections: false,
    iterators: false,
    classes: false,
    symbols: false,
  };
  t.traverseFast(tree, (node) => {
    if (t.isIdentifier(node) || t.isJSXIdentifier(node)) {
      names.add(node.name);
      if (COLLECTIONS.has(node.name)) traits.collections = true;
      if (LISTING_METHODS.has(node.name)) traits.collections = true;
      if (node.name === "Symbol") traits.symbols = true;
    } else if (t.isFunction(node) && node.generator) {
      traits.iterators = true;
    } else if (t.isClass(node)) {
      traits.classes = true;
    }
    if (
      t.isMemberExpression(node) &&
      t.isIdentifier(node.property) &&
      /^(iterator|asyncIterator)$/.test(node.property.name)
    ) {
      traits.iterators = true;
    }
    if (t.isNewExpression(node) && t.isIdentifier(node.callee)) errors.add(node.callee.name);
    if (t.isClass(node) && t.isIdentifier(node.superClass)) errors.add(node.superClass.name);
  });
  return { names, traits };
}

export function createProgram(tree: t.File, place: (node: t.Node) => SourcePlace | undefined): Program {
  const { names, traits } = survey(tree);
  const helpers = new Set<HelperName>();
  const problems: Problem[] = [];
  return {
    tree,
    traits,
    problems,
    helpers,
    fresh(hint) {
      let name = `$${hint}`;
      for (let count = 2; names.has(name); count++) name = `$${hint}${count}`;
      names.add(name);
      return name;
    },
    helper(name) {
      helpers.add(name);
      return t.identifier(name);
    },
    refuse(node, problem) {
      const where = place(node);
      const twin = problems.some(
        (other) =>
          other.code === problem.code &&
          other.where?.line === where?.line &&
          other.where?.column === where?.column,
      );
      if (!twin) problems.push(where === undefined ? problem : { ...problem, where });
    },
  };
}

/** Walks the whole tree with scopes computed anew: earlier passes have moved and renamed things. */
export function walk(program: Program, visitor: Visitor): void {
  traverse.cache.clear();
  traverse(program.tree, visitor);
}

/** Declares a variable at the top of the function (or program) that holds `path`. */
export function declareTemporary(program: Program, path: NodePath, hint: string): t.Identifier {
  const name = program.fresh(hint);
  const home = path.scope.getFunctionParent() ?? path.scope.getProgramParent();
  home.push({ id: t.identifier(name), kind: "var" });
  return t.identifier(name);
}

export function isSimple(node: t.Node): boolean {
  return t.isIdentifier(node) || t.isThisExpression(node) || t.isLiteral(node);
}

export function undefinedValue(): t.UnaryExpression {
  return t.unaryExpression("void", t.numericLiteral(0));
}

/** The name that a property key or a member access spells out; undefined where it is computed at run time. */
export function keyName(key: t.Node, computed: boolean): string | undefined {
  if (t.isStringLiteral(key)) return key.value;
  if (computed) return undefined;
  if (t.isIdentifier(key)) return key.name;
  return t.isNumericLiteral(key) ? String(key.value) : undefined;
}

export function assign(left: t.LVal, right: t.Expression): t.AssignmentExpression {
  return t.assignmentExpression("=", left as t.Identifier, right);
}

/** Visits nodes below `node` that belong to the same function: arrows are entered only if `arrows`. */
export function eachOwnNode(
  node: t.Node,
  visit: (node: t.Node, parent: t.Node) => void,
  arrows = false,
): void {
  for (const key of t.VISITOR_KEYS[node.type] ?? []) {
    const value = (node as unknown as Record<string, unknown>)[key];
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child === null || child === undefined) continue;
      const childNode = child as t.Node;
      visit(childNode, node);
      const closed = t.isFunction(childNode) && !(arrows && t.isArrowFunctionExpression(childNode));
      if (closed || t.isClass(childNode)) continue;
      eachOwnNode(childNode, visit, arrows);
    }
  }
}
