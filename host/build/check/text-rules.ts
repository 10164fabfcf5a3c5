import type { types as t, Visitor } from "@babel/core";
import type { Program } from "../program/program.ts";

/** Texts with characters of the private area that the build puts bytes into. */
export function textRules(program: Program): Visitor {
  return {
    StringLiteral: ({ node }) => refuseArea(program, node, node.value),
    TemplateElement: ({ node }) => refuseArea(program, node, node.value.cooked ?? ""),
  };
}

function refuseArea(program: Program, node: t.Node, text: string): void {
  if (!/[\uee00-\ueeff]/.test(text)) return;
  program.refuse(node, {
    code: "MK1248",
    message:
      "The string contains a private-use character from U+EE00 to U+EEFF. The build reserves these to represent bytes.",
    remedy: "Use a private-use character outside this range.",
  });
}
