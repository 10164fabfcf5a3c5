import { types as t, type Visitor } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { isKnownArray } from "../../program/syntax.ts";
import { createArrayUse, fillArrays, memberName, noteCall, noteMember, noteName } from "./array-fills.ts";
import { METHOD_FILLS, STATIC_FILLS, STATIC_HELPERS, STATIC_VALUES, typedArrayFill } from "./fill-sources.ts";
import { GLOBAL_FILLS } from "./global-sources.ts";
import { runJobsFirst } from "./timers.ts";
import { lowerTypedNew } from "./typed-calls.ts";

/** Objects whose members are not methods of values: `Object.keys` is not `[].keys`. */
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
  if (program.traits.jobs) program.parts.add("jobs");
  const use = createArrayUse();
  return {
    Program: { exit: () => fillArrays(program, use) },
    ForInStatement: (path) => void use.loops.push(path),
    CallExpression(path) {
      noteCall(program, use, path);
      if (path.isCallExpression()) runJobsFirst(program, path);
    },
    MemberExpression(path) {
      const { node } = path;
      const name = memberName(node);
      if (name === undefined) return;
      if (t.isIdentifier(node.object) && !path.scope.hasBinding(node.object.name, true)) {
        const full = `${node.object.name}.${name}`;
        const helper = Object.hasOwn(STATIC_HELPERS, full) ? STATIC_HELPERS[full] : undefined;
        if (helper && !(t.isAssignmentExpression(path.parent) && path.parent.left === node)) {
          path.replaceWith(program.helper(helper));
          return;
        }
        const value = STATIC_VALUES[full];
        if (value !== undefined) path.replaceWith(t.valueToNode(value));
        const fill = STATIC_FILLS[full];
        const found = Object.hasOwn(STATIC_FILLS, full) && fill ? [fill] : typedArrayFill(full);
        for (const one of found) fills.add(one);
        if (value !== undefined || found.length > 0 || NAMESPACES.has(node.object.name)) return;
      }
      noteMember(use, path, name);
      if (Object.hasOwn(METHOD_FILLS, name)) for (const fill of METHOD_FILLS[name] ?? []) fills.add(fill);
    },
    NewExpression(path) {
      lowerTypedNew(program, path);
      if (!path.isNewExpression()) return;
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
      noteName(use, name);
      const stand = GLOBAL_FILLS.get(name);
      if (stand === undefined || !path.isReferencedIdentifier() || path.scope.hasBinding(name, true)) return;
      const tested = t.isBinaryExpression(path.parent, { operator: "instanceof" });
      if (COLLECTIONS.has(name) && !tested) program.helper("$anyCollection");
      path.replaceWith(program.helper(stand));
    },
  };
}
