import { types as t, type Visitor } from "@babel/core";
import { BYTE_AREA } from "../../program/byte-area.ts";
import type { Program } from "../../program/program.ts";
import { assign } from "../../program/syntax.ts";

/**
 * Tagged templates. Espruino supports plain templates, but treats characters beyond ASCII in them as bytes, unlike in
 * its strings: `${x}→` does not hold "→", nor does `${"→"}`. In a program with such texts, templates become
 * sums of strings.
 */
export function templateVisitor(program: Program): Visitor {
  const beyondAscii = hasTextBeyondAscii(program);
  return {
    TemplateLiteral: {
      exit(path) {
        const { node, parent } = path;
        if (t.isTaggedTemplateExpression(parent) || node.expressions.length === 0) return;
        if (beyondAscii) path.replaceWith(concatenated(node, (one) => one.value.cooked ?? ""));
      },
    },
    TaggedTemplateExpression: {
      exit(path) {
        const { tag, quasi } = path.node;
        if (
          t.isMemberExpression(tag) &&
          t.isIdentifier(tag.object, { name: "String" }) &&
          t.isIdentifier(tag.property, { name: "raw" })
        ) {
          path.replaceWith(concatenated(quasi, (one) => one.value.raw));
          return;
        }
        const cache = t.identifier(program.fresh("q"));
        path.scope.getProgramParent().push({ id: cache, kind: "var" });
        const cooked = quasi.quasis.map((one) => t.stringLiteral(one.value.cooked ?? ""));
        const raw = quasi.quasis.map((one) => t.stringLiteral(one.value.raw));
        const made = t.callExpression(program.helper("$strings"), [
          t.arrayExpression(cooked),
          t.arrayExpression(raw),
        ]);
        const strings = t.logicalExpression("||", t.cloneNode(cache), assign(t.cloneNode(cache), made));
        path.replaceWith(t.callExpression(tag, [strings, ...(quasi.expressions as t.Expression[])]));
      },
    },
  };
}

function hasTextBeyondAscii(program: Program): boolean {
  let found = false;
  const look = (text: string): void => {
    for (const one of text) {
      const code = one.codePointAt(0) ?? 0;
      const byte = code >= BYTE_AREA && code < BYTE_AREA + 0x100;
      if (code > 0x7f && !byte) found = true;
    }
  };
  t.traverseFast(program.tree, (node) => {
    if (t.isStringLiteral(node)) look(node.value);
    else if (t.isTemplateElement(node)) look(node.value.cooked ?? "");
  });
  return found;
}

/** The sum begins with a string, so that all of it is text. */
function concatenated(quasi: t.TemplateLiteral, textOf: (one: t.TemplateElement) => string): t.Expression {
  const [first, ...others] = quasi.quasis.map(textOf);
  let sum: t.Expression = t.stringLiteral(first ?? "");
  quasi.expressions.forEach((expression, index) => {
    sum = t.binaryExpression("+", sum, expression as t.Expression);
    const text = others[index] ?? "";
    if (text !== "") sum = t.binaryExpression("+", sum, t.stringLiteral(text));
  });
  return sum;
}
