import { type NodePath, types as t, type Visitor } from "@babel/core";
import { childNodes } from "../../program/child-nodes.ts";
import type { Program } from "../../program/program.ts";
import { become, blockOf } from "../../program/syntax.ts";

/**
 * `this` in arrows. The interpreter keeps it only for an arrow whose code contains the word `this` directly, not in a
 * template or a nested arrow. It also fails on such an arrow in a branch that is not taken. There the
 * function that owns `this` puts it into a variable.
 */
export function lexicalThisVisitor(program: Program): Visitor {
  return {
    "FunctionDeclaration|FunctionExpression|ObjectMethod|ClassMethod|Program": {
      exit(path: NodePath) {
        const found: Found = { uses: [], risky: false };
        const { node } = path;
        search(t.isProgram(node) ? node : (node as t.Function).body, { arrows: 0, template: false }, found);
        if (found.uses.length === 0 || !found.risky) return;
        const alias = program.fresh("this");
        for (const use of found.uses) become(use, t.identifier(alias));
        const holder = t.isProgram(node) ? node.body : blockOf(node as t.Function).body;
        holder.unshift(
          t.variableDeclaration("var", [t.variableDeclarator(t.identifier(alias), t.thisExpression())]),
        );
      },
    },
  };
}

interface Found {
  readonly uses: t.ThisExpression[];
  risky: boolean;
}

interface Spot {
  readonly arrows: number;
  readonly template: boolean;
}

function search(node: t.Node, spot: Spot, found: Found): void {
  for (const child of childNodes(node)) searchOne(child, spot, found);
}

function searchOne(node: t.Node, spot: Spot, found: Found): void {
  if (t.isThisExpression(node)) {
    if (spot.arrows > 0) found.uses.push(node);
    if (spot.arrows > 1 || (spot.arrows > 0 && spot.template)) found.risky = true;
    return;
  }
  const arrow = t.isArrowFunctionExpression(node);
  if ((t.isFunction(node) && !arrow) || t.isClass(node)) return;
  const branches = t.isIfStatement(node) || t.isConditionalExpression(node) || t.isLogicalExpression(node);
  if (spot.arrows === 0 && (branches || t.isLoop(node) || t.isSwitchStatement(node))) found.risky = true;
  const template = t.isTemplateLiteral(node) || (spot.template && !arrow);
  search(node, { arrows: spot.arrows + (arrow ? 1 : 0), template }, found);
}
