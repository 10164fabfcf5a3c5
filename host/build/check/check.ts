import type { Visitor } from "@babel/core";
import { type Program, walk } from "../lower/program.ts";
import { libraryRules } from "./library-rules.ts";
import { nameRules } from "./name-rules.ts";
import { syntaxRules } from "./syntax-rules.ts";

/**
 * Refuses what no lowering mends, on the program as written: a refusal has the place of the very word. Rules see
 * names and shapes, not types: what depends on a value at run time stands in docs/differences.md instead.
 */
export function check(program: Program): void {
  const rules: Visitor[] = [syntaxRules(program), nameRules(program), libraryRules(program)];
  for (const rule of rules) walk(program, rule);
}
