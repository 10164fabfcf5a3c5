import { parseSync, types as t, type Visitor } from "@babel/core";
import { METHOD_FILLS, STATIC_FILLS, STATIC_VALUES, typedArrayFill } from "./fill-sources.ts";
import { GLOBAL_FILLS, GLOBAL_SOURCES } from "./global-sources.ts";
import { HELPER_SOURCES } from "./helper-sources.ts";
import { keyName, type Program } from "./program.ts";
import { REGEX_SOURCES } from "./regex-sources.ts";
import { WRONG_SOURCES } from "./wrong-sources.ts";

/** What they hold is no method of a value: `Object.keys` is not `[].keys`. */
const NAMESPACES: ReadonlySet<string> = new Set([
  "Object",
  "Array",
  "Math",
  "JSON",
  "Reflect",
  "Promise",
  "Number",
]);

/** Statements to put before the program, in order, keyed so that each comes once. */
export type Fills = Set<string>;

/** Finds what the program names of the standard library that Espruino lacks. */
export function fillVisitor(program: Program, fills: Fills): Visitor {
  const kinds = new Set<string>();
  const methods = new Set<string>();
  return {
    Program: { exit: () => shareWithTypedArrays(kinds, methods, fills) },
    MemberExpression(path) {
      const { node } = path;
      const name = keyName(node.property, node.computed && !t.isStringLiteral(node.property));
      if (name === undefined) return;
      if (t.isIdentifier(node.object) && !path.scope.hasBinding(node.object.name, true)) {
        const full = `${node.object.name}.${name}`;
        const value = STATIC_VALUES[full];
        if (value !== undefined) path.replaceWith(t.valueToNode(value));
        const fill = Object.hasOwn(STATIC_FILLS, full) ? STATIC_FILLS[full] : typedArrayFill(full);
        if (fill) fills.add(fill);
        if (value !== undefined || fill || NAMESPACES.has(node.object.name)) return;
      }
      if (Object.hasOwn(METHOD_FILLS, name)) {
        methods.add(name);
        for (const fill of METHOD_FILLS[name] ?? []) fills.add(fill);
      }
    },
    Identifier(path) {
      const { name } = path.node;
      if (/^(Uint|Int|Float)\d+(Clamped)?Array$/.test(name)) kinds.add(name);
      const stand = GLOBAL_FILLS.get(name);
      if (stand === undefined || !path.isReferencedIdentifier() || path.scope.hasBinding(name, true)) return;
      path.replaceWith(program.helper(stand as "$Map"));
    },
  };
}

/** Typed arrays have prototypes of their own: what arrays were given works on them as it is. */
function shareWithTypedArrays(kinds: Set<string>, methods: Set<string>, fills: Fills): void {
  for (const method of methods) {
    if (!TYPED_METHODS.has(method)) continue;
    for (const kind of kinds) {
      const own = `${kind}.prototype.${method}`;
      fills.add(`new ${kind}(1).${method} || (${own} = Array.prototype.${method});`);
    }
  }
}

const TYPED_METHODS = new Set([
  "at",
  "findLast",
  "findLastIndex",
  "lastIndexOf",
  "reduceRight",
  "entries",
  "keys",
  "values",
]);

const SOURCES: Readonly<Record<string, string>> = {
  ...HELPER_SOURCES,
  ...GLOBAL_SOURCES,
  ...WRONG_SOURCES,
  ...REGEX_SOURCES,
};

/** The helpers and fills that are used, parsed, in an order in which each comes after what it needs. */
export function preludeOf(program: Program, fills: Fills): t.Statement[] {
  const placed = new Set<string>();
  const texts: string[] = [];
  const place = (name: string): void => {
    if (placed.has(name)) return;
    placed.add(name);
    const source = SOURCES[name];
    if (source === undefined) return;
    for (const needed of namedIn(source)) place(needed);
    texts.push(source);
  };
  for (const name of Object.keys(SOURCES)) if (program.helpers.has(name as "$list")) place(name);
  for (const fill of fills) for (const name of namedIn(fill)) place(name);
  texts.push(...fills);
  if (texts.length === 0) return [];
  const parsed = parseSync(texts.join("\n"), { configFile: false, babelrc: false, sourceType: "script" });
  const statements = (parsed as t.File).program.body;
  // Positions in the prelude are no positions in the program.
  for (const one of statements) t.traverseFast(one, forget);
  return statements;
}

function forget(node: t.Node): void {
  delete node.loc;
  node.start = null;
  node.end = null;
}

function namedIn(source: string): string[] {
  return [...new Set(source.match(/\$[A-Za-z]\w*/g) ?? [])].filter((name) => Object.hasOwn(SOURCES, name));
}
