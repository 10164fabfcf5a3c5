import { type NodePath, types as t, type Visitor } from "@babel/core";
import { ERROR_NAMES } from "../program/error-names.ts";
import type { Program } from "../program/program.ts";
import { keyName } from "../program/syntax.ts";
import type { AskedNames } from "./asked-members.ts";
import { MISSING_GLOBALS, MISSING_METHODS, MISSING_STATICS } from "./missing.ts";

/** Members and globals of the standard library that Espruino lacks, and that no fill stands in for. */
export function libraryRules(program: Program, asked: AskedNames): Visitor {
  return {
    Identifier(path) {
      const { name } = path.node;
      if (!Object.hasOwn(MISSING_GLOBALS, name) || !path.isReferencedIdentifier()) return;
      if (path.scope.hasBinding(name, true) || asked.globals.has(name)) return;
      program.refuse(path.node, {
        code: "MK1243",
        message: `Espruino has no ${name}.`,
        remedy: MISSING_GLOBALS[name] ?? "Do without.",
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
      if (name === "defineProperties" && t.isObjectExpression(given[1])) {
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
        message: `A class cannot extend ${superClass.name} on Espruino: its objects are made by the interpreter alone.`,
        remedy: `Keep the ${superClass.name} in a field.`,
      });
    },
  };
}

const BUILT_IN = new Set([
  "Array",
  "Map",
  "Set",
  "WeakMap",
  "WeakSet",
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
  if (name === undefined || asked.members.has(name)) return;
  const global =
    t.isIdentifier(node.object) && !path.scope.hasBinding(node.object.name, true)
      ? node.object.name
      : undefined;
  const full = `${global}.${name}`;
  if (global !== undefined && Object.hasOwn(MISSING_STATICS, full)) {
    program.refuse(node, {
      code: "MK1244",
      message: `Espruino has no ${full}.`,
      remedy: MISSING_STATICS[full] ?? "Do without.",
    });
  } else if (Object.hasOwn(MISSING_METHODS, name) && !declaredHere(program, name)) {
    program.refuse(node, {
      code: "MK1244",
      message: `Espruino has no ${name}.`,
      remedy: MISSING_METHODS[name] ?? "Do without.",
    });
  }
}

/** The program has a member of that name itself, which is most likely the one that is meant. */
function declaredHere(program: Program, name: string): boolean {
  let found = false;
  t.traverseFast(program.tree, (node) => {
    if ("key" in node && "computed" in node && !node.computed && keyName(node.key as t.Node, false) === name)
      found = true;
    if (
      t.isAssignmentExpression(node) &&
      t.isMemberExpression(node.left) &&
      keyName(node.left.property, node.left.computed) === name
    )
      found = true;
  });
  return found;
}

function checkInstance(program: Program, path: NodePath, name: string): void {
  if (name === "String" || name === "Number" || name === "Boolean") {
    program.refuse(path.node, {
      code: "MK1245",
      message: `Espruino takes plain values for instances of ${name}, too.`,
      remedy: `Use typeof x === "${name.toLowerCase()}".`,
    });
  }
}

function checkCreate(program: Program, node: t.CallExpression): void {
  const [prototype, properties] = node.arguments;
  if (t.isNullLiteral(prototype)) {
    program.refuse(node, {
      code: "MK1245",
      message: "An object without a prototype still has Object's methods on Espruino.",
      remedy: "Use a Map, or {} with Object.hasOwn.",
    });
  } else if (properties && !t.isIdentifier(properties, { name: "undefined" })) {
    program.refuse(properties, {
      code: "MK1244",
      message: "Espruino's Object.create takes no properties.",
      remedy: "Assign them after.",
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
