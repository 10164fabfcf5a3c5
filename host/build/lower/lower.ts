import {
  parseSync,
  type TransformOptions,
  type types as t,
  transformFromAstSync,
  traverse,
} from "@babel/core";
import { TraceMap } from "@jridgewell/trace-mapping";
import { MotekitError, type Problem } from "../../errors.ts";
import { check } from "../check/check.ts";
import type { KnownNames } from "../check/free-names.ts";
import { createProgram, type Program, walk } from "../program/program.ts";
import type { EncodedSourceMap } from "../program/script.ts";
import { placeAt } from "../program/source-place.ts";
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
 * Turns a bundle of modern JavaScript into one that Espruino runs as Node does. Code that cannot be lowered is in
 * `problems`, with its place in the source; `code` is then not usable. Tests pass other `passes`, to show why their
 * order matters.
 */
export function lower(input: LowerInput, passes: readonly Pass[] = PASSES): LowerOutput {
  const trace = input.map ? new TraceMap(input.map as ConstructorParameters<typeof TraceMap>[0]) : undefined;
  const tree = parse(input.code, trace);
  const program = createProgram(tree, trace, input.unicode === false, input.known?.driverFolder);
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

/** Knows more syntax than can be lowered, so that the check refuses it with its name. */
function parse(code: string, trace: TraceMap | undefined): t.File {
  try {
    return parseSync(code, {
      ...BABEL,
      sourceType: "script",
      parserOpts: {
        allowReturnOutsideFunction: true,
        createParenthesizedExpressions: false,
        plugins: ["decorators", "decoratorAutoAccessors", "explicitResourceManagement"],
      },
    }) as t.File;
  } catch (error) {
    const start = (error as { loc?: t.SourceLocation["start"] }).loc;
    if (!(error instanceof SyntaxError) || !start) throw error;
    const where = placeAt(start, trace);
    throw new MotekitError(
      {
        code: "MK1241",
        message: `The build cannot read this syntax: ${error.message.split("\n", 1)[0]}`,
        ...(where && { where }),
        remedy: "Write it with syntax of ECMAScript 2022.",
      },
      { cause: error },
    );
  }
}

function run(pass: Pass, program: Program): void {
  if (pass.onlyIf && !pass.onlyIf(program)) return;
  if ("visitor" in pass) walk(program, pass.visitor(program), pass.scopes ?? "fresh");
  else pass.rewrite(program);
}
