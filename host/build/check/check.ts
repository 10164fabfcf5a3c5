import type { Visitor } from "@babel/core";
import { type Program, walk } from "../program/program.ts";
import { libraryRules } from "./library-rules.ts";
import { nameRules } from "./name-rules.ts";
import { syntaxRules } from "./syntax-rules.ts";
import { textRules } from "./text-rules.ts";

/**
 * Refuses what no pass of the lowering can turn into something that Espruino runs. It looks at the program as written,
 * so that a refusal has the place of the very word. Rules see names and shapes, not types: what depends on a value at
 * run time stands in docs/differences.md instead.
 */
export function check(program: Program): void {
  const rules: Visitor[] = [
    syntaxRules(program),
    nameRules(program),
    libraryRules(program),
    textRules(program),
  ];
  for (const rule of rules) walk(program, rule, "kept");
}
