import { type NodePath, types as t, type Visitor } from "@babel/core";
import { waits } from "../../program/effects.ts";
import type { Program } from "../../program/program.ts";
import { assign } from "../../program/syntax.ts";
import { cannotThrow, leavingsOf } from "./endings.ts";
import { lowerLabel } from "./labels.ts";

/**
 * `finally` blocks that end with an exception, a return or a jump. Espruino runs the block and then goes on as it had left the `try`, so that an
 * exception, a return or a jump of the block itself is lost. Where the block may end so, it is put after a `catch`:
 *
 *     try { A } finally { B }   →   try { A } catch (e) { k = 1; w = e } B; if (k) throw w;
 *
 * A return, break or continue that leaves A sets `k`, too, and leaves by a label. State machines keep such account
 * themselves, so a `try` that waits stays as it is.
 */
export function finallyVisitor(program: Program): Visitor {
  return {
    TryStatement: {
      exit(path) {
        const { finalizer } = path.node;
        if (!finalizer || waits(path.node) || endsPlainly(path, finalizer)) return;
        lowerFinally(program, path, finalizer);
      },
    },
  };
}

/** Whether a block can end only by reaching its end. */
function endsPlainly(path: NodePath, block: t.BlockStatement): boolean {
  return leavingsOf(block).length === 0 && block.body.every((one) => cannotThrow(path, one));
}

function lowerFinally(program: Program, path: NodePath<t.TryStatement>, finalizer: t.BlockStatement): void {
  const { block, handler } = path.node;
  const how = t.identifier(program.fresh("k"));
  const what = t.identifier(program.fresh("w"));
  const note = (target: t.Identifier, value: t.Expression) =>
    t.expressionStatement(assign(t.cloneNode(target), value));
  const label = program.fresh("finally");
  const inside = handler ? [t.tryStatement(block, handler)] : block.body;
  const body = t.blockStatement(inside);
  const leavings = leavingsOf(body);
  const ends: t.Statement[] = [];
  const codes = new Map<string, number>();
  for (const { node, holder, key } of leavings) {
    const value = t.isReturnStatement(node) ? node.argument : null;
    let code = codes.get(node.type);
    if (code === undefined) {
      code = codes.size + 2;
      codes.set(node.type, code);
    }
    const steps = [note(how, t.numericLiteral(code)), t.breakStatement(t.identifier(label))];
    if (t.isReturnStatement(node))
      steps.unshift(note(what, value ?? t.unaryExpression("void", t.numericLiteral(0))));
    holder[key] = t.blockStatement(steps);
  }
  const caught = t.identifier(program.nameFor("e"));
  const keep = t.sequenceExpression([
    assign(t.cloneNode(how), t.numericLiteral(1)),
    assign(t.cloneNode(what), t.cloneNode(caught)),
  ]);
  const guarded = t.tryStatement(
    body,
    t.catchClause(caught, t.blockStatement([t.expressionStatement(keep)])),
  );
  const is = (code: number) =>
    codes.size === 0 ? t.cloneNode(how) : t.binaryExpression("==", t.cloneNode(how), t.numericLiteral(code));
  ends.push(t.ifStatement(is(1), t.throwStatement(t.cloneNode(what))));
  for (const [type, code] of codes) {
    const end =
      type === "ReturnStatement"
        ? t.returnStatement(t.cloneNode(what))
        : type === "BreakStatement"
          ? t.breakStatement()
          : t.continueStatement();
    ends.push(t.ifStatement(is(code), end));
  }
  const start = t.variableDeclaration("let", [
    t.variableDeclarator(how, t.numericLiteral(0)),
    t.variableDeclarator(what),
  ]);
  const once = () => t.forStatement(null, null, null, t.blockStatement([guarded, t.breakStatement()]));
  const labelled = codes.size > 0 ? t.labeledStatement(t.identifier(label), once()) : guarded;
  const made: t.Statement[] = [start, labelled, ...(finalizer.body.length > 0 ? [finalizer] : []), ...ends];
  const [, second] = path.replaceWithMultiple(made) as NodePath[];
  if (second?.isLabeledStatement()) lowerLabel(program, second as NodePath<t.LabeledStatement>);
}
