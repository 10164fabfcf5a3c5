import { type NodePath, types as t, type Visitor } from "@babel/core";
import { MISSING_GLOBALS } from "../program/missing.ts";
import { isInFolder, type Program } from "../program/program.ts";
import { placeOf } from "../program/source-place.ts";
import { type AskedNames, isAsked } from "./asked-members.ts";

/** Names that the interpreter has, and that our types declare in another form. */
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
  /** The folder of the project's driver modules, relative to the entry's. */
  readonly driverFolder: string;
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
      // An assignment to an undeclared name creates a global, as on the board.
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
        message: `The name "${name}" is not known: the program does not declare it, and Espruino has no such name on the board "${known.boardId}".`,
        remedy: `Declare it, correct its spelling, or test for it first with typeof ${name}.`,
        certain: isReachedAtLoad(path) && isInFolder(file, known.driverFolder),
      });
    },
  };
}

/** Whether a name is used as soon as its module is loaded, whatever the program then does. */
function isReachedAtLoad(path: NodePath): boolean {
  return !path.findParent(
    (up) =>
      (up.isFunction() && !isModule(up)) ||
      up.isIfStatement() ||
      up.isConditionalExpression() ||
      up.isLogicalExpression() ||
      up.isTryStatement(),
  );
}

/** The function that the bundler makes of a CommonJS module: a method with the path of the file as its name. */
function isModule({ node }: NodePath): boolean {
  return t.isObjectMethod(node) && t.isStringLiteral(node.key) && node.key.value.includes("/");
}

/** Whether the program compares an error with ReferenceError, and does not make one. */
function handlesReferenceError({ node, parent, scope }: NodePath): boolean {
  if (!t.isIdentifier(node, { name: "ReferenceError" }) || scope.hasBinding(node.name, true)) return false;
  return t.isBinaryExpression(parent) || (t.isCallExpression(parent) && parent.callee !== node);
}
