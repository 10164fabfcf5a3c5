import { type NodePath, types as t, type Visitor } from "@babel/core";
import { declareTemporary, type Program } from "../../program/program.ts";
import { assign, isSimple, keyName } from "../../program/syntax.ts";

/**
 * Where accessors are used in ways that the interpreter gets wrong. The value of an assignment through a setter is what
 * the getter gives, or undefined, and a function that the object's own getter returns is not found when it is called as
 * a method. Both are rewritten where the property has the name of such an accessor.
 */
export function accessorUseVisitor(program: Program): Visitor {
  const names = accessorNames(program);
  if (names.setters.size === 0 && names.getters.size === 0) return {};
  return {
    AssignmentExpression: {
      exit(path) {
        const { left } = path.node;
        if (!t.isMemberExpression(left) || !isUsed(path)) return;
        const name = keyName(left.property, left.computed);
        if (name !== undefined && names.setters.has(name)) keepValue(program, path, left);
      },
    },
    CallExpression: {
      exit(path) {
        const { callee } = path.node;
        if (!t.isMemberExpression(callee)) return;
        const name = keyName(callee.property, callee.computed);
        if (name !== undefined && names.getters.has(name)) callByHand(program, path, callee);
      },
    },
  };
}

interface AccessorNames {
  readonly setters: Set<string>;
  /** Those that an object itself may have; getters of prototypes are found. */
  readonly getters: Set<string>;
}

function accessorNames(program: Program): AccessorNames {
  const names: AccessorNames = { setters: new Set(), getters: new Set() };
  const add = (kind: string, name: string | undefined): void => {
    if (name === undefined) return;
    if (kind === "set") names.setters.add(name);
    else if (kind === "get") names.getters.add(name);
  };
  t.traverseFast(program.tree, (node) => {
    if (t.isObjectMethod(node)) add(node.kind, keyName(node.key, node.computed));
    else if (t.isClassMethod(node, { kind: "set" })) add("set", keyName(node.key, node.computed === true));
    else if (t.isCallExpression(node)) {
      const [, key, descriptor] = node.arguments;
      if (!t.isStringLiteral(key) || !t.isObjectExpression(descriptor)) return;
      for (const one of descriptor.properties) {
        if (!t.isSpreadElement(one)) add(keyName(one.key, one.computed) ?? "", key.value);
      }
    }
  });
  return names;
}

/** Whether something reads the value of an assignment. */
function isUsed(path: NodePath<t.AssignmentExpression>): boolean {
  const { parent } = path;
  if (t.isExpressionStatement(parent)) return false;
  if (t.isForStatement(parent)) return path.key === "test";
  if (t.isSequenceExpression(parent)) {
    const last = path.key === parent.expressions.length - 1;
    return last && !t.isExpressionStatement(path.parentPath?.parent);
  }
  return true;
}

function keepValue(program: Program, path: NodePath<t.AssignmentExpression>, left: t.MemberExpression): void {
  const { operator, right } = path.node;
  if (operator === "=" && isSimple(right)) {
    path.replaceWith(t.sequenceExpression([path.node, t.cloneNode(right)]));
    path.skip();
    return;
  }
  const kept = declareTemporary(program, path, "v");
  if (operator === "=") {
    path.node.right = assign(kept, right);
    path.replaceWith(t.sequenceExpression([path.node, t.cloneNode(kept)]));
  } else {
    if (!isSimple(left.object) || (left.computed && !isSimple(left.property))) return;
    const sum = t.binaryExpression(operator.slice(0, -1) as "+", t.cloneNode(left), right);
    const stored = t.assignmentExpression("=", left, t.cloneNode(kept));
    path.replaceWith(t.sequenceExpression([assign(kept, sum), stored, t.cloneNode(kept)]));
  }
  path.skip();
}

/** `o.m(x)` becomes `o.m.call(o, x)`. */
function callByHand(program: Program, path: NodePath<t.CallExpression>, callee: t.MemberExpression): void {
  let object = callee.object as t.Expression;
  if (t.isSuper(object)) return;
  if (!isSimple(object)) {
    const kept = declareTemporary(program, path, "o");
    callee.object = assign(kept, object);
    object = kept;
  }
  path.node.callee = t.memberExpression(callee, t.identifier("call"));
  path.node.arguments.unshift(t.cloneNode(object));
}
