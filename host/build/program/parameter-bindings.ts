import type { types as t } from "@babel/core";

const bindings = new WeakSet<t.Statement>();

/** Marks statements that a pass put at the start of a function to give it its parameters. */
export function markParameterBindings(statements: readonly t.Statement[]): void {
  for (const one of statements) bindings.add(one);
}

/** Whether a statement gives a function its parameters: in a generator that happens at the call, not at the first step. */
export function bindsParameters(node: t.Statement): boolean {
  return bindings.has(node);
}
