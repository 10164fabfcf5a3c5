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
 * Refuses code that no pass can lower. It checks the program as it was written (except for branches that no board takes), so
 * that a problem has its exact place. The rules see names and syntax, not types: docs/differences.md lists what depends on a
 * value at run time. `known` is given if the program has JavaScript modules, whose names the type check does not
 * check.
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
