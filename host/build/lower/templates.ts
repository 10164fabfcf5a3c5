import { types as t, type Visitor } from "@babel/core";
import { assign, type Program } from "./program.ts";

/** Tagged templates; plain ones Espruino has. */
export function templateVisitor(program: Program): Visitor {
  return {
    TaggedTemplateExpression: {
      exit(path) {
        const { tag, quasi } = path.node;
        if (
          t.isMemberExpression(tag) &&
          t.isIdentifier(tag.object, { name: "String" }) &&
          t.isIdentifier(tag.property, { name: "raw" })
        ) {
          path.replaceWith(concatenated(quasi));
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

/** `String.raw` with the text as written. */
function concatenated(quasi: t.TemplateLiteral): t.Expression {
  let sum: t.Expression = t.stringLiteral(quasi.quasis[0]?.value.raw ?? "");
  quasi.expressions.forEach((expression, index) => {
    sum = t.binaryExpression("+", sum, expression as t.Expression);
    const text = quasi.quasis[index + 1]?.value.raw ?? "";
    if (text !== "") sum = t.binaryExpression("+", sum, t.stringLiteral(text));
  });
  return sum;
}
