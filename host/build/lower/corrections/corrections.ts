import { type NodePath, types as t, traverse, type Visitor } from "@babel/core";
import { effectsOf } from "../../program/effects.ts";
import { ERROR_NAMES } from "../../program/error-names.ts";
import type { Program } from "../../program/program.ts";
import { isKnownArray, keyName } from "../../program/syntax.ts";
import { dateCorrections } from "../dates/date-calls.ts";
import { TYPED_ARRAY } from "../fills/typed-calls.ts";
import { changingListCorrections } from "../loops/changing-lists.ts";
import { numberCorrections } from "../numbers/number-calls.ts";
import { powerOf } from "../numbers/powers.ts";
import { builtInCorrections, defineAll } from "../objects/built-in-objects.ts";
import { objectCallCorrections } from "../objects/object-calls.ts";
import { correctFunctionLength, correctName } from "./function-names.ts";
import { correctJson } from "./json.ts";
import { knownThrowCorrections } from "./known-throws.ts";
import { correctPlace } from "./negative-places.ts";
import { correctStringCall } from "./string-calls.ts";
import { textComparisonCorrections } from "./text-comparisons.ts";

/**
 * Corrects built-ins of Espruino that differ from the standard: calls that can show the difference become calls of helpers. A
 * member written with brackets (`JSON["parse"]`) stays as it is, so that code can ask for the interpreter's own.
 */
export function correctionVisitor(program: Program): Visitor {
  // One walk for all families.
  return traverse.visitors.merge([
    libraryCorrections(program),
    numberCorrections(program),
    dateCorrections(program),
    changingListCorrections(program),
    textComparisonCorrections(),
    builtInCorrections(program),
    knownThrowCorrections(program),
    objectCallCorrections(program),
  ]);
}

function libraryCorrections(program: Program): Visitor {
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
        if (!isLength(left) || (operator !== "=" && !isRepeatable(left.object))) return;
        const binary = operator.slice(0, -1) as t.BinaryExpression["operator"];
        const length = operator === "=" ? right : t.binaryExpression(binary, t.cloneNode(left), right);
        path.replaceWith(t.callExpression(program.helper("$length"), [left.object as t.Expression, length]));
      },
    },
    UpdateExpression: {
      exit(path) {
        const { argument, operator, prefix } = path.node;
        if (!isLength(argument) || !isRepeatable(argument.object)) return;
        const [step, back] = operator === "++" ? (["+", "-"] as const) : (["-", "+"] as const);
        const one = () => t.numericLiteral(1);
        const length = t.binaryExpression(step, t.cloneNode(argument), one());
        const set = t.callExpression(program.helper("$length"), [argument.object as t.Expression, length]);
        const unused = prefix || path.parentPath.isExpressionStatement();
        path.replaceWith(unused ? set : t.binaryExpression(back, set, one()));
      },
    },
    ExpressionStatement: {
      exit(path) {
        const { expression } = path.node;
        const isUndeclared = t.isIdentifier(expression) && !path.scope.hasBinding(expression.name, true);
        if (!isUndeclared && !t.isMemberExpression(expression)) return;
        path.node.expression = t.callExpression(program.helper("$read"), [expression]);
      },
    },
    MemberExpression: { exit: (path) => correctMember(program, path) },
    BinaryExpression: {
      enter(path) {
        const { operator, right } = path.node;
        if (operator === "instanceof" && isGlobal(path, right, "Error")) program.helper("$kinds");
      },
      exit(path) {
        const { operator, left, right } = path.node;
        if (operator !== "in" || !program.isHelper(left, "$iterator")) return;
        const read = t.callExpression(program.helper("$iteratorOf"), [right]);
        path.replaceWith(t.binaryExpression("!==", read, t.unaryExpression("void", t.numericLiteral(0))));
      },
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

/** The length of something that may be an array; an object's own `this.length` is none. */
function isLength(node: t.Node): node is t.MemberExpression {
  return (
    t.isMemberExpression(node) &&
    !node.computed &&
    !t.isThisExpression(node.object) &&
    t.isIdentifier(node.property, { name: "length" })
  );
}

function isGlobal(path: NodePath, node: t.Node | null | undefined, name: string): boolean {
  return t.isIdentifier(node, { name }) && !path.scope.hasBinding(name, true);
}

const PROTOTYPES: Readonly<Record<string, () => t.Expression>> = {
  Boolean: () => t.booleanLiteral(true),
  Date: () => t.newExpression(t.identifier("Date"), [t.numericLiteral(0)]),
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
    const kind = holder.object.name;
    const instance = TYPED_ARRAY.test(kind)
      ? () => t.newExpression(t.identifier(kind), [t.numericLiteral(0)])
      : PROTOTYPES[kind];
    const written = t.isAssignmentExpression(path.parent) && path.parent.left === node;
    if (!instance || written || path.scope.hasBinding(kind, true)) return;
    // Booleans have no constructor.
    if (name === "constructor") path.replaceWith(holder.object);
    else node.object = instance();
    return;
  }
  if (isGlobal(path, holder, "Symbol") && (name === "iterator" || name === "asyncIterator")) {
    path.replaceWith(program.helper(name === "iterator" ? "$iterator" : "$asyncKey"));
    return;
  }
  const called =
    (t.isCallExpression(path.parent) || t.isOptionalCallExpression(path.parent)) &&
    path.parent.callee === node;
  if (program.isHelper(node.property, "$iterator")) {
    const read = t.callExpression(program.helper("$iteratorOf"), [holder as t.Expression]);
    if (node.computed && !called && !isTarget(path)) path.replaceWith(read);
    return;
  }
  // JSON["parse"] is the way to have the interpreter's own.
  if (
    isGlobal(path, holder, "JSON") &&
    !called &&
    !node.computed &&
    (name === "stringify" || name === "parse")
  ) {
    path.replaceWith(passedJson(program, name));
    return;
  }
  if (name === "description" && program.traits.symbols && !isTarget(path)) {
    path.replaceWith(t.callExpression(program.helper("$description"), [holder as t.Expression]));
    return;
  }
  if (name === "name") correctName(program, path);
  if (name === "length") correctFunctionLength(program, path);
  if (node.computed) correctPlace(program, path);
}

/** Assigned to or deleted, so that its value is not asked for. */
function isTarget({ node, parent, parentPath }: NodePath): boolean {
  return (
    (t.isAssignmentExpression(parent) && parent.left === node) ||
    t.isUpdateExpression(parent) ||
    t.isUnaryExpression(parent, { operator: "delete" }) ||
    t.isPattern(parent) ||
    t.isRestElement(parent) ||
    (t.isForXStatement(parent) && parent.left === node) ||
    (t.isObjectProperty(parent) && parent.value === node && t.isObjectPattern(parentPath?.parent))
  );
}

/** `JSON.parse` or `JSON.stringify` as a value, as in `lines.map(JSON.parse)`. */
function passedJson(program: Program, name: "parse" | "stringify"): t.Identifier {
  if (name === "stringify") return program.helper(program.hasByteTexts ? "$passedJson" : "$json");
  return program.helper(program.hasByteTexts ? "$parseBytes" : "$parseText");
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
  if (name !== undefined && correctStringCall(program, path, name)) return;
  if (isGlobal(path, object, "Object")) defineAll(program, path, name);
  if (isGlobal(path, object, "JSON")) correctJson(program, path, name);
  else if (isGlobal(path, object, "Math") && name === "pow" && given.length === 2) {
    // A call of Math.pow that stays one would come here again.
    const power = powerOf(program, ...(given as [t.Expression, t.Expression]));
    if (t.isCallExpression(power) && t.isMemberExpression(power.callee)) return;
    path.replaceWith(power);
  } else if (takesIterable(path, object, name) && given.length === 1) {
    const { collections, iterators } = program.traits;
    const list = t.callExpression(program.helper("$list"), [given[0] as t.Expression]);
    if ((collections || iterators) && !isKnownArray(given[0] as t.Node)) path.node.arguments = [list];
  } else if (name === "sort" && given.length === 1 && !isDifference(given[0] as t.Node)) {
    path.replaceWith(t.callExpression(program.helper("$sort"), [object, given[0] as t.Expression]));
  }
}

/** Natives that take arrays only, where the standard takes anything that can be looped over. */
function takesIterable(path: NodePath, object: t.Expression, name: string | undefined): boolean {
  return name === "fromEntries" && isGlobal(path, object, "Object");
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

function hasEffects(program: Program, path: NodePath, node: t.Node): boolean {
  const { runsCode, changes } = effectsOf(program, path, node);
  return runsCode || changes;
}

/** Espruino does not support a `case` after `default`. */
function putDefaultLast(program: Program, path: NodePath<t.SwitchStatement>): void {
  const { cases } = path.node;
  const at = cases.findIndex((one) => !one.test);
  // It evaluates the cases after the one that it has chosen, too.
  const shows = cases.some(({ test }) => test && !t.isLiteral(test) && hasEffects(program, path, test));
  if ((at < 0 || at === cases.length - 1) && !shows) return;
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
  if (!shows && closed(fallback) && closed(cases[at - 1])) {
    cases.splice(at, 1);
    const last = cases.at(-1);
    if (!closed(last)) last?.consequent.push(t.breakStatement());
    cases.push(fallback);
    return;
  }
  const chosen = t.identifier(program.fresh("case"));
  const number = cases.reduceRight<t.Expression>(
    (otherwise, one, index) => {
      if (!one.test) return otherwise;
      const test = t.binaryExpression("===", t.cloneNode(chosen), one.test);
      return t.conditionalExpression(test, t.numericLiteral(index), otherwise);
    },
    t.numericLiteral(at < 0 ? cases.length : at),
  );
  cases.forEach((one, index) => {
    one.test = t.numericLiteral(index);
  });
  const declared = t.variableDeclaration("const", [
    t.variableDeclarator(t.cloneNode(chosen), path.node.discriminant),
  ]);
  path.node.discriminant = number;
  path.insertBefore(declared);
}
