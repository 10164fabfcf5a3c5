import { type NodePath, types as t, type Visitor } from "@babel/core";
import { declareTemporary, type Program } from "../../program/program.ts";
import {
  assign,
  isCertainArray,
  isKnownArray,
  isSimple,
  keyName,
  undefinedValue,
} from "../../program/syntax.ts";

/** Where a pattern's parts go: `bind` gets each target with its value, in order of evaluation. */
interface Taking {
  readonly program: Program;
  readonly path: NodePath;
  bind(target: t.LVal, value: t.Expression): void;
  /** Keeps a value that is read several times. */
  keep(value: t.Expression): t.Expression;
  /** Shared by all defaults of one pattern: read right after it is written. */
  spare(): t.Identifier;
}

/** Destructuring in declarations, assignments, loop heads and `catch`. Those in parameters become declarations first. */
export function patternVisitor(program: Program): Visitor {
  return {
    VariableDeclaration: {
      exit(path) {
        const { parent } = path;
        const head = t.isForXStatement(parent) && parent.left === path.node;
        if (head) lowerHead(program, path.parentPath as NodePath<t.ForXStatement>, path.node);
        else
          path.node.declarations = path.node.declarations.flatMap((one) => declarators(program, path, one));
      },
    },
    ForXStatement: {
      enter(path) {
        const { left } = path.node;
        if (!t.isPattern(left)) return;
        const name = program.fresh("e");
        prepend(path, t.expressionStatement(t.assignmentExpression("=", left, t.identifier(name))));
        path.node.left = t.variableDeclaration("const", [t.variableDeclarator(t.identifier(name))]);
      },
    },
    CatchClause: {
      exit(path) {
        const { param } = path.node;
        if (!param || !t.isPattern(param)) return;
        const name = program.fresh("e");
        const holder = t.variableDeclaration(
          "let",
          declarators(program, path, t.variableDeclarator(param, t.identifier(name))),
        );
        path.node.body.body.unshift(holder);
        path.node.param = t.identifier(name);
      },
    },
    AssignmentExpression: {
      exit(path) {
        if (t.isPattern(path.node.left)) lowerAssignment(program, path);
      },
    },
  };
}

function prepend(path: NodePath<t.ForXStatement>, statement: t.Statement): void {
  const { body } = path.node;
  path.node.body = t.isBlockStatement(body) ? body : t.blockStatement([body]);
  (path.node.body as t.BlockStatement).body.unshift(statement);
}

function lowerHead(program: Program, loop: NodePath<t.ForXStatement>, head: t.VariableDeclaration): void {
  const target = head.declarations[0]?.id;
  if (!target || !t.isPattern(target)) return;
  const name = program.fresh("e");
  const taken = declarators(program, loop, t.variableDeclarator(target, t.identifier(name)));
  prepend(loop, t.variableDeclaration(head.kind, taken));
  loop.node.left = t.variableDeclaration("const", [t.variableDeclarator(t.identifier(name))]);
}

/** One declarator with a pattern as several without. */
export function declarators(
  program: Program,
  path: NodePath,
  one: t.VariableDeclarator,
): t.VariableDeclarator[] {
  if (!t.isPattern(one.id) || !one.init) return [one];
  const made: t.VariableDeclarator[] = [];
  // With var a pattern may bind the name that it reads from.
  const bound = t.getBindingIdentifiers(one.id);
  let spare: t.Identifier | undefined;
  const taking: Taking = {
    program,
    path,
    bind: (target, value) => made.push(t.variableDeclarator(target as t.Identifier, value)),
    keep(value) {
      const isOverwritten = t.isIdentifier(value) && value.name in bound;
      if (t.isThisExpression(value) || (t.isIdentifier(value) && !isOverwritten)) return value;
      const name = t.identifier(program.fresh("p"));
      made.push(t.variableDeclarator(name, value));
      return name;
    },
    spare() {
      spare ??= declareTemporary(program, path, "d");
      return t.cloneNode(spare);
    },
  };
  take(taking, one.id, one.init);
  return made.map((each) => t.inherits(each, one));
}

function lowerAssignment(program: Program, path: NodePath<t.AssignmentExpression>): void {
  const steps: t.Expression[] = [];
  let spare: t.Identifier | undefined;
  const keepIn = (value: t.Expression): t.Expression => {
    const temporary = declareTemporary(program, path, "p");
    steps.push(assign(temporary, value));
    return temporary;
  };
  const taking: Taking = {
    program,
    path,
    bind: (target, value) => steps.push(assign(target, value)),
    keep: keepIn,
    spare() {
      spare ??= declareTemporary(program, path, "d");
      return t.cloneNode(spare);
    },
  };
  const source = path.node.right;
  const unused =
    path.parentPath.isExpressionStatement() || (path.parentPath.isForStatement() && path.key !== "test");
  let whole: t.Expression | undefined;
  if (!unused) whole = keepIn(source);
  take(taking, path.node.left as t.Pattern, whole ? t.cloneNode(whole) : source);
  if (whole) steps.push(t.cloneNode(whole));
  path.replaceWith(steps.length === 1 ? (steps[0] as t.Expression) : t.sequenceExpression(steps));
}

function take(taking: Taking, target: t.Node, value: t.Expression): void {
  if (t.isAssignmentPattern(target)) {
    const spare = taking.spare();
    const absent = t.binaryExpression("===", assign(spare, value), undefinedValue());
    take(taking, target.left, t.conditionalExpression(absent, target.right, t.cloneNode(spare)));
  } else if (t.isArrayPattern(target)) {
    takeElements(taking, target, value);
  } else if (t.isObjectPattern(target)) {
    takeProperties(taking, target, value);
  } else {
    taking.bind(target as t.LVal, value);
  }
}

function takeElements(taking: Taking, target: t.ArrayPattern, value: t.Expression): void {
  const { elements } = target;
  const { program } = taking;
  const rest = t.isRestElement(elements.at(-1));
  const { collections, iterators } = program.traits;
  const call = (...given: t.Expression[]) => t.callExpression(program.helper("$list"), given);
  // Arrays, texts and typed arrays can be read by index as they are.
  const indexed = !collections && !iterators;
  const whole =
    indexed || (rest ? isCertainArray(value) : isKnownArray(value))
      ? value
      : rest
        ? call(value)
        : call(value, t.numericLiteral(elements.length));
  if (elements.length === 1 && !rest && elements[0]) {
    take(taking, elements[0], t.memberExpression(whole, t.numericLiteral(0), true));
    return;
  }
  const source = taking.keep(whole);
  elements.forEach((element, index) => {
    if (element === null) return;
    const from = t.cloneNode(source);
    if (t.isRestElement(element)) {
      const list =
        indexed && !isCertainArray(value) ? t.callExpression(program.helper("$items"), [from]) : from;
      const slice = t.memberExpression(list, t.identifier("slice"));
      take(taking, element.argument, t.callExpression(slice, [t.numericLiteral(index)]));
    } else {
      take(taking, element, t.memberExpression(from, t.numericLiteral(index), true));
    }
  });
}

function takeProperties(taking: Taking, target: t.ObjectPattern, value: t.Expression): void {
  const { properties } = target;
  const [only] = properties;
  if (properties.length === 1 && t.isObjectProperty(only) && !t.isPattern(only.value)) {
    const key = only.computed ? (only.key as t.Expression) : only.key;
    take(taking, only.value, member(value, key as t.Expression, only.computed));
    return;
  }
  if (properties.length === 0) {
    // Reading any member throws where the value is null or undefined, as the empty pattern does.
    taking.keep(t.memberExpression(value, t.identifier("constructor")));
    return;
  }
  const source = taking.keep(value);
  const taken: t.Expression[] = [];
  for (const property of properties) {
    if (t.isRestElement(property)) {
      const omit = taking.program.helper("$omit");
      take(
        taking,
        property.argument,
        t.callExpression(omit, [t.cloneNode(source), t.arrayExpression(taken)]),
      );
      continue;
    }
    let key = property.key as t.Expression;
    if (property.computed && !t.isLiteral(key)) key = isSimple(key) ? key : taking.keep(key);
    const name = keyName(key, property.computed);
    taken.push(name === undefined ? t.cloneNode(key) : t.stringLiteral(name));
    take(taking, property.value, member(t.cloneNode(source), t.cloneNode(key), property.computed));
  }
}

function member(object: t.Expression, key: t.Expression, computed: boolean): t.MemberExpression {
  return t.memberExpression(object, key, computed || !t.isIdentifier(key));
}
