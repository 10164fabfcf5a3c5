import { type NodePath, types as t, type Visitor } from "@babel/core";
import type { HelperName, Program } from "../../program/program.ts";
import { keyName } from "../../program/syntax.ts";
import { isKnownNumber } from "../numbers/known-number.ts";

/** The uses of dates in one program. The fills are chosen after the walk. */
interface DateUse {
  /** Dates are made at all. */
  made: boolean;
  /** A date may not be valid, because what it is made of is not known. */
  doubtful: boolean;
  readonly methods: Set<string>;
  /** Calls of `isNaN` and `isFinite`, which the interpreter gets wrong for dates. */
  readonly tests: NodePath<t.CallExpression>[];
  /** Setters with arguments that are not known. */
  readonly setters: Set<string>;
}

/** Dates: parts, texts and invalid ones, of which the interpreter makes other dates than the standard. */
export function dateCorrections(program: Program): Visitor {
  const use: DateUse = { made: false, doubtful: false, methods: new Set(), tests: [], setters: new Set() };
  return {
    NewExpression: { exit: (path) => correctNew(program, path, use) },
    CallExpression: {
      enter({ node: { callee } }) {
        // On the way out it is another call.
        if (t.isMemberExpression(callee) && keyName(callee.property, callee.computed) === "stringify")
          use.methods.add("toJSON");
      },
      exit: (path) => correctCall(program, path, use),
    },
    TemplateLiteral(path) {
      if (path.node.expressions.some((one) => isKnownDate(one, path))) use.methods.add("toString");
    },
    BinaryExpression(path) {
      const { node } = path;
      if (node.operator !== "+") return;
      // Only a text beside it, as a number would be added to the date's text, too.
      for (const side of ["left", "right"] as const) {
        const date = node[side] as t.Expression;
        if (!isKnownDate(date, path)) continue;
        use.methods.add("toString");
        node[side] = t.callExpression(t.memberExpression(date, t.identifier("toString")), []);
      }
    },
    Program: { exit: () => addFills(program, use) },
  };
}

function isDateName(node: t.Node, path: NodePath): boolean {
  return t.isIdentifier(node, { name: "Date" }) && !path.scope.hasBinding("Date", true);
}

function isKnownDate(node: t.Node, path: NodePath): boolean {
  if (t.isNewExpression(node)) return isDateName(node.callee, path);
  if (!t.isIdentifier(node)) return false;
  const binding = path.scope.getBinding(node.name);
  const declared = binding?.path.node;
  return (
    binding?.constantViolations.length === 0 &&
    t.isVariableDeclarator(declared) &&
    t.isNewExpression(declared.init) &&
    isDateName(declared.init.callee, path)
  );
}

function correctNew(program: Program, path: NodePath<t.NewExpression>, use: DateUse): void {
  const { callee, arguments: given } = path.node;
  if (!isDateName(callee, path)) return;
  use.made = true;
  const [first, second] = given;
  if (!first) {
    path.node.arguments = [t.callExpression(program.helper("$now"), [])];
    return;
  }
  const whole = (node: t.Node): boolean => isWhole(node, path, program);
  const several = second !== undefined || t.isSpreadElement(first);
  const helper = several ? partsHelper(given, whole) : valueHelper(path, first, whole);
  if (!helper) return;
  use.doubtful = true;
  path.replaceWith(t.callExpression(program.helper(helper), given));
}

/** A whole number of milliseconds is left to the interpreter; a text that is known is read now. */
function valueHelper(
  path: NodePath<t.NewExpression>,
  value: t.Node,
  whole: (node: t.Node) => boolean,
): HelperName | undefined {
  if (t.isStringLiteral(value) && /^\d{4}-\d\d-\d\d(T.*(Z|[-+]\d\d:\d\d))?$/.test(value.value)) {
    const time = Date.parse(value.value);
    if (!Number.isNaN(time)) {
      path.node.arguments = [t.valueToNode(time) as t.Expression];
      return undefined;
    }
  }
  if (whole(value)) return undefined;
  return isKnownNumber(value, path.scope) && !t.isIdentifier(value, { name: "undefined" })
    ? "$dateAt"
    : "$date";
}

/** Literals and the parts and times of dates, moved by whole numbers: neither a fraction nor far away. */
function isWhole(node: t.Node, path: NodePath, program: Program): boolean {
  if (t.isNumericLiteral(node)) return Number.isInteger(node.value) && node.value <= TIME_MS_MAX;
  if (t.isUnaryExpression(node, { operator: "-" })) return isWhole(node.argument, path, program);
  if (t.isBinaryExpression(node) && /^[-+*]$/.test(node.operator))
    return isWhole(node.left, path, program) && isWhole(node.right, path, program);
  if (!t.isCallExpression(node)) return false;
  if (program.isHelper(node.callee, "$now") || program.isHelper(node.callee, "$utc")) return true;
  if (!t.isMemberExpression(node.callee)) return false;
  const name = keyName(node.callee.property, node.callee.computed) ?? "";
  if (isDateName(node.callee.object, path)) return name === "now" || name === "UTC";
  return /^get(Time|(UTC)?(FullYear|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds))$/.test(name);
}

function partsHelper(
  given: t.NewExpression["arguments"],
  whole: (node: t.Node) => boolean,
): HelperName | undefined {
  const [year] = given;
  if (!given.every(whole) || (t.isNumericLiteral(year) && year.value < 100)) return "$dateOf";
  // The interpreter takes the day before the first where the day is missing.
  if (given.length === 2) given.push(t.numericLiteral(1));
  return undefined;
}

/** Setters whose sum of milliseconds the interpreter keeps in 32 bits, which is less than 597 hours. */
const TIMES = /^set(Hours|Minutes|Seconds)$/;
const NEAR_MAX = 500;

/** The last time that a date can have. */
const TIME_MS_MAX = 864e13;

const SETTER = /^set(UTC)?(FullYear|Month|Date|Hours|Minutes|Seconds|Milliseconds)$/;

function correctCall(program: Program, path: NodePath<t.CallExpression>, use: DateUse): void {
  const { callee, arguments: given } = path.node;
  if (isDateName(callee, path)) {
    use.made = true;
    use.methods.add("toString");
    const made = t.newExpression(t.identifier("Date"), [t.callExpression(program.helper("$now"), [])]);
    path.replaceWith(t.callExpression(t.memberExpression(made, t.identifier("toString")), []));
    return;
  }
  if (t.isIdentifier(callee)) {
    const [value] = given;
    if (callee.name === "String" && !path.scope.hasBinding("String", true)) use.methods.add("toString");
    const test = (callee.name === "isNaN" || callee.name === "isFinite") && given.length === 1;
    if (test && !path.scope.hasBinding(callee.name, true) && !isKnownNumber(value, path.scope))
      use.tests.push(path);
    return;
  }
  if (!t.isMemberExpression(callee)) return;
  const name = keyName(callee.property, callee.computed) ?? "";
  if (isDateName(callee.object, path)) {
    if (name === "UTC") path.node.callee = program.helper("$utc");
    if (name === "parse") path.node.callee = program.helper("$parseDate");
  } else use.methods.add(name);
  if (!SETTER.test(name)) return;
  const near = (one: t.Node): boolean =>
    isWhole(one, path, program) &&
    !t.isBinaryExpression(one, { operator: "*" }) &&
    !(TIMES.test(name) && t.isNumericLiteral(one) && one.value > NEAR_MAX);
  if (name.startsWith("setUTC") || !given.every(near)) use.setters.add(name);
}

const CHECKED =
  /^(get(UTC)?(FullYear|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds)|getTimezoneOffset|toUTCString)$/;

function addFills(program: Program, { made, doubtful, methods, tests, setters }: DateUse): void {
  if (!made) return;
  const { fills } = program;
  for (const path of tests) {
    const [value] = path.node.arguments as [t.Expression];
    // What has effects would have them twice.
    if (!t.isIdentifier(value) && !(t.isMemberExpression(value) && t.isIdentifier(value.object))) continue;
    const date = t.binaryExpression("instanceof", t.cloneNode(value), t.identifier("Date"));
    path.node.arguments = [t.conditionalExpression(date, t.unaryExpression("+", value), t.cloneNode(value))];
  }
  for (const name of setters) {
    const right = name.startsWith("setUTC") ? `new Date(0).${name}` : `isNaN(new Date(0).${name}(NaN))`;
    fills.add(`${right} || $setter("${name}");`);
  }
  if (methods.has("toString") || methods.has("toDateString")) fills.add(DATE_TEXT);
  if (methods.has("toUTCString")) fills.add(UTC_TEXT);
  if (!doubtful && setters.size === 0) return;
  for (const name of methods) if (CHECKED.test(name)) fills.add(`$checked("${name}", NaN);`);
  if (methods.has("toISOString")) fills.add(ISO_TEXT);
  if (methods.has("toJSON")) fills.add(`$checked("toJSON", null);`);
}

/** The interpreter writes days of one digit, and stops where a date is not valid. */
const DATE_TEXT = `new Date(0).toString()[8] == "0" || (function (f) { Date.prototype.toString = function () { var s; if (this.getTime() !== this.getTime()) return "Invalid Date"; s = f.call(this); return s[9] == " " ? s.substr(0, 8) + "0" + s.substr(8) : s; }; })(new Date(0).toString);`;

const UTC_TEXT = `new Date(0).toUTCString()[5] == "0" || (function (f) { Date.prototype.toUTCString = function () { var s = f.call(this); return s[6] == " " ? s.substr(0, 5) + "0" + s.substr(5) : s; }; })(new Date(0).toUTCString);`;

const ISO_TEXT = `(function (f) { Date.prototype.toISOString = function () { if (this.getTime() !== this.getTime()) throw new Error("Invalid time value"); return f.call(this); }; })(new Date(0).toISOString);`;
