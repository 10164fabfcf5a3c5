import { type NodePath, types as t } from "@babel/core";
import type { Program } from "../../program/program.ts";

const TIMERS: ReadonlySet<string> = new Set(["setTimeout", "setInterval"]);

/**
 * Lets the jobs of promises run before the callback of a timer. Espruino runs all timers that are due in one turn before
 * the jobs of that turn, and at the start a timer before the jobs of the program.
 */
export function runJobsFirst(program: Program, path: NodePath<t.CallExpression>): void {
  const { callee, arguments: given } = path.node;
  if (!program.traits.jobs || !t.isIdentifier(callee) || !TIMERS.has(callee.name)) return;
  const [callback] = given;
  if (!t.isExpression(callback) || t.isStringLiteral(callback) || given.some((one) => t.isSpreadElement(one)))
    return;
  if (t.isCallExpression(callback) && program.isHelper(callback.callee, "$after")) return;
  if (path.scope.hasBinding(callee.name, true)) return;
  if (given.length > 2) program.parts.add("timer-arguments");
  given[0] = t.callExpression(program.helper("$after"), [callback]);
}
