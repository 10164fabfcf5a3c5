import { type NodePath, types as t, traverse, type Visitor } from "@babel/core";
import type { TraceMap } from "@jridgewell/trace-mapping";
import type { Problem, SourcePlace } from "../../errors.ts";
import { ALLOWABLE_CODES, allowanceAt } from "./allowances.ts";
import { withPlaces } from "./placed-visitor.ts";
import { placeOf } from "./source-place.ts";
import { keyName } from "./syntax.ts";

/** A function or variable of the prelude, by the name that its source gives it. */
export type HelperName = `$${string}`;

/** The knowledge of checks and passes about one program: its tree, the names that are taken, and their findings so far. */
export interface Program {
  readonly tree: t.File;
  /** Maps places in the tree to the sources; undefined where the input has no source map. */
  readonly trace: TraceMap | undefined;
  readonly traits: Traits;
  /** The board's strings are bytes: a text is the bytes of its UTF-8 there. */
  readonly hasByteTexts: boolean;
  readonly problems: Problem[];
  /** Problems in packages, which may never be reached there: the program is built in spite of them. */
  readonly warnings: Problem[];
  /** The helpers in use so far. */
  readonly helpers: ReadonlySet<HelperName>;
  /** Statements of the prelude that add a member to the standard library, each at most once. */
  readonly fills: Set<string>;
  /** The parts of helpers in use so far: a line of a source that ends with `//@part` comes along only with its part. */
  readonly parts: Set<string>;
  /** A name that occurs nowhere in the program yet. */
  fresh(hint: string): string;
  /** Returns the name for a purpose: a new one at the first call, and the same one afterwards. */
  nameFor(purpose: string): string;
  /** Marks a helper as used and gives a reference to it, under a name that the program does not use itself. */
  helper(name: HelperName): t.Identifier;
  /** Whether a node is a reference to this helper. */
  isHelper(node: t.Node, name: HelperName): boolean;
  /** `certain`: the board is sure to reach the code, so that the problem is no warning wherever it stands. */
  refuse(node: t.Node, problem: Omit<Problem, "where"> & { readonly certain?: boolean }): void;
}

/** The features that a program uses anywhere. They decide between cheap native forms and the full protocols. */
export interface Traits {
  /** Something other than an array can reach a `for…of` or a spread, but all of it is finite. */
  readonly collections: boolean;
  /** Generators or hand-written iterators: `for…of` must take one step at a time. */
  readonly iterators: boolean;
  readonly classes: boolean;
  readonly symbols: boolean;
  /** An object may have a getter of its own, which listings and JSON show. */
  readonly getters: boolean;
  /** The program reads the stack of an error. */
  readonly stacks: boolean;
  /** The program names `then`, `catch` or `finally`: it may chain promises, or make one of its own. */
  readonly chains: boolean;
  /** The program names `Promise`. */
  readonly promises: boolean;
  /** There are jobs that come before the next timer: those of promises, and of `queueMicrotask`. */
  readonly jobs: boolean;
  /** The errors that the program makes or extends itself. */
  readonly errors: ReadonlySet<string>;
}

const COLLECTIONS = new Set(["Map", "Set", "WeakMap", "WeakSet", "FormData", "URLSearchParams"]);
const CHAINS = new Set(["then", "catch", "finally"]);
const LISTING_METHODS = new Set(["matchAll", "asyncIterator"]);

/** Finds the used names and the features of a new tree in one walk. */
export function survey(tree: t.File): { names: Set<string>; traits: Traits } {
  const names = new Set<string>();
  const errors = new Set<string>();
  const traits = {
    errors,
    collections: false,
    iterators: false,
    classes: false,
    symbols: false,
    getters: false,
    stacks: false,
    chains: false,
    promises: false,
    jobs: false,
  };
  t.traverseFast(tree, (node) => {
    if (t.isIdentifier(node) || t.isJSXIdentifier(node)) {
      names.add(node.name);
      if (COLLECTIONS.has(node.name)) traits.collections = true;
      if (LISTING_METHODS.has(node.name)) traits.collections = true;
      if (node.name === "Symbol") traits.symbols = true;
      if (node.name === "stack") traits.stacks = true;
      if (node.name === "Promise") traits.promises = true;
      if (node.name === "Promise" || node.name === "queueMicrotask") traits.jobs = true;
      if (CHAINS.has(node.name)) traits.chains = true;
    } else if (t.isStringLiteral(node)) {
      if (CHAINS.has(node.value)) traits.chains = true;
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
    if (t.isFunction(node) && node.async) traits.jobs = true;
    if (t.isObjectMethod(node, { kind: "get" }) || isDescriptor(node)) traits.getters = true;
    if (t.isNewExpression(node) && t.isIdentifier(node.callee)) errors.add(node.callee.name);
    if (t.isClass(node) && t.isIdentifier(node.superClass)) errors.add(node.superClass.name);
  });
  return { names, traits };
}

/** `{ get: …, enumerable: true }`, as Object.defineProperty takes it. */
function isDescriptor(node: t.Node): boolean {
  if (!t.isObjectExpression(node)) return false;
  const names = node.properties.map((one) =>
    t.isSpreadElement(one) ? undefined : keyName(one.key, one.computed),
  );
  return names.includes("get") && names.includes("enumerable");
}

const REASON_MISSING =
  "Write the reason after the error code in the comment motekit-allow; without a reason the comment has no effect.";

/**
 * Tells whether a problem is only a warning: code of a package or of a public driver may stand behind a condition that no
 * board fulfils, or in a function that nobody calls.
 */
function isWarning(code: string, where: SourcePlace | undefined, driverFolder: string | undefined): boolean {
  if (where === undefined || !ALLOWABLE_CODES.has(code)) return false;
  const isDriver =
    driverFolder !== undefined && where.file.endsWith(".js") && isInFolder(where.file, driverFolder);
  return isDriver || /(^|[/\\])node_modules[/\\]/.test(where.file);
}

export function isInFolder(file: string, folder: string): boolean {
  return file.startsWith(`${folder}/`);
}

/** `driverFolder` is the folder of the project's driver modules, as the places of problems have it. */
export function createProgram(
  tree: t.File,
  trace: TraceMap | undefined,
  hasByteTexts = false,
  driverFolder?: string,
): Program {
  const { names, traits } = survey(tree);
  const helpers = new Set<HelperName>();
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const fresh = (hint: string): string => {
    let name = `$${hint}`;
    for (let count = 2; names.has(name); count++) name = `$${hint}${count}`;
    names.add(name);
    return name;
  };
  const purposes = new Map<string, string>();
  const nameFor = (purpose: string): string => {
    const name = purposes.get(purpose) ?? fresh(purpose);
    purposes.set(purpose, name);
    return name;
  };
  return {
    tree,
    trace,
    traits,
    hasByteTexts,
    problems,
    warnings,
    helpers,
    fills: new Set(),
    parts: new Set(),
    fresh,
    nameFor,
    helper(name) {
      helpers.add(name);
      return t.identifier(nameFor(name.slice(1)));
    },
    isHelper: (node, name) => helpers.has(name) && t.isIdentifier(node, { name: nameFor(name.slice(1)) }),
    refuse(node, { certain = false, ...problem }) {
      const where = placeOf(node, trace);
      const allowance = allowanceAt(problem.code, where, trace);
      if (allowance === "given") return;
      const list = !certain && isWarning(problem.code, where, driverFolder) ? warnings : problems;
      const twin = list.some(
        (other) =>
          other.code === problem.code &&
          other.where?.line === where?.line &&
          other.where?.column === where?.column,
      );
      if (twin) return;
      const found = allowance === "none" ? problem : { ...problem, remedy: REASON_MISSING };
      list.push(where === undefined ? found : { ...found, where });
    },
  };
}

/**
 * The source of a walk's scopes. To compute them takes three times as long as the walk itself.
 *
 * - `fresh`: computed anew. For visitors that ask where a name is used or assigned, after others have moved names.
 * - `kept`: those of the walk before, and new ones for new functions. For visitors that ask at most whether or where a
 *   name is declared, or that declare one.
 * - `none`: the visitor asks no scope.
 */
export type ScopeUse = "fresh" | "kept" | "none";

/** Walks the whole tree. */
export function walk(program: Program, visitor: Visitor, scopes: ScopeUse): void {
  if (scopes === "fresh") traverse.cache.clear();
  const placed = withPlaces(program.trace, visitor);
  traverse(program.tree, scopes === "none" ? { ...placed, noScope: true } : placed);
}

/** Declares a variable at the top of the function (or program) that holds `path`. */
export function declareTemporary(program: Program, path: NodePath, hint: string): t.Identifier {
  const name = program.fresh(hint);
  const home = path.scope.getFunctionParent() ?? path.scope.getProgramParent();
  home.push({ id: t.identifier(name), kind: "var" });
  return t.identifier(name);
}
