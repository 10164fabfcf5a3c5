/** Checks the firmware's types against the declarations of the chosen board, without TypeScript's standard library. */
import { createHash } from "node:crypto";
import type typescript from "typescript";
import type { Problem } from "../errors.ts";
import { loadTypeScript } from "./bundling/typescript.ts";
import { DISK, type FileSystem, recording, type Transcript } from "./cache/transcript.ts";
import { MISSING_GLOBALS } from "./program/missing.ts";
import { DRIVERS_FILE, type TypeRoots } from "./type-roots.ts";

const ts = loadTypeScript();

function compilerOptions(): typescript.CompilerOptions {
  return {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    noLib: true,
    types: [],
    strict: true,
    noEmit: true,
    allowJs: true,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    isolatedModules: true,
    skipLibCheck: true,
  };
}

/** TypeScript's "Cannot find name", to most of which it adds advice for browsers and Node, which is wrong for a board. */
const UNKNOWN_NAME_CODES = new Set([2304, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 2867, 2868]);
const NAME_ADVICE =
  "The build knows only what Espruino has on the chosen board, and what your project declares.";

function textOf(diagnostic: typescript.Diagnostic): { message: string; remedy?: string } {
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
  const name = UNKNOWN_NAME_CODES.has(diagnostic.code) && /'([^']+)'/.exec(message)?.[1];
  if (!name) return { message: `${message} (TS${diagnostic.code})` };
  const remedy = Object.hasOwn(MISSING_GLOBALS, name) ? MISSING_GLOBALS[name] : undefined;
  const isForeign = remedy !== undefined || diagnostic.code !== 2304;
  return {
    message: `Cannot find name '${name}'${isForeign ? ": Espruino does not have it" : ""}. (TS${diagnostic.code})`,
    remedy: remedy ?? NAME_ADVICE,
  };
}

function problemOf(diagnostic: typescript.Diagnostic): Problem {
  const code = "MK1201";
  const text = textOf(diagnostic);
  if (!diagnostic.file || diagnostic.start === undefined) return { code, ...text };
  const { line, character } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start);
  return {
    code,
    ...text,
    where: { file: diagnostic.file.fileName, line: line + 1, column: character + 1 },
  };
}

export interface TypeCheck {
  readonly problems: readonly Problem[];
  /** Names of values that are known everywhere: Espruino's on this board, and what the project declares. */
  readonly globalNames: readonly string[];
  /** All that the first check asked the file system. Later checks ask only again for what may have changed. */
  readonly transcript: Transcript;
}

/** Checks the same entry again and again; files that have not changed are neither parsed nor checked again. */
export interface TypeChecker {
  check(roots: TypeRoots): TypeCheck;
}

interface ParsedFile {
  readonly version: string;
  readonly file: typescript.SourceFile;
}

/** Files parsed once, as long as their bytes stay the same. */
function cachingHost(
  files: FileSystem,
  options: typescript.CompilerOptions,
  virtual: ReadonlyMap<string, string>,
): typescript.CompilerHost {
  const host = { ...ts.createCompilerHost(options), ...files };
  const parsed = new Map<string, ParsedFile>();
  const digest = (text: string): string => createHash("sha1").update(text).digest("hex");
  return {
    ...host,
    createHash: digest,
    fileExists: (path) => virtual.has(path) || host.fileExists(path),
    readFile: (path) => virtual.get(path) ?? host.readFile(path),
    getSourceFile(path, languageVersion) {
      const text = virtual.get(path) ?? host.readFile(path);
      if (text === undefined) return undefined;
      const version = digest(text);
      const known = parsed.get(path);
      if (known?.version === version) return known.file;
      const file = ts.createSourceFile(path, text, languageVersion);
      // The builder compares versions to know what to check again.
      (file as typescript.SourceFile & { version: string }).version = version;
      parsed.set(path, { version, file });
      return file;
    },
  };
}

export function createTypeChecker(): TypeChecker {
  const virtual = new Map<string, string>();
  const { files, transcript } = recording(DISK);
  const host = cachingHost(files, compilerOptions(), virtual);
  let builder: typescript.SemanticDiagnosticsBuilderProgram | undefined;
  return {
    check(roots) {
      virtual.set(DRIVERS_FILE, roots.driversText);
      const paths = Object.fromEntries(
        Object.entries(roots.paths).map(([pattern, targets]) => [pattern, [...targets]]),
      );
      builder = ts.createSemanticDiagnosticsBuilderProgram(
        roots.files,
        { ...compilerOptions(), paths },
        host,
        builder,
      );
      const found = [
        ...builder.getConfigFileParsingDiagnostics(),
        ...builder.getOptionsDiagnostics(),
        ...builder.getSyntacticDiagnostics(),
        ...builder.getGlobalDiagnostics(),
        ...builder.getSemanticDiagnostics(),
      ];
      const problems = ts.sortAndDeduplicateDiagnostics(found).map(problemOf);
      return { problems, globalNames: globalNames(builder.getProgram()), transcript };
    },
  };
}

function globalNames(program: typescript.Program): string[] {
  const source = program.getSourceFile(DRIVERS_FILE);
  const symbols = program.getTypeChecker().getSymbolsInScope(source as typescript.Node, ts.SymbolFlags.Value);
  return symbols.map((symbol) => symbol.name);
}
