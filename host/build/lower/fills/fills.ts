import { types as t, type Visitor } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { isKnownArray, keyName } from "../../program/syntax.ts";
import { METHOD_FILLS, STATIC_FILLS, STATIC_VALUES, typedArrayFill } from "./fill-sources.ts";
import { GLOBAL_FILLS } from "./global-sources.ts";

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

const COLLECTIONS: ReadonlySet<string> = new Set(["Map", "Set", "WeakMap", "WeakSet"]);

/** Finds what the program names of the standard library that Espruino lacks. */
export function fillVisitor(program: Program): Visitor {
  const { fills } = program;
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
    NewExpression(path) {
      const { callee, arguments: given } = path.node;
      if (!t.isIdentifier(callee) || !COLLECTIONS.has(callee.name)) return;
      if (path.scope.hasBinding(callee.name, true)) return;
      const made = t.newExpression(program.helper(`$${callee.name}`), []);
      const [content] = given as t.Expression[];
      const enter = content && program.helper(isKnownArray(content) ? "$enter" : "$enterAll");
      path.replaceWith(enter ? t.callExpression(enter, [made, content]) : made);
    },
    Identifier(path) {
      const { name } = path.node;
      if (/^(Uint|Int|Float)\d+(Clamped)?Array$/.test(name)) kinds.add(name);
      const stand = GLOBAL_FILLS.get(name);
      if (stand === undefined || !path.isReferencedIdentifier() || path.scope.hasBinding(name, true)) return;
      const tested = t.isBinaryExpression(path.parent, { operator: "instanceof" });
      if (COLLECTIONS.has(name) && !tested) program.helper("$anyCollection");
      path.replaceWith(program.helper(stand));
    },
  };
}

/** Typed arrays have prototypes of their own: what arrays were given works on them as it is. */
function shareWithTypedArrays(kinds: Set<string>, methods: Set<string>, fills: Set<string>): void {
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
