import { type NodePath, types as t, type Visitor } from "@babel/core";
import { declareTemporary, type Program } from "../../program/program.ts";

/** Labels, which Espruino parses as expressions: a flag transfers the jump out of the inner loops. */
export function labelVisitor(program: Program): Visitor {
  return { LabeledStatement: { exit: (path) => lowerLabel(program, path) } };
}

type Jump = NodePath<t.BreakStatement | t.ContinueStatement>;

export function lowerLabel(program: Program, path: NodePath<t.LabeledStatement>): void {
  const name = path.node.label.name;
  const jumps: Jump[] = [];
  const plain: Jump[] = [];
  path.traverse({
    Function: (inner) => inner.skip(),
    "BreakStatement|ContinueStatement"(inner: NodePath) {
      const jump = inner as Jump;
      if (jump.node.label?.name === name) jumps.push(jump);
      else if (!jump.node.label) plain.push(jump);
    },
  });
  if (jumps.length > 0 && !t.isLoop(path.node.body) && !t.isSwitchStatement(path.node.body)) {
    if (plain.some((jump) => breakables(jump, path).length === 0)) {
      program.refuse(path.node, {
        code: "MK1247",
        message: `A break or continue inside the labelled block "${name}" belongs to a loop outside the block.`,
        remedy:
          "Give that loop a label and name it in the break or continue, or put the block into a function.",
      });
      return;
    }
    const body = t.isBlockStatement(path.node.body) ? path.node.body : t.blockStatement([path.node.body]);
    path.get("body").replaceWith(t.doWhileStatement(t.booleanLiteral(false), body));
    lowerLabelAgain(program, path, name);
    return;
  }
  redirect(program, path, jumps);
  path.replaceWith(path.node.body);
}

function lowerLabelAgain(program: Program, path: NodePath<t.LabeledStatement>, name: string): void {
  const jumps: Jump[] = [];
  path.traverse({
    Function: (inner) => inner.skip(),
    "BreakStatement|ContinueStatement"(inner: NodePath) {
      if ((inner as Jump).node.label?.name === name) jumps.push(inner as Jump);
    },
  });
  redirect(program, path, jumps);
  path.replaceWith(path.node.body);
}

/** The loops and switches between a jump and the labelled statement's own loop, innermost first. */
function breakables(jump: Jump, label: NodePath): NodePath<t.Statement>[] {
  const between: NodePath<t.Statement>[] = [];
  for (let up = jump.parentPath; up && up !== label; up = up.parentPath as NodePath) {
    if (up.isLoop() || up.isSwitchStatement()) between.push(up as NodePath<t.Statement>);
  }
  if (between.at(-1)?.parentPath === label) between.pop();
  return between;
}

function redirect(program: Program, label: NodePath<t.LabeledStatement>, jumps: Jump[]): void {
  let flag: t.Identifier | undefined;
  const checked = new Map<NodePath, { outermost: boolean; kinds: Set<1 | 2> }>();
  for (const jump of jumps) {
    const between = breakables(jump, label);
    const again = jump.isContinueStatement();
    if (between.length === 0 || (again && between.every((one) => one.isSwitchStatement()))) {
      jump.node.label = null;
      continue;
    }
    flag ??= declareTemporary(program, label, "jump");
    const kind = again ? 2 : 1;
    between.forEach((one, index) => {
      const outermost = index === between.length - 1;
      const known = checked.get(one) ?? { outermost, kinds: new Set() };
      known.kinds.add(kind);
      checked.set(one, known);
    });
    const set = t.expressionStatement(t.assignmentExpression("=", t.cloneNode(flag), t.numericLiteral(kind)));
    jump.replaceWithMultiple([set, t.breakStatement()]);
  }
  if (!flag) return;
  for (const [one, { outermost, kinds }] of checked) one.insertAfter(checks(flag, outermost, kinds));
}

function checks(flag: t.Identifier, outermost: boolean, kinds: Set<1 | 2>): t.Statement[] {
  if (!outermost) return [t.ifStatement(t.cloneNode(flag), t.breakStatement())];
  const clear = () =>
    t.expressionStatement(t.assignmentExpression("=", t.cloneNode(flag), t.numericLiteral(0)));
  const both = kinds.size === 2;
  const made: t.Statement[] = [];
  if (kinds.has(1)) {
    const test = both ? t.binaryExpression("==", t.cloneNode(flag), t.numericLiteral(1)) : t.cloneNode(flag);
    made.push(t.ifStatement(test, t.blockStatement([clear(), t.breakStatement()])));
  }
  if (kinds.has(2))
    made.push(t.ifStatement(t.cloneNode(flag), t.blockStatement([clear(), t.continueStatement()])));
  return made;
}
