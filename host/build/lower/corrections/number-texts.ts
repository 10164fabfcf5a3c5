import { type NodePath, types as t, type Visitor } from "@babel/core";
import { BYTE_AREA } from "../../program/byte-area.ts";
import { constantOf } from "./constant-value.ts";

/** Texts of numbers that the build knows: Espruino prints fewer digits. */
export function numberTextVisitor(): Visitor {
  return {
    CallExpression: {
      exit(path) {
        const { callee, arguments: given } = path.node;
        if (t.isIdentifier(callee)) {
          if (given.length !== 1 || path.scope.hasBinding(callee.name, true)) return;
          const constant = constantOf(given[0] as t.Node);
          if (!constant || typeof constant.value === "object") return;
          if (callee.name === "String") path.replaceWith(t.stringLiteral(String(constant.value)));
          if (callee.name === "Number") replaceByNumber(path, Number(constant.value));
          if (callee.name === "parseFloat") replaceByNumber(path, Number.parseFloat(String(constant.value)));
          return;
        }
        if (!t.isMemberExpression(callee) || callee.computed || !t.isIdentifier(callee.property)) return;
        const method = callee.property.name;
        if (method === "charCodeAt") {
          foldCharCode(path, callee.object, given[0]);
          return;
        }
        if (!NUMBER_TEXTS.has(method) || given.length > 1) return;
        const value = constantOf(callee.object)?.value;
        const digits = given[0] ? constantOf(given[0])?.value : undefined;
        if (typeof value !== "number" || (given[0] && typeof digits !== "number")) return;
        if (method === "toString" && digits !== undefined) return;
        path.replaceWith(
          t.stringLiteral(
            (value as unknown as Record<string, (n?: unknown) => string>)[method]?.(digits) ?? "",
          ),
        );
      },
    },
    UnaryExpression: {
      exit(path) {
        const text = path.node.operator === "+" ? constantOf(path.node.argument)?.value : undefined;
        if (typeof text === "string") replaceByNumber(path, Number(text));
      },
    },
    TemplateLiteral: {
      exit(path) {
        path.node.expressions.forEach((one, index) => {
          const value = constantOf(one as t.Node)?.value;
          if (typeof value === "number") path.node.expressions[index] = t.stringLiteral(String(value));
        });
      },
    },
    BinaryExpression: {
      exit(path) {
        const { operator, left, right } = path.node;
        if (operator === "**" || operator === "%") {
          const power = constantOf(path.node)?.value;
          if (typeof power === "number") replaceByNumber(path, power);
          return;
        }
        if (operator !== "+") return;
        const sides = [constantOf(left)?.value, constantOf(right)?.value];
        if (typeof sides[0] === "number" && typeof sides[1] === "string")
          path.node.left = t.stringLiteral(String(sides[0]));
        if (typeof sides[1] === "number" && typeof sides[0] === "string")
          path.node.right = t.stringLiteral(String(sides[1]));
      },
    },
  };
}

/** The minifier would take the code of what stands for a byte, so it is taken here, where it is known. */
function foldCharCode(path: NodePath, object: t.Node, index: t.Node | undefined): void {
  const text = literalOf(path, object);
  const at = index ? literalOf(path, index) : 0;
  if (typeof text !== "string" || typeof at !== "number") return;
  const code = text.charCodeAt(at);
  replaceByNumber(path, code >= BYTE_AREA && code < BYTE_AREA + 0x100 ? code - BYTE_AREA : code);
}

function literalOf(path: NodePath, node: t.Node): unknown {
  const constant = constantOf(node);
  if (constant || !t.isIdentifier(node)) return constant?.value;
  const binding = path.scope.getBinding(node.name);
  const bound = binding?.path.node;
  if (binding?.constantViolations.length !== 0 || !t.isVariableDeclarator(bound) || !bound.init)
    return undefined;
  return constantOf(bound.init)?.value;
}

const NUMBER_TEXTS = new Set(["toString", "toFixed", "toPrecision", "toExponential"]);

function replaceByNumber(path: NodePath, value: number): void {
  if (Number.isNaN(value)) path.replaceWith(t.identifier("NaN"));
  else if (Number.isFinite(value) && !Object.is(value, -0)) path.replaceWith(t.valueToNode(value));
}
