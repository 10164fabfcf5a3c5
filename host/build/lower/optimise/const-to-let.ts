import type { Visitor } from "@babel/core";

/** `const` is two bytes longer than `let` and does no more where nothing assigns to its names. */
export function constToLetVisitor(): Visitor {
  return {
    VariableDeclaration(path) {
      if (path.node.kind !== "const") return;
      const names = Object.keys(path.getBindingIdentifiers());
      if (names.every((name) => path.scope.getBinding(name)?.constant)) path.node.kind = "let";
    },
  };
}
