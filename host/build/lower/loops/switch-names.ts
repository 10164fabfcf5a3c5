import type { Visitor } from "@babel/core";
import type { Program } from "../../program/program.ts";
import { undefinedValue } from "../../program/syntax.ts";

/**
 * What one case declares and another uses becomes a variable of the function: the minifier assumes that a `let` is used
 * only in its own case, and replaces it by its value there.
 */
export function switchNameVisitor(program: Program): Visitor {
  return {
    SwitchStatement(path) {
      for (const [name, binding] of Object.entries(path.scope.bindings)) {
        const declaration = binding.path.parentPath;
        const home = declaration?.parentPath;
        if (!declaration?.isVariableDeclaration() || !home?.isSwitchCase()) continue;
        const uses = [...binding.referencePaths, ...binding.constantViolations];
        if (uses.every((use) => use.isDescendant(home))) continue;
        path.scope.rename(name, program.fresh(name));
        declaration.node.kind = "var";
        for (const one of declaration.node.declarations) one.init ??= undefinedValue();
      }
    },
  };
}
