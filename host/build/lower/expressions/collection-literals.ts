import { type NodePath, types as t, type Visitor } from "@babel/core";
import { defineAccessors, functionOf, isPartner } from "../../program/accessors.ts";
import { declareTemporary, type Program } from "../../program/program.ts";
import { assign, isKeyword, isSimple, keyName, undefinedValue } from "../../program/syntax.ts";

/** Spread in calls, arrays and objects, computed keys, and holes in array literals. */
export function collectionVisitor(program: Program): Visitor {
  return {
    ArrayExpression: {
      exit(path) {
        const { elements } = path.node;
        if (elements.some((element) => t.isSpreadElement(element))) {
          path.replaceWith(joined(program, elements));
          return;
        }
        if (elements.includes(null)) path.node.elements = elements.map((one) => one ?? undefinedValue());
      },
    },
    ObjectExpression: { exit: (path) => lowerObject(program, path) },
    CallExpression: { exit: (path) => lowerCall(program, path) },
    NewExpression: {
      exit(path) {
        const { callee, arguments: given } = path.node;
        if (!given.some((one) => t.isSpreadElement(one))) return;
        path.replaceWith(
          t.callExpression(program.helper("$construct"), [callee as t.Expression, joined(program, given)]),
        );
      },
    },
  };
}

/** The elements as one fresh array. */
function joined(program: Program, elements: readonly (t.Node | null)[]): t.Expression {
  const parts: t.Expression[] = [];
  let run: t.Expression[] = [];
  for (const element of elements) {
    if (!t.isSpreadElement(element)) {
      run.push((element as t.Expression | null) ?? undefinedValue());
      continue;
    }
    if (run.length > 0) parts.push(t.arrayExpression(run));
    run = [];
    parts.push(
      t.isArrayExpression(element.argument)
        ? element.argument
        : t.callExpression(listHelper(program), [element.argument]),
    );
  }
  if (run.length > 0) parts.push(t.arrayExpression(run));
  const [first, ...rest] = parts;
  if (first === undefined) return t.arrayExpression([]);
  return rest.length === 0
    ? first
    : t.callExpression(t.memberExpression(first, t.identifier("concat")), rest);
}

/** Where no iterators can come, a copy of an array or a text will do. */
function listHelper(program: Program): t.Identifier {
  const { collections, iterators } = program.traits;
  return program.helper(collections || iterators ? "$list" : "$items");
}

function lowerCall(program: Program, path: NodePath<t.CallExpression>): void {
  const { callee, arguments: given } = path.node;
  if (!given.some((one) => t.isSpreadElement(one)) || t.isSuper(callee) || t.isImport(callee)) return;
  const list = joined(program, given);
  let receiver: t.Expression = undefinedValue();
  if (t.isMemberExpression(callee)) {
    receiver = callee.object as t.Expression;
    if (!isSimple(receiver)) {
      const temporary = declareTemporary(program, path, "o");
      callee.object = assign(temporary, receiver);
      receiver = temporary;
    }
  }
  path.replaceWith(
    t.callExpression(t.memberExpression(callee as t.Expression, t.identifier("apply")), [
      t.cloneNode(receiver),
      list,
    ]),
  );
}

type Member = t.ObjectExpression["properties"][number];

/** Whether a literal must be taken apart: a key known only at run time, or a spread. */
function isPlain(member: Member): boolean {
  if (t.isSpreadElement(member)) return false;
  // The interpreter reads `get "a-b"() {…}` wrongly.
  if (isAccessor(member))
    return !member.computed && t.isIdentifier(member.key) && !isKeyword(member.key.name);
  return !member.computed || t.isStringLiteral(member.key) || t.isNumericLiteral(member.key);
}

function isAccessor(member: Member): member is t.ObjectMethod {
  return t.isObjectMethod(member) && member.kind !== "method";
}

function lowerObject(program: Program, path: NodePath<t.ObjectExpression>): void {
  const { properties } = path.node;
  for (const member of properties) {
    if (t.isSpreadElement(member) || !member.computed) continue;
    if (t.isNumericLiteral(member.key)) member.key = t.stringLiteral(String(member.key.value));
    if (t.isStringLiteral(member.key)) member.computed = false;
  }
  pairAccessors(properties);
  properties.forEach((member, at) => {
    if (t.isObjectMethod(member)) properties[at] = withKnownKey(member);
  });
  if (properties.every(isPlain)) {
    orderIntegerKeys(path.node);
    return;
  }
  // Merging would read the accessors once, so they are defined on the object itself.
  if (properties.every((member) => t.isSpreadElement(member) || (isPlain(member) && !isAccessor(member)))) {
    path.replaceWith(merged(program, properties));
    return;
  }
  const object = declareTemporary(program, path, "o");
  const split = properties.findIndex((member) => !isPlain(member));
  const steps: t.Expression[] = [assign(object, t.objectExpression(properties.slice(0, split)))];
  const rest = properties.slice(split);
  while (rest.length > 0) steps.push(memberStep(program, object, rest.shift() as Member, rest));
  path.replaceWith(t.sequenceExpression([...steps, t.cloneNode(object)]));
}

/** A getter and a setter of one property stand side by side, so that neither is split from the other. */
function pairAccessors(properties: Member[]): void {
  for (let at = 0; at < properties.length; at++) {
    const member = properties[at] as Member;
    if (!isAccessor(member)) continue;
    const other = properties.findIndex((one, index) => index > at + 1 && isPartner(member, one));
    if (other > 0) properties.splice(at + 1, 0, ...properties.splice(other, 1));
  }
}

/** The interpreter does not find a method whose key is an index, written as a method. */
function withKnownKey(method: t.ObjectMethod): Member {
  const name = keyName(method.key, method.computed);
  if (method.kind !== "method" || name === undefined || !/^\d/.test(name)) return method;
  return t.objectProperty(t.stringLiteral(name), functionOf(method));
}

function merged(program: Program, properties: Member[]): t.Expression {
  const parts: t.Expression[] = [];
  for (const member of properties) {
    const last = parts.at(-1);
    if (t.isSpreadElement(member)) {
      if (parts.length === 0) parts.push(t.objectExpression([]));
      parts.push(member.argument);
    } else if (t.isObjectExpression(last) && parts.length > 0) {
      last.properties.push(member);
    } else {
      parts.push(t.objectExpression([member]));
    }
  }
  return t.callExpression(program.helper("$merge"), parts);
}

function memberStep(program: Program, object: t.Identifier, member: Member, others: Member[]): t.Expression {
  if (t.isSpreadElement(member)) {
    return t.callExpression(program.helper("$merge"), [t.cloneNode(object), member.argument]);
  }
  if (isAccessor(member)) {
    const at = others.findIndex((other) => isPartner(member, other));
    const partner = at < 0 ? undefined : (others.splice(at, 1)[0] as t.ObjectMethod);
    return defineAccessors(program, t.cloneNode(object), member, partner, true);
  }
  const name = keyName(member.key, member.computed);
  const key = name === undefined ? (member.key as t.Expression) : t.stringLiteral(name);
  const value = t.isObjectMethod(member) ? functionOf(member) : (member.value as t.Expression);
  return assign(t.memberExpression(t.cloneNode(object), key, true), value);
}

/** Integer keys come first and ascending in JavaScript, and as written in Espruino: write them in that order. */
function orderIntegerKeys(node: t.ObjectExpression): void {
  const indexOf = (member: Member): number => {
    const name = t.isSpreadElement(member) ? undefined : keyName(member.key, member.computed);
    return name !== undefined && /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : -1;
  };
  const indices = node.properties.map(indexOf);
  const ordered = indices.every((index, at) => at === 0 || index < 0 || (indices[at - 1] as number) >= 0);
  const ascending = indices
    .filter((index) => index >= 0)
    .every((index, at, all) => at === 0 || index > (all[at - 1] as number));
  if (ordered && ascending) return;
  const pure = node.properties.every(
    (member) =>
      t.isObjectMethod(member) ||
      (t.isObjectProperty(member) &&
        (t.isLiteral(member.value) || t.isIdentifier(member.value) || t.isFunction(member.value))),
  );
  if (!pure) return;
  const keyed = node.properties.map((member, at) => ({ member, index: indices[at] as number, at }));
  keyed.sort((a, b) => {
    if (a.index < 0 || b.index < 0) return a.index < 0 && b.index < 0 ? a.at - b.at : a.index < 0 ? 1 : -1;
    return a.index - b.index || a.at - b.at;
  });
  node.properties = keyed.map((one) => one.member);
}
