import { type NodePath, types as t, type Visitor } from "@babel/core";
import { MISSING_GLOBALS } from "../program/missing.ts";
import type { Program } from "../program/program.ts";
import { placeOf } from "../program/source-place.ts";
import { type AskedNames, isAsked } from "./asked-members.ts";

/** Known to the interpreter, and to our types under another form. */
const KEYWORDS = new Set([
  "undefined",
  "NaN",
  "Infinity",
  "arguments",
  "globalThis",
  "require",
  "module",
  "exports",
]);

export interface KnownNames {
  /** Values that exist everywhere: Espruino's on the board, and what the project declares. */
  readonly names: ReadonlySet<string>;
  readonly boardId: string;
}

/**
 * Refuses names that a JavaScript module uses and that nobody declares, each at its first use in a file. TypeScript
 * finds them in TypeScript; a module of JavaScript has no types. A module that handles a ReferenceError expects one, and
 * Espruino throws it.
 */
export function freeNameRules(program: Program, known: KnownNames, asked: AskedNames): Visitor {
  const seen = new Set<string>();
  const assigned = new Set<string>();
  const expecting = new Set<string | undefined>();
  const fileOf = (node: t.Node) => placeOf(node, program.trace)?.file;
  return {
    Program(path) {
      // To assign to a name makes it a global, here as on the board.
      for (const [name, node] of Object.entries(path.scope.globals)) {
        if ((node as { type: string }).type !== "Identifier") assigned.add(name);
      }
      path.traverse({
        AssignmentExpression({ node: { left } }) {
          if (left.type === "Identifier") assigned.add(left.name);
        },
        ReferencedIdentifier(use) {
          if (handlesReferenceError(use)) expecting.add(fileOf(use.node));
        },
      });
    },
    ReferencedIdentifier(path) {
      const { node, scope } = path;
      if (node.type !== "Identifier" || scope.hasBinding(node.name, true)) return;
      const { name } = node;
      if (KEYWORDS.has(name) || known.names.has(name) || assigned.has(name)) return;
      if (isAsked(program, asked, name, node) || Object.hasOwn(MISSING_GLOBALS, name)) return;
      const file = fileOf(node);
      if (expecting.has(file) && !t.isUnaryExpression(path.parent, { operator: "void" })) return;
      if (file === undefined || !/\.[cm]?js$/.test(file) || seen.has(`${file}\n${name}`)) return;
      seen.add(`${file}\n${name}`);
      program.refuse(node, {
        code: "MK1225",
        message: `Nothing is called "${name}": the program does not declare it, and Espruino has no such name on the board "${known.boardId}".`,
        remedy: `Declare it, correct its spelling, or ask first by typeof ${name}.`,
      });
    },
  };
}

/** Whether the program compares an error with ReferenceError, and does not make one. */
function handlesReferenceError({ node, parent, scope }: NodePath): boolean {
  if (!t.isIdentifier(node, { name: "ReferenceError" }) || scope.hasBinding(node.name, true)) return false;
  return t.isBinaryExpression(parent) || (t.isCallExpression(parent) && parent.callee !== node);
}
