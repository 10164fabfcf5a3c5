import {
  parseSync,
  type TransformOptions,
  type types as t,
  transformFromAstSync,
  traverse,
} from "@babel/core";
import { originalPositionFor, sourceContentFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Problem, SourcePlace } from "../../errors.ts";
import { check } from "../check/check.ts";
import { surveyClasses } from "./class-survey.ts";
import { classVisitor } from "./classes.ts";
import { collectionVisitor } from "./collection-literals.ts";
import { constToLetVisitor } from "./const-to-let.ts";
import { constantVisitor } from "./constants.ts";
import { type Fills, fillVisitor, preludeOf } from "./fills.ts";
import { functionVisitor } from "./functions.ts";
import { hoistingVisitor } from "./hoisting.ts";
import { inlineConstantsVisitor } from "./inline-constants.ts";
import { labelVisitor } from "./labels.ts";
import { lexicalThisVisitor } from "./lexical-this.ts";
import { loopVisitor } from "./loops.ts";
import { operatorVisitor } from "./operators.ts";
import { argumentsVisitor } from "./own-arguments.ts";
import { patternVisitor } from "./patterns.ts";
import { createProgram, type Program, walk } from "./program.ts";
import { regexCallVisitor, regexVisitor } from "./regexes.ts";
import { startOnlyVisitor } from "./start-only.ts";
import { markHidden, stringVisitor } from "./string-literals.ts";
import { suspendingVisitor } from "./suspending-functions.ts";
import { switchNameVisitor } from "./switch-names.ts";
import { templateVisitor } from "./templates.ts";
import { wrongVisitor } from "./wrongs.ts";

/** A version 3 source map as esbuild and Babel write it. */
export interface EncodedSourceMap {
  readonly version: 3;
  readonly sources: readonly (string | null)[];
  readonly sourcesContent?: readonly (string | null)[];
  readonly names: readonly string[];
  readonly mappings: string;
  readonly file?: string;
  readonly sourceRoot?: string;
}

export interface LowerInput {
  readonly code: string;
  /** From esbuild's bundle, with `sourcesContent`: places and the kinds of string literals are read from it. */
  readonly map?: EncodedSourceMap;
}

export interface LowerOutput {
  readonly code: string;
  readonly map: EncodedSourceMap;
  readonly problems: readonly Problem[];
}

type InputSourceMap = Exclude<TransformOptions["inputSourceMap"], null | undefined>;

const BABEL = { configFile: false, babelrc: false, browserslistConfigFile: false } as const;

/**
 * Turns a bundle of modern JavaScript into one that Espruino runs as Node does. What cannot be turned is in
 * `problems`, with its place in the source; the code is then of no use.
 */
export function lower(input: LowerInput): LowerOutput {
  const tree = parseSync(input.code, {
    ...BABEL,
    sourceType: "script",
    parserOpts: { allowReturnOutsideFunction: true, createParenthesizedExpressions: false },
  }) as t.File;
  const trace = input.map ? new TraceMap(input.map as ConstructorParameters<typeof TraceMap>[0]) : undefined;
  const program = createProgram(tree, (node) => placeOf(node, trace));
  check(program);
  walk(program, stringVisitor(program, trace));
  if (trace)
    walk(
      program,
      inlineConstantsVisitor((declarator) => isScopedInSource(declarator, trace)),
    );
  if (program.problems.length === 0) runPasses(program);
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
  };
}

function runPasses(program: Program): void {
  const fills: Fills = new Set();
  walk(program, constantVisitor());
  walk(program, regexVisitor(program));
  if (program.helpers.has("$regex")) walk(program, regexCallVisitor(program));
  walk(program, wrongVisitor(program));
  if (program.traits.classes) {
    const classes = surveyClasses(program);
    walk(program, classVisitor(program, classes));
  }
  walk(program, functionVisitor(program));
  walk(program, patternVisitor(program));
  walk(program, { ...operatorVisitor(program), ...templateVisitor(program) });
  walk(program, collectionVisitor(program));
  walk(program, labelVisitor(program));
  walk(program, loopVisitor(program));
  walk(program, suspendingVisitor(program));
  walk(program, argumentsVisitor(program));
  walk(program, lexicalThisVisitor(program));
  walk(program, hoistingVisitor(program));
  walk(program, fillVisitor(program, fills));
  walk(program, switchNameVisitor(program));
  walk(program, constToLetVisitor);
  const prelude = preludeOf(program, fills);
  program.tree.program.body.unshift(...prelude);
  walk(program, startOnlyVisitor);
  markHidden(program);
}

/** Declared by `const` or `let`, which cannot be read before: esbuild makes every top-level declaration a `var`. */
function isScopedInSource(declarator: t.VariableDeclarator, trace: TraceMap): boolean {
  const place = placeOf(declarator, trace);
  const line = place && sourceContentFor(trace, place.file)?.split("\n")[(place.line ?? 1) - 1];
  return /\b(const|let)\s+$/.test(line?.slice(0, (place?.column ?? 1) - 1) ?? "");
}

function placeOf(node: t.Node, trace: TraceMap | undefined): SourcePlace | undefined {
  const start = node.loc?.start;
  if (!start) return undefined;
  if (!trace) return { file: "bundle.js", line: start.line, column: start.column + 1 };
  const found = originalPositionFor(trace, { line: start.line, column: start.column });
  if (found.source === null) return undefined;
  return { file: found.source, line: found.line, column: found.column + 1 };
}
