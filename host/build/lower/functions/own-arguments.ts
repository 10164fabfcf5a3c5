import { type NodePath, types as t, type Visitor } from "@babel/core";
import { eachOwnNode } from "../../program/child-nodes.ts";
import type { Program } from "../../program/program.ts";
import { blockOf } from "../../program/syntax.ts";

/**
 * `arguments` within a function that has used its own: the interpreter keeps the outer list as a variable, and the
 * inner function finds that. So a wrapper outside passes the list to the inner function.
 */
export function argumentsVisitor(program: Program): Visitor {
  return {
    "FunctionExpression|FunctionDeclaration|ObjectMethod": {
      exit(path: NodePath) {
        const inner = path as NodePath<t.FunctionExpression | t.FunctionDeclaration | t.ObjectMethod>;
        if (usesOf(inner.node).length === 0) return;
        const outer = path.findParent(
          (up) => up.isFunction() && !up.isArrowFunctionExpression() && usesOf(up.node).length > 0,
        );
        if (outer) handIn(program, inner);
      },
    },
  };
}

function usesOf(node: t.Function): t.Identifier[] {
  const uses: t.Identifier[] = [];
  eachOwnNode(node.body, (inner, parent) => {
    const named = t.isMemberExpression(parent) && parent.property === inner && !parent.computed;
    if (t.isIdentifier(inner, { name: "arguments" }) && !named) uses.push(inner);
  });
  return uses;
}

function handIn(
  program: Program,
  path: NodePath<t.FunctionExpression | t.FunctionDeclaration | t.ObjectMethod>,
): void {
  const { node } = path;
  const own = t.isFunctionExpression(node) && node.id ? node.id.name : undefined;
  if (t.isObjectMethod(node) && node.kind !== "method") return;
  const list = program.fresh("given");
  for (const use of usesOf(node)) use.name = list;
  const at = (index: number) => t.memberExpression(t.identifier(list), t.numericLiteral(index), true);
  const params = node.params.map((one, index) => t.variableDeclarator(one as t.Identifier, at(index)));
  const body = blockOf(node);
  if (params.length > 0) body.body.unshift(t.variableDeclaration("var", params));
  const taking = t.functionExpression(null, [t.identifier(list)], body);
  const made = t.callExpression(program.helper("$passing"), [taking]);
  if (t.isObjectMethod(node)) {
    path.replaceWith(t.objectProperty(node.key as t.Expression, made, node.computed));
  } else if (t.isFunctionDeclaration(node) && node.id) {
    const declared = t.variableDeclaration("var", [t.variableDeclarator(node.id, made)]);
    const block = path.parentPath.node as t.BlockStatement;
    path.remove();
    block.body.unshift(declared);
  } else if (own !== undefined) {
    const declared = t.variableDeclaration("var", [t.variableDeclarator(t.identifier(own), made)]);
    const scope = t.blockStatement([declared, t.returnStatement(t.identifier(own))]);
    path.replaceWith(t.callExpression(t.functionExpression(null, [], scope), []));
  } else {
    path.replaceWith(made);
  }
  path.skip();
}
