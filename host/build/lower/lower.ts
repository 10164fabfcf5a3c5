import {
  parseSync,
  type TransformOptions,
  type types as t,
  transformFromAstSync,
  traverse,
} from "@babel/core";
import { TraceMap } from "@jridgewell/trace-mapping";
import type { Problem } from "../../errors.ts";
import { check } from "../check/check.ts";
import type { KnownNames } from "../check/free-names.ts";
import { createProgram, type Program, walk } from "../program/program.ts";
import type { EncodedSourceMap } from "../program/script.ts";
import { PASSES, type Pass } from "./passes.ts";

export interface LowerInput {
  readonly code: string;
  /** From esbuild's bundle, with `sourcesContent`: places and the kinds of string literals are read from it. */
  readonly map?: EncodedSourceMap;
  /** As of a board (default true): false where texts are the bytes of their UTF-8. */
  readonly unicode?: boolean;
  /** Where JavaScript went in, the names that exist without a declaration in the bundle. */
  readonly known?: KnownNames | undefined;
}

export interface LowerOutput {
  readonly code: string;
  readonly map: EncodedSourceMap;
  readonly problems: readonly Problem[];
  /** Problems in packages, in spite of which `code` is of use. */
  readonly warnings: readonly Problem[];
}

type InputSourceMap = Exclude<TransformOptions["inputSourceMap"], null | undefined>;

const BABEL = { configFile: false, babelrc: false, browserslistConfigFile: false } as const;

/**
 * Turns a bundle of modern JavaScript into one that Espruino runs as Node does. What cannot be turned is in
 * `problems`, with its place in the source; the code is then of no use. Tests pass other `passes`, to show what an
 * order of theirs is for.
 */
export function lower(input: LowerInput, passes: readonly Pass[] = PASSES): LowerOutput {
  const tree = parseSync(input.code, {
    ...BABEL,
    sourceType: "script",
    parserOpts: { allowReturnOutsideFunction: true, createParenthesizedExpressions: false },
  }) as t.File;
  const trace = input.map ? new TraceMap(input.map as ConstructorParameters<typeof TraceMap>[0]) : undefined;
  const program = createProgram(tree, trace, input.unicode === false);
  check(program, input.known);
  if (program.problems.length === 0) for (const pass of passes) run(pass, program);
  const output = transformFromAstSync(tree, input.code, {
    ...BABEL,
    compact: false,
    comments: false,
    sourceMaps: true,
    sourceFileName: "bundle.js",
    ...(input.map ? { inputSourceMap: { ...input.map, file: "" } as unknown as InputSourceMap } : {}),
    cloneInputAst: false,
  });
  traverse.cache.clear();
  return {
    code: output?.code ?? "",
    map: output?.map as unknown as EncodedSourceMap,
    problems: program.problems,
    warnings: program.warnings,
  };
}

function run(pass: Pass, program: Program): void {
  if (pass.onlyIf && !pass.onlyIf(program)) return;
  if ("visitor" in pass) walk(program, pass.visitor(program), pass.scopes ?? "fresh");
  else pass.rewrite(program);
}
