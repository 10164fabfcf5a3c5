import type { Visitor } from "@babel/core";
import { type Program, walk } from "../program/program.ts";
import { namesAskedFor } from "./asked-members.ts";
import { removeDeadBranches } from "./dead-branches.ts";
import { freeNameRules, type KnownNames } from "./free-names.ts";
import { libraryRules } from "./library-rules.ts";
import { nameRules } from "./name-rules.ts";
import { syntaxRules } from "./syntax-rules.ts";
import { textRules } from "./text-rules.ts";

/**
 * Refuses what no pass of the lowering can turn into something that Espruino runs. It looks at the program as written,
 * but for branches that no board takes, so that a refusal has the place of the very word. Rules see names and shapes, not
 * types: what depends on a value at run time stands in docs/differences.md instead. `known` is given where JavaScript
 * went in, whose names no compiler has looked for.
 */
export function check(program: Program, known?: KnownNames): void {
  const asked = namesAskedFor(program.tree);
  removeDeadBranches(program);
  const rules: Visitor[] = [
    syntaxRules(program),
    nameRules(program),
    libraryRules(program, asked),
    textRules(program),
    ...(known ? [freeNameRules(program, known, asked)] : []),
  ];
  for (const rule of rules) walk(program, rule, "kept");
}
