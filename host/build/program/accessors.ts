/**
 * Accessors that are defined by a call. The interpreter forgets the getter of a property when a setter is defined after
 * it, and the reverse, so both must be in one definition.
 */
import { types as t } from "@babel/core";
import type { Program } from "./program.ts";
import { keyName } from "./syntax.ts";

export type Method = t.ObjectMethod | t.ClassMethod | t.ClassPrivateMethod;

export function functionOf(method: Method): t.FunctionExpression {
  const { params, body, generator, async } = method;
  return t.inherits(
    t.functionExpression(null, params as t.Identifier[], body, generator ?? false, async ?? false),
    method,
  );
}

function isComputed(method: Method): boolean {
  return "computed" in method && method.computed === true;
}

/** Whether another member is the setter of this getter, or the getter of this setter. */
export function isPartner(one: Method, other: t.Node): boolean {
  if (!t.isObjectMethod(other) && !t.isClassMethod(other) && !t.isClassPrivateMethod(other)) return false;
  if (other.kind !== (one.kind === "get" ? "set" : "get")) return false;
  const name = keyName(one.key, isComputed(one));
  const otherName = keyName(other.key, isComputed(other));
  if (name !== undefined || otherName !== undefined) return name === otherName;
  return t.isIdentifier(one.key) && t.isIdentifier(other.key, { name: one.key.name });
}

/** The definition of an accessor, with its partner if that is known; else it joins what the object has by that key. */
export function defineAccessors(
  program: Program,
  object: t.Expression,
  one: Method,
  partner: Method | undefined,
  enumerable: boolean,
): t.Expression {
  const name = keyName(one.key, isComputed(one));
  const key = name === undefined ? (one.key as t.Expression) : t.stringLiteral(name);
  const parts = [one, partner].flatMap((each) =>
    each ? [t.objectProperty(t.identifier(each.kind), functionOf(each))] : [],
  );
  const flags = enumerable ? ["enumerable", "configurable"] : ["configurable"];
  const all = t.objectExpression([
    ...parts,
    ...flags.map((flag) => t.objectProperty(t.identifier(flag), t.booleanLiteral(true))),
  ]);
  const joins = name === undefined && partner === undefined;
  const callee = joins
    ? program.helper("$accessor")
    : t.memberExpression(t.identifier("Object"), t.identifier("defineProperty"));
  return t.callExpression(callee, [object, key, all]);
}
