/**
 * Names that a JavaScript module uses and that nobody declares. TypeScript finds them in TypeScript; a module of
 * JavaScript has no types, but its names are looked for in what Espruino has on the board.
 */

import { join } from "node:path";
import { parseSync, traverse } from "@babel/core";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Problem } from "../errors.ts";
import type { Script } from "./program/script.ts";

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

export interface FreeNamesInput {
  readonly bundle: Script;
  /** The folder that paths in the bundle's map start from. */
  readonly folder: string;
  readonly knownNames: ReadonlySet<string>;
  readonly boardId: string;
}

interface Use {
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

/** Uses of names that no scope binds, in the order of the text, without those that `typeof` asks for first. */
function unboundUses(code: string): Use[] {
  const tree = parseSync(code, { configFile: false, babelrc: false, sourceType: "script" });
  if (!tree) return [];
  const uses: Use[] = [];
  const spared = new Set<string>();
  traverse(tree, {
    Program(path) {
      // Assigning to a name makes it a global, here as on the board.
      for (const name of Object.keys(path.scope.globals)) {
        if (path.scope.globals[name]?.type !== "Identifier") spared.add(name);
      }
    },
    AssignmentExpression({ node, scope }) {
      if (node.left.type === "Identifier" && !scope.hasBinding(node.left.name, true))
        spared.add(node.left.name);
    },
    UnaryExpression({ node }) {
      if (node.operator === "typeof" && node.argument.type === "Identifier") spared.add(node.argument.name);
    },
    ReferencedIdentifier(path) {
      const { node, scope } = path;
      if (node.type !== "Identifier" || !node.loc || scope.hasBinding(node.name, true)) return;
      uses.push({ name: node.name, line: node.loc.start.line, column: node.loc.start.column });
    },
  });
  traverse.cache.clear();
  return uses.filter(({ name }) => !spared.has(name) && !KEYWORDS.has(name));
}

/** MK1225 for each name, at its first use in each file. */
export function freeNames({ bundle, folder, knownNames, boardId }: FreeNamesInput): Problem[] {
  const trace = new TraceMap(bundle.map);
  const seen = new Set<string>();
  return unboundUses(bundle.code).flatMap(({ name, line, column }) => {
    if (knownNames.has(name)) return [];
    const { source, line: sourceLine, column: sourceColumn } = originalPositionFor(trace, { line, column });
    // TypeScript has seen the rest, declarations of the project's own included.
    if (source === null || !/\.[cm]?js$/.test(source)) return [];
    const file = join(folder, source);
    if (seen.has(`${file}\n${name}`)) return [];
    seen.add(`${file}\n${name}`);
    const problem: Problem = {
      code: "MK1225",
      message: `Nothing is called "${name}": the program does not declare it, and Espruino has no such name on the board "${boardId}".`,
      where: { file, line: sourceLine, column: sourceColumn + 1 },
      remedy: `Declare it, correct its spelling, or ask first by typeof ${name}.`,
    };
    return [problem];
  });
}
