import { type NodePath, types as t, type Visitor } from "@babel/core";
import { ERROR_NAMES } from "../../program/error-names.ts";
import type { Program } from "../../program/program.ts";
import { isKnownArray, isSimple, keyName } from "../../program/syntax.ts";
import { constantOf } from "./constant-value.ts";

/**
 * Corrects what Espruino has but does otherwise than the standard: calls that show the difference go to helpers. A
 * member written with brackets (`JSON["parse"]`) stays as it is, so that code can ask for the interpreter's own.
 */
export function correctionVisitor(program: Program): Visitor {
  return {
    CallExpression: { exit: (path) => correctCall(program, path) },
    NewExpression: {
      exit(path) {
        const { callee, arguments: given } = path.node;
        const error = t.isIdentifier(callee) && ERROR_NAMES.has(callee.name) && given.length === 2;
        if (!error || path.scope.hasBinding(callee.name, true)) return;
        const [message, options] = given as t.Expression[];
        const made = t.newExpression(callee, [message as t.Expression]);
        path.replaceWith(t.callExpression(program.helper("$cause"), [made, options as t.Expression]));
      },
    },
    AssignmentExpression: {
      exit(path) {
        const { left, operator, right } = path.node;
        if (
          operator !== "=" ||
          !t.isMemberExpression(left) ||
          left.computed ||
          t.isThisExpression(left.object)
        )
          return;
        if (!t.isIdentifier(left.property, { name: "length" })) return;
        path.replaceWith(t.callExpression(program.helper("$length"), [left.object as t.Expression, right]));
      },
    },
    ExpressionStatement: {
      exit(path) {
        const { expression } = path.node;
        if (!t.isMemberExpression(expression)) return;
        path.node.expression = t.callExpression(program.helper("$read"), [expression]);
      },
    },
    MemberExpression: { exit: (path) => correctMember(program, path) },
    BinaryExpression(path) {
      const { operator, right } = path.node;
      if (operator === "instanceof" && isGlobal(path, right, "Error")) program.helper("$kinds");
    },
    SwitchStatement: { exit: (path) => putDefaultLast(program, path) },
    UnaryExpression: {
      exit(path) {
        const { operator, argument } = path.node;
        if (operator !== "typeof" || !program.traits.symbols) return;
        const undeclared = t.isIdentifier(argument) && !path.scope.hasBinding(argument.name, true);
        if (!undeclared) path.replaceWith(t.callExpression(program.helper("$typeof"), [argument]));
      },
    },
  };
}

function isGlobal(path: NodePath, node: t.Node | null | undefined, name: string): boolean {
  return t.isIdentifier(node, { name }) && !path.scope.hasBinding(name, true);
}

const PROTOTYPES: Readonly<Record<string, () => t.Expression>> = {
  Array: () => t.arrayExpression([]),
  String: () => t.stringLiteral(""),
  Number: () => t.numericLiteral(0),
  Function: () => t.functionExpression(null, [], t.blockStatement([])),
};

function correctMember(program: Program, path: NodePath<t.MemberExpression>): void {
  const { node } = path;
  const name = keyName(node.property, node.computed);
  const holder = node.object;
  // The interpreter's own methods are found on values, not on prototypes.
  if (
    t.isMemberExpression(holder) &&
    t.isIdentifier(holder.property, { name: "prototype" }) &&
    t.isIdentifier(holder.object)
  ) {
    const instance = PROTOTYPES[holder.object.name];
    const written = t.isAssignmentExpression(path.parent) && path.parent.left === node;
    if (instance && !written && !path.scope.hasBinding(holder.object.name, true)) node.object = instance();
    return;
  }
  if (isGlobal(path, holder, "Symbol") && (name === "iterator" || name === "asyncIterator")) {
    path.replaceWith(program.helper(name === "iterator" ? "$iterator" : "$asyncKey"));
    return;
  }
  if (name === "description" && program.traits.symbols) {
    path.replaceWith(t.callExpression(program.helper("$description"), [holder as t.Expression]));
    return;
  }
  if (name === "name") correctName(path);
}

/** Espruino gives functions no name: where it can be known now, it is put in. */
function correctName(path: NodePath<t.MemberExpression>): void {
  const { object } = path.node;
  if (t.isAssignmentExpression(path.parent) && path.parent.left === path.node) return;
  if (t.isIdentifier(object)) {
    const binding = path.scope.getBinding(object.name);
    const bound = binding?.path.node;
    const init = t.isVariableDeclarator(bound) ? bound.init : bound;
    const known = t.isFunction(init) || t.isClass(init) || isFunctionBuilder(init);
    if (t.isClass(init) && hasOwnName(init)) return;
    if (binding && known && binding.constantViolations.length === 0) {
      const own = (t.isFunctionExpression(init) || t.isClass(init)) && init.id ? init.id.name : object.name;
      // The bundler calls a class that names itself `_C` within and `C` without.
      const outer = t.isClassExpression(bound) ? binding.path.parent : bound;
      const held = t.isVariableDeclarator(outer) && t.isIdentifier(outer.id) ? outer.id.name : undefined;
      path.replaceWith(t.stringLiteral(held !== undefined && own === `_${held}` ? held : own));
      return;
    }
    if (!binding && ERROR_NAMES.has(object.name)) {
      path.replaceWith(t.stringLiteral(object.name));
      return;
    }
  }
}

function hasOwnName(node: t.Class): boolean {
  return node.body.body.some(
    (one) => "static" in one && one.static && "key" in one && keyName(one.key, false) === "name",
  );
}

function isFunctionBuilder(node: t.Node | null | undefined): boolean {
  return t.isArrowFunctionExpression(node) || t.isFunctionExpression(node);
}

function correctCall(program: Program, path: NodePath<t.CallExpression>): void {
  const { callee, arguments: given } = path.node;
  if (t.isIdentifier(callee)) {
    correctGlobalCall(path, callee.name, given as t.Expression[]);
    return;
  }
  if (!t.isMemberExpression(callee)) return;
  if (callee.computed) {
    // By now Symbol.iterator has become the helper.
    if (program.isHelper(callee.property, "$iterator")) {
      path.replaceWith(t.callExpression(program.helper("$iterate"), [callee.object as t.Expression]));
    }
    return;
  }
  const name = keyName(callee.property, false);
  const object = callee.object as t.Expression;
  if (isGlobal(path, object, "JSON")) correctJson(program, path, name);
  else if (isGlobal(path, object, "Math") && name === "round" && given.length === 1) {
    callee.property = t.identifier("floor");
    path.node.arguments = [t.binaryExpression("+", given[0] as t.Expression, t.numericLiteral(0.5))];
  } else if (isGlobal(path, object, "Math") && name === "pow" && given.length === 2) {
    path.replaceWith(t.callExpression(program.helper("$pow"), given));
  } else if (takesIterable(path, object, name) && given.length === 1) {
    const { collections, iterators } = program.traits;
    const list = t.callExpression(program.helper("$list"), [given[0] as t.Expression]);
    if ((collections || iterators) && !isKnownArray(given[0] as t.Node)) path.node.arguments = [list];
  } else if (name === "sort" && given.length === 1 && !isDifference(given[0] as t.Node)) {
    path.replaceWith(t.callExpression(program.helper("$sort"), [object, given[0] as t.Expression]));
  } else if (name === "split" && (given.length === 2 || mayBeLong(given[0]))) {
    path.replaceWith(t.callExpression(program.helper("$split"), [object, ...given]));
  } else if ((name === "replace" || name === "replaceAll") && given.length === 2)
    correctReplace(program, path, name);
  else if (name === "slice" && typedArrayOf(path, object)) {
    path.replaceWith(t.newExpression(t.identifier(typedArrayOf(path, object) as string), [path.node]));
    path.skip();
  }
}

/** Espruino splits a text that is shorter than its separator by two characters or more into nothing. */
function mayBeLong(separator: t.Node | undefined): boolean {
  if (t.isStringLiteral(separator)) return separator.value.length > 1;
  return separator !== undefined && !t.isRegExpLiteral(separator);
}

/** Natives that take arrays only, where the standard takes anything that can be looped over. */
function takesIterable(path: NodePath, object: t.Expression, name: string | undefined): boolean {
  return (
    (name === "fromEntries" && isGlobal(path, object, "Object")) ||
    (name === "all" && isGlobal(path, object, "Promise"))
  );
}

/** The kind of typed array that a variable holds for certain. */
function typedArrayOf(path: NodePath, object: t.Expression): string | undefined {
  let made: t.Node | null | undefined = object;
  if (t.isIdentifier(object)) {
    const binding = path.scope.getBinding(object.name);
    if (binding && binding.constantViolations.length > 0) return undefined;
    made = t.isVariableDeclarator(binding?.path.node) ? binding.path.node.init : undefined;
  }
  if (!t.isNewExpression(made) || !t.isIdentifier(made.callee)) return undefined;
  return /^(Uint|Int|Float)\d+(Clamped)?Array$/.test(made.callee.name) ? made.callee.name : undefined;
}

function correctGlobalCall(path: NodePath<t.CallExpression>, name: string, given: t.Expression[]): void {
  const [first] = given;
  if (!isGlobal(path, path.node.callee, name) || !first) return;
  if ((name === "clearTimeout" || name === "clearInterval") && given.length === 1) {
    if (
      t.isIdentifier(first, { name: "undefined" }) ||
      t.isNullLiteral(first) ||
      t.isUnaryExpression(first, { operator: "void" })
    )
      path.replaceWith(t.unaryExpression("void", t.numericLiteral(0)));
    else if (isRepeatable(first) && !guarded(path, first)) {
      path.replaceWith(t.logicalExpression("&&", t.cloneNode(first), path.node));
      path.skip();
    }
  }
}

function isRepeatable(node: t.Node): boolean {
  if (t.isMemberExpression(node) && !node.computed) return isRepeatable(node.object);
  return t.isIdentifier(node) || t.isThisExpression(node);
}

/** Whether `if (x)` or `x && …` stands around the call already. */
function guarded(path: NodePath, value: t.Node): boolean {
  return (
    path.findParent((up) => {
      if (up.isIfStatement())
        return t.isNodesEquivalent(up.node.test, value) || mentions(up.node.test, value);
      return up.isLogicalExpression({ operator: "&&" }) && t.isNodesEquivalent(up.node.left, value);
    }) !== null
  );
}

function mentions(node: t.Node, value: t.Node): boolean {
  let found = false;
  t.traverseFast(node, (inner) => {
    if (t.isNodesEquivalent(inner, value)) found = true;
  });
  return found;
}

function correctJson(program: Program, path: NodePath<t.CallExpression>, name: string | undefined): void {
  const given = path.node.arguments as t.Expression[];
  if (name === "parse") {
    path.replaceWith(t.callExpression(program.helper("$parse"), given));
  } else if (name === "stringify") {
    const constant = given.length === 1 ? constantOf(given[0] as t.Expression) : undefined;
    if (constant) {
      const text = JSON.stringify(constant.value);
      path.replaceWith(
        text === undefined ? t.unaryExpression("void", t.numericLiteral(0)) : t.stringLiteral(text),
      );
    } else if (given.length > 1 || program.traits.getters)
      path.replaceWith(t.callExpression(program.helper("$stringify"), given));
  }
}

/** `(a, b) => a - b`: equal numbers cannot be told apart, so that any order of them is stable. */
function isDifference(node: t.Node): boolean {
  if (!t.isFunction(node) || node.params.length !== 2) return false;
  const [only] = t.isBlockStatement(node.body) ? node.body.body : [];
  const body = t.isBlockStatement(node.body)
    ? t.isReturnStatement(only)
      ? only.argument
      : undefined
    : node.body;
  return (
    t.isBinaryExpression(body, { operator: "-" }) && t.isIdentifier(body.left) && t.isIdentifier(body.right)
  );
}

function correctReplace(program: Program, path: NodePath<t.CallExpression>, name: string): void {
  const callee = path.node.callee as t.MemberExpression;
  const [what, by] = path.node.arguments as [t.Expression, t.Expression];
  const constant = constantOf(by);
  const special = typeof constant?.value === "string" && /\$[$&`']/.test(constant.value);
  if (special) path.node.arguments[1] = replacer(constant.value as string);
  const regex =
    t.isRegExpLiteral(what) || (t.isNewExpression(what) && t.isIdentifier(what.callee, { name: "RegExp" }));
  const maker =
    special ||
    t.isFunction(by) ||
    (!constant &&
      !t.isTemplateLiteral(by) &&
      !t.isBinaryExpression(by) &&
      isSimple(by) &&
      functionBound(path, by));
  if (maker && !regex) {
    const given = [callee.object as t.Expression, what, path.node.arguments[1] as t.Expression];
    path.replaceWith(
      t.callExpression(program.helper(name === "replace" ? "$replace" : "$replaceAll"), given),
    );
  }
}

function functionBound(path: NodePath, node: t.Expression): boolean {
  if (!t.isIdentifier(node)) return false;
  const bound = path.scope.getBinding(node.name)?.path.node;
  return t.isFunctionDeclaration(bound) || (t.isVariableDeclarator(bound) && t.isFunction(bound.init));
}

/** `"<$&>"` as a function: the interpreter knows `$1` and its like only. */
function replacer(text: string): t.Expression {
  const parts: t.Expression[] = [t.stringLiteral("")];
  const params = ["m", "a", "b", "c", "d"].map((one) => t.identifier(one));
  for (const piece of text.split(/(\$[$&]|\$[1-4])/)) {
    if (piece === "$$") parts.push(t.stringLiteral("$"));
    else if (piece === "$&") parts.push(t.identifier("m"));
    else if (/^\$[1-4]$/.test(piece)) parts.push(t.cloneNode(params[Number(piece[1])] as t.Identifier));
    else if (piece !== "") parts.push(t.stringLiteral(piece));
  }
  const sum = parts.reduce((left, right) => t.binaryExpression("+", left, right));
  return t.arrowFunctionExpression(params, sum);
}

/** Espruino takes no `case` after `default`. */
function putDefaultLast(program: Program, path: NodePath<t.SwitchStatement>): void {
  const { cases } = path.node;
  const at = cases.findIndex((one) => !one.test);
  if (at < 0 || at === cases.length - 1) return;
  const closed = (one: t.SwitchCase | undefined): boolean => {
    let last = one?.consequent.at(-1);
    while (t.isBlockStatement(last)) last = last.body.at(-1);
    return (
      !one ||
      t.isBreakStatement(last) ||
      t.isReturnStatement(last) ||
      t.isThrowStatement(last) ||
      t.isContinueStatement(last)
    );
  };
  const fallback = cases[at] as t.SwitchCase;
  if (closed(fallback) && closed(cases[at - 1])) {
    cases.splice(at, 1);
    const last = cases.at(-1);
    if (!closed(last)) last?.consequent.push(t.breakStatement());
    cases.push(fallback);
    return;
  }
  const chosen = t.identifier(program.fresh("case"));
  const number = cases.reduceRight<t.Expression>((otherwise, one, index) => {
    if (!one.test) return otherwise;
    const test = t.binaryExpression("===", t.cloneNode(chosen), one.test);
    return t.conditionalExpression(test, t.numericLiteral(index), otherwise);
  }, t.numericLiteral(at));
  cases.forEach((one, index) => {
    one.test = t.numericLiteral(index);
  });
  const declared = t.variableDeclaration("const", [
    t.variableDeclarator(t.cloneNode(chosen), path.node.discriminant),
  ]);
  path.node.discriminant = number;
  path.insertBefore(declared);
}
