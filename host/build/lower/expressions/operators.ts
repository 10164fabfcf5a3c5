import { type NodePath, types as t, type Visitor } from "@babel/core";
import { effectsOf, waits } from "../../program/effects.ts";
import { declareTemporary, type Program } from "../../program/program.ts";
import { assign, isSimple, undefinedValue } from "../../program/syntax.ts";
import { powerOf } from "../numbers/powers.ts";

/** `?.`, `**` and the logical assignments, none of which Espruino parses. It supports `??`. */
export function operatorVisitor(program: Program): Visitor {
  return {
    OptionalMemberExpression: { exit: (path) => lowerChain(program, path) },
    OptionalCallExpression: { exit: (path) => lowerChain(program, path) },
    BinaryExpression: {
      exit(path) {
        const { operator, left, right } = path.node;
        if (operator === "**") path.replaceWith(powerOf(program, left as t.Expression, right));
        // After a closing brace Espruino takes the division for a regular expression.
        if (operator === "/" && (t.isObjectExpression(left) || t.isFunctionExpression(left)))
          path.node.left = t.memberExpression(t.arrayExpression([left]), t.numericLiteral(0), true);
      },
    },
    AssignmentExpression: {
      exit(path) {
        const { operator, left, right } = path.node;
        if (operator === "**=") {
          const target = reusable(program, path, left);
          path.replaceWith(assign(target.first, powerOf(program, target.again, right)));
        } else if (operator === "??=" || operator === "||=" || operator === "&&=") {
          const target = reusable(program, path, left);
          const logical = operator.slice(0, 2) as "??" | "||" | "&&";
          path.replaceWith(t.logicalExpression(logical, target.first, assign(target.again, right)));
        } else if (operator !== "=" && changesTarget(program, path)) {
          const target = reusable(program, path, left);
          const binary = operator.slice(0, -1) as t.BinaryExpression["operator"];
          path.replaceWith(assign(target.first, t.binaryExpression(binary, target.again, right)));
        }
      },
    },
  };
}

/**
 * Whether the right side of `x += f()` may change `x`: Espruino reads it after. A member, and a variable that other
 * functions set, may be changed by any call; a variable of this function alone only by what stands there.
 */
function changesTarget(program: Program, path: NodePath<t.AssignmentExpression>): boolean {
  const { left, right } = path.node;
  if (t.isLiteral(right) || t.isIdentifier(right)) return false;
  const { runsCode, changes } = effectsOf(program, path, right);
  if (!t.isIdentifier(left)) return runsCode || changes;
  const binding = path.scope.getBinding(left.name);
  if (changes && sets(right, left.name)) return true;
  if (!runsCode || waits(right)) return false;
  const own = path.scope.getFunctionParent();
  const uses = [binding, ...(binding?.constantViolations ?? [])];
  return !own || !uses.every((one) => one?.scope.getFunctionParent() === own);
}

function sets(node: t.Node, name: string): boolean {
  let found = false;
  t.traverseFast(node, (inner) => {
    if (t.isAssignmentExpression(inner) && Object.hasOwn(t.getBindingIdentifiers(inner.left), name))
      found = true;
    if (t.isUpdateExpression(inner) && t.isIdentifier(inner.argument, { name })) found = true;
  });
  return found;
}

/** An assignment's target twice, its object and key evaluated once: where `first` stands. */
function reusable(
  program: Program,
  path: NodePath,
  left: t.Node,
): { first: t.Identifier | t.MemberExpression; again: t.Identifier | t.MemberExpression } {
  if (!t.isMemberExpression(left)) {
    return { first: left as t.Identifier, again: t.cloneNode(left) as t.Identifier };
  }
  const once = (node: t.Expression, hint: string): [t.Expression, t.Expression] => {
    if (isSimple(node)) return [node, t.cloneNode(node)];
    const temporary = declareTemporary(program, path, hint);
    return [assign(temporary, node), t.cloneNode(temporary)];
  };
  const [object, objectAgain] = once(left.object as t.Expression, "o");
  if (!left.computed) {
    return {
      first: t.memberExpression(object, left.property),
      again: t.memberExpression(objectAgain, t.cloneNode(left.property)),
    };
  }
  const [key, keyAgain] = once(left.property as t.Expression, "k");
  return {
    first: t.memberExpression(object, key, true),
    again: t.memberExpression(objectAgain, keyAgain, true),
  };
}

export type Chain = NodePath<t.OptionalMemberExpression> | NodePath<t.OptionalCallExpression>;

/** The whole chain at once: `a?.b.c(d)` is `a == null ? void 0 : a.b.c(d)`. */
export function lowerChain(program: Program, path: Chain): void {
  const { parent } = path;
  const within =
    (t.isOptionalMemberExpression(parent) && parent.object === path.node) ||
    (t.isOptionalCallExpression(parent) && parent.callee === path.node);
  if (within) return;
  const removed = path.parentPath.isUnaryExpression({ operator: "delete" });
  const guards: t.Expression[] = [];
  let value = unchain(program, path, path.node, guards) as t.Expression;
  const whole = removed ? path.parentPath : path;
  if (removed) value = t.unaryExpression("delete", value);
  const nothing = removed ? t.booleanLiteral(true) : undefinedValue();
  const result = guards.reduceRight<t.Expression>(
    (rest, guard) =>
      t.conditionalExpression(t.binaryExpression("==", guard, t.nullLiteral()), t.cloneNode(nothing), rest),
    value,
  );
  const called = path.parentPath.isCallExpression() && path.parentPath.node.callee === path.node;
  if (called) bindMember(program, path, result);
  else whole.replaceWith(result);
}

/** `(a?.b)(c)` calls with `a` as `this`. It is rare, so `bind` is used. */
function bindMember(program: Program, path: Chain, result: t.Expression): void {
  if (t.isConditionalExpression(result) && t.isMemberExpression(result.alternate)) {
    const object = result.alternate.object as t.Expression;
    const bound = t.callExpression(t.memberExpression(result.alternate, t.identifier("bind")), [
      isSimple(object) ? t.cloneNode(object) : declareTemporary(program, path, "o"),
    ]);
    path.replaceWith(t.conditionalExpression(result.test, result.consequent, bound));
    return;
  }
  path.replaceWith(result);
}

function unchain(program: Program, path: Chain, node: t.Node, guards: t.Expression[]): t.Expression {
  const guarded = (target: t.Expression): t.Expression => {
    if (t.isIdentifier(target) || t.isThisExpression(target)) {
      guards.push(target);
      return t.cloneNode(target);
    }
    const temporary = declareTemporary(program, path, "t");
    guards.push(assign(temporary, target));
    return t.cloneNode(temporary);
  };
  if (t.isOptionalMemberExpression(node)) {
    const inner = unchain(program, path, node.object, guards);
    const object = node.optional ? guarded(inner) : inner;
    return t.memberExpression(object, node.property as t.Expression, node.computed);
  }
  if (!t.isOptionalCallExpression(node)) return node as t.Expression;
  const callee = unchain(program, path, node.callee, guards);
  if (!node.optional) return t.callExpression(callee, node.arguments);
  if (!t.isMemberExpression(callee)) return t.callExpression(guarded(callee), node.arguments);
  let object = callee.object as t.Expression;
  if (!isSimple(object)) {
    const temporary = declareTemporary(program, path, "o");
    callee.object = assign(temporary, object);
    object = temporary;
  }
  const method = guarded(callee);
  return t.callExpression(t.memberExpression(method, t.identifier("call")), [
    t.cloneNode(object),
    ...node.arguments,
  ]);
}
