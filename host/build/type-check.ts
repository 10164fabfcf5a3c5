/** Checks the firmware's types against what Espruino has on the chosen board, with no standard library beside it. */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type typescript from "typescript";
import type { Board } from "../boards.ts";
import { MotekitError, type Problem } from "../errors.ts";
import { packageRoot } from "../file-system/package-root.ts";
import { appModules } from "./bundling/app-modules.ts";
import { driversOf, driverTypes } from "./bundling/driver-modules.ts";
import type { PathAliases } from "./bundling/path-aliases.ts";
import { loadTypeScript } from "./bundling/typescript.ts";

const ts = loadTypeScript();

function declarations(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".d.ts"))
    .map((name) => join(folder, name));
}

/** The files of firmware/espruino/capabilities that are true of this board. */
function capabilities(board: Board): string[] {
  const known = declarations(join(packageRoot(), "firmware", "espruino", "capabilities"));
  return board.capabilities.map((name) => {
    const file = known.find((candidate) => basename(candidate) === `${name}.d.ts`);
    if (file) return file;
    throw new MotekitError({
      code: "MK1104",
      message: `The board "${board.id}" names a capability "${name}" that motekit does not know.`,
      remedy: `Use some of ${known.map((candidate) => basename(candidate, ".d.ts")).join(", ")}.`,
    });
  });
}

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
    paths: Object.fromEntries(Object.entries(appModules()).map(([name, file]) => [name, [file]])),
  };
}

function problemOf(diagnostic: typescript.Diagnostic): Problem {
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
  const code = "MK1201";
  const text = `${message} (TS${diagnostic.code})`;
  if (!diagnostic.file || diagnostic.start === undefined) return { code, message: text };
  const { line, character } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start);
  return {
    code,
    message: text,
    where: { file: diagnostic.file.fileName, line: line + 1, column: character + 1 },
  };
}

/** The file, which is nowhere on disk, that lets the program know the drivers that it uses. */
const DRIVERS_FILE = "/motekit-drivers.d.ts";

/** Checks the same entry again and again; files that have not changed are neither parsed nor checked again. */
export interface TypeChecker {
  /** `drivers`: files of the modules that the program asks for by bare name. */
  check(drivers: ReadonlyMap<string, string>): Problem[];
  /** Values that the last check knew everywhere: Espruino's on this board, and what the project declares. */
  globalNames(): ReadonlySet<string>;
}

interface ParsedFile {
  readonly version: string;
  readonly file: typescript.SourceFile;
}

/** Files parsed once, as long as their bytes stay the same. */
function cachingHost(
  options: typescript.CompilerOptions,
  virtual: ReadonlyMap<string, string>,
): typescript.CompilerHost {
  const host = ts.createCompilerHost(options);
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

export function createTypeChecker(entry: string, board: Board, aliases: PathAliases = {}): TypeChecker {
  const firmware = join(packageRoot(), "firmware");
  const local = driversOf(entry);
  const projectPaths = Object.fromEntries(
    Object.entries(aliases).map(([pattern, targets]) => [pattern, [...targets]]),
  );
  const virtual = new Map<string, string>();
  const host = cachingHost(compilerOptions(), virtual);
  let builder: typescript.SemanticDiagnosticsBuilderProgram | undefined;
  return {
    check(drivers) {
      const { text, paths } = driverTypes(drivers);
      virtual.set(DRIVERS_FILE, text);
      const roots = [
        ...declarations(join(firmware, "espruino")),
        ...capabilities(board),
        join(firmware, "board.d.ts"),
        DRIVERS_FILE,
        ...local.declarations(),
        entry,
      ];
      const options = compilerOptions();
      builder = ts.createSemanticDiagnosticsBuilderProgram(
        roots,
        { ...options, paths: { ...projectPaths, ...options.paths, ...paths } },
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
      return ts.sortAndDeduplicateDiagnostics(found).map(problemOf);
    },
    globalNames() {
      const program = builder?.getProgram();
      const source = program?.getSourceFile(DRIVERS_FILE);
      const symbols =
        program?.getTypeChecker().getSymbolsInScope(source as typescript.Node, ts.SymbolFlags.Value) ?? [];
      return new Set(symbols.map((symbol) => symbol.name));
    },
  };
}
