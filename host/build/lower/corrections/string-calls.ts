import { type NodePath, types as t } from "@babel/core";
import { isOwnMember } from "../../program/own-members.ts";
import { declareTemporary, type Program } from "../../program/program.ts";
import { assign, isSimple, keyName } from "../../program/syntax.ts";
import { isForward } from "../fills/array-calls.ts";
import { constantOf } from "./constant-value.ts";

const CUTS = new Set([
  ...["slice", "substr", "substring", "padStart", "padEnd", "indexOf", "lastIndexOf", "includes"],
  ...["charAt", "charCodeAt", "codePointAt"],
]);

/** Methods of strings whose arguments may be what Espruino takes otherwise; whether the call was one of them. */
export function correctStringCall(program: Program, path: NodePath<t.CallExpression>, name: string): boolean {
  const { callee, arguments: given } = path.node;
  const object = (callee as t.MemberExpression).object as t.Expression;
  if (name === "concat" && isText(object)) {
    const sum = (given as t.Expression[]).reduce(
      (left, right) => t.binaryExpression("+", left, right),
      object,
    );
    path.replaceWith(sum);
    return true;
  }
  if ((name === "startsWith" || name === "endsWith") && given.length === 2 && !isOwnMember(program, name)) {
    cutBefore(program, path, name === "endsWith");
    return true;
  }
  if ((name === "includes" || name === "indexOf") && mayFindNothing(given)) {
    path.replaceWith(t.callExpression(program.helper("$locate"), [object, t.stringLiteral(name), ...given]));
    return true;
  }
  if (CUTS.has(name)) cutInfinity(program, path);
  if (name === "call" && isBorrowedCut(object)) cutInfinity(program, path, 1);
  if ((name === "padStart" || name === "padEnd") && given.length === 2) guardFiller(program, path);
  return false;
}

function isText(node: t.Node): boolean {
  return t.isStringLiteral(node) || t.isTemplateLiteral(node);
}

/** `startsWith` and `endsWith` with a position, which may be outside of the text: the text is cut there first. */
function cutBefore(program: Program, path: NodePath<t.CallExpression>, isEnd: boolean): void {
  const { callee, arguments: given } = path.node;
  const member = callee as t.MemberExpression;
  const [search, position] = given as [t.Expression, t.Expression];
  const isMissing =
    t.isIdentifier(position, { name: "undefined" }) || t.isUnaryExpression(position, { operator: "void" });
  const known = constantOf(position)?.value;
  if (known !== undefined && typeof known !== "number") return;
  if (!isEnd && known === undefined && isForward(position)) return;
  path.node.arguments = [search];
  if (isMissing) return;
  const place =
    known === undefined
      ? t.callExpression(program.helper("$cut"), isEnd ? [position, t.numericLiteral(1)] : [position])
      : t.numericLiteral(Math.min(Math.max(Math.trunc(known) || 0, 0), 2e9));
  if (known !== undefined && !isEnd && (place as t.NumericLiteral).value === 0) return;
  const places = isEnd ? [t.numericLiteral(0), place] : [place];
  member.object = t.callExpression(
    t.memberExpression(member.object as t.Expression, t.identifier("slice")),
    places,
  );
}

/** A search for a text that is empty, which the interpreter does not find at the end of the other. */
function mayFindNothing(given: t.CallExpression["arguments"]): boolean {
  return t.isStringLiteral(given[0], { value: "" });
}

/** An empty filler would be appended endlessly. */
function guardFiller(program: Program, path: NodePath<t.CallExpression>): void {
  const [length, filler] = path.node.arguments as [t.Expression, t.Expression];
  const constant = constantOf(filler)?.value;
  if (constant !== undefined && constant !== "") return;
  if (constant === "") {
    path.node.arguments = [t.numericLiteral(0)];
    return;
  }
  const plain = isSimple(filler);
  const once = plain ? filler : declareTemporary(program, path, "filler");
  const kept = isSimple(length) ? length : declareTemporary(program, path, "length");
  const test = t.binaryExpression(
    "===",
    plain ? t.cloneNode(filler) : assign(once as t.Identifier, filler),
    t.stringLiteral(""),
  );
  const guarded = t.conditionalExpression(test, t.numericLiteral(0), t.cloneNode(kept));
  path.node.arguments = [
    isSimple(length) ? guarded : t.sequenceExpression([assign(kept as t.Identifier, length), guarded]),
    t.cloneNode(once),
  ];
}

/** `[].slice.call(list, from, to)`. */
function isBorrowedCut(method: t.Node): boolean {
  return t.isMemberExpression(method) && CUTS.has(keyName(method.property, method.computed) ?? "");
}

/** Infinity is 0 as a place in a text, for the interpreter, and what has more than 32 bits loses the others. */
function cutInfinity(program: Program, path: NodePath<t.CallExpression>, first = 0): void {
  const isAny = path.node.arguments.some(hasUnsigned) || mentionsInfinity(program);
  const searches = /^(indexOf|lastIndexOf|includes)$/.test(nameOf(path));
  path.node.arguments = (path.node.arguments as t.Expression[]).map((one, index) => {
    if ((searches && index === 0) || index < first) return one;
    const known = constantOf(one)?.value;
    if (typeof known === "number" && Math.abs(known) > PLACE_MAX)
      return t.valueToNode(Math.sign(known) * PLACE_MAX);
    const isUnknown =
      hasUnsigned(one) ||
      t.isIdentifier(one) ||
      t.isMemberExpression(one) ||
      t.isLogicalExpression(one) ||
      t.isConditionalExpression(one);
    return isAny && isUnknown ? t.callExpression(program.helper("$place"), [one]) : one;
  });
}

/** A place beyond the end of any text. */
const PLACE_MAX = 2e9;

/** `>>>` gives places beyond what the interpreter has as integers. */
function hasUnsigned(node: t.Node): boolean {
  if (!t.isBinaryExpression(node)) return false;
  return node.operator === ">>>" || hasUnsigned(node.left) || hasUnsigned(node.right);
}

function nameOf(path: NodePath<t.CallExpression>): string {
  return ((path.node.callee as t.MemberExpression).property as t.Identifier).name;
}

const searched = new WeakMap<Program, boolean>();

function mentionsInfinity(program: Program): boolean {
  let found = searched.get(program);
  if (found === undefined) {
    found = false;
    t.traverseFast(program.tree, (node) => {
      if (
        t.isIdentifier(node) &&
        /^(Infinity|POSITIVE_INFINITY|NEGATIVE_INFINITY|MAX_VALUE)$/.test(node.name)
      )
        found = true;
      if (t.isBinaryExpression(node, { operator: "/" }) && t.isNumericLiteral(node.right, { value: 0 }))
        found = true;
    });
    searched.set(program, found);
  }
  return found;
}
