import { type NodePath, types as t, type Visitor } from "@babel/core";
import { ERROR_NAMES } from "../program/error-names.ts";
import { MISSING_GLOBALS, MISSING_METHODS, MISSING_STATICS } from "../program/missing.ts";
import { isOwnMember } from "../program/own-members.ts";
import type { Program } from "../program/program.ts";
import { keyName } from "../program/syntax.ts";
import { type AskedNames, isAsked } from "./asked-members.ts";

/** Members and globals of the standard library that Espruino lacks and for which there is no fill. */
export function libraryRules(program: Program, asked: AskedNames): Visitor {
  return {
    Identifier(path) {
      const { name } = path.node;
      if (!Object.hasOwn(MISSING_GLOBALS, name) || !path.isReferencedIdentifier()) return;
      if (path.scope.hasBinding(name, true) || isAsked(program, asked, name, path.node)) return;
      program.refuse(path.node, {
        code: "MK1243",
        message: `Espruino has no ${name}.`,
        remedy: MISSING_GLOBALS[name] ?? NO_REPLACEMENT,
      });
    },
    MemberExpression: (path) => checkMember(program, path, asked),
    OptionalMemberExpression: (path) => checkMember(program, path, asked),
    BinaryExpression(path) {
      const { operator, right } = path.node;
      if (operator === "instanceof" && t.isIdentifier(right) && !path.scope.hasBinding(right.name, true)) {
        checkInstance(program, path, right.name);
      }
    },
    CallExpression(path) {
      const { callee, arguments: given } = path.node;
      if (!t.isMemberExpression(callee) || !t.isIdentifier(callee.object, { name: "Object" })) return;
      const name = keyName(callee.property, callee.computed);
      if (name === "create") checkCreate(program, path.node);
      if (name === "defineProperty") checkDescriptor(program, given[2]);
      if ((name === "defineProperties" || name === "create") && t.isObjectExpression(given[1])) {
        for (const one of given[1].properties)
          if (t.isObjectProperty(one)) checkDescriptor(program, one.value);
      }
    },
    Class(path) {
      const { superClass } = path.node;
      if (!t.isIdentifier(superClass) || path.scope.hasBinding(superClass.name, true)) return;
      if (ERROR_NAMES.has(superClass.name) || !BUILT_IN.has(superClass.name)) return;
      program.refuse(superClass, {
        code: "MK1250",
        message: `Espruino does not support classes that extend the built-in ${superClass.name}.`,
        remedy: `Keep the ${superClass.name} in a field of the class instead.`,
      });
    },
  };
}

const NO_REPLACEMENT = "Espruino has no replacement; write your own function.";

const BUILT_IN = new Set([
  "Array",
  "Symbol",
  "Promise",
  "Date",
  "RegExp",
  "Function",
  "String",
  "Number",
  "Boolean",
  "Uint8Array",
  "Int8Array",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "Float32Array",
  "Float64Array",
  "ArrayBuffer",
  "DataView",
  "AggregateError",
]);

function checkMember(
  program: Program,
  path: NodePath<t.MemberExpression> | NodePath<t.OptionalMemberExpression>,
  asked: AskedNames,
): void {
  const { node } = path;
  const name = keyName(node.property, node.computed);
  if (name === undefined) return;
  const global =
    t.isIdentifier(node.object) && !path.scope.hasBinding(node.object.name, true)
      ? node.object.name
      : undefined;
  const full = `${global}.${name}`;
  if (global !== undefined && Object.hasOwn(MISSING_STATICS, full)) {
    if (isAsked(program, asked, full, node)) return;
    program.refuse(node, {
      code: "MK1244",
      message: `Espruino has no ${full}.`,
      remedy: MISSING_STATICS[full] ?? NO_REPLACEMENT,
    });
  } else if (Object.hasOwn(MISSING_METHODS, name) && !isOwnMember(program, name)) {
    if (isAsked(program, asked, `.${name}`, node)) return;
    program.refuse(node, {
      code: "MK1244",
      message: `Espruino has no method ${name}().`,
      remedy: MISSING_METHODS[name] ?? NO_REPLACEMENT,
    });
  }
}

function checkInstance(program: Program, path: NodePath, name: string): void {
  if (name === "String" || name === "Number" || name === "Boolean") {
    program.refuse(path.node, {
      code: "MK1245",
      message: `On Espruino, \`instanceof ${name}\` is also true for a primitive value.`,
      remedy: `Use typeof x === "${name.toLowerCase()}".`,
    });
  }
}

function checkCreate(program: Program, node: t.CallExpression): void {
  const [prototype] = node.arguments;
  if (t.isNullLiteral(prototype)) {
    program.refuse(node, {
      code: "MK1245",
      message: "On Espruino, Object.create(null) gives an object that still has methods such as toString.",
      remedy: "Use a Map, or {} with Object.hasOwn.",
    });
  }
}

function checkDescriptor(program: Program, descriptor: t.Node | undefined): void {
  if (!t.isObjectExpression(descriptor)) return;
  for (const one of descriptor.properties) {
    if (!t.isObjectProperty(one) || !t.isBooleanLiteral(one.value, { value: false })) continue;
    const name = keyName(one.key, one.computed);
    if (name !== "enumerable" && name !== "writable") continue;
    program.refuse(one, {
      code: "MK1245",
      message: `Espruino does not keep "${name}: false": the property stays ${name}.`,
      remedy:
        name === "writable"
          ? "Give it a getter without a setter."
          : "Keep the value in a variable or a private field.",
    });
  }
}
