/** Checks the firmware's types against what Espruino has on the chosen board, with no standard library beside it. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import ts from "typescript";
import type { Board } from "../boards.ts";
import { errorOf, MotekitError, type Problem } from "../errors.ts";
import { packageRoot } from "../package-root.ts";

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

function compilerOptions(): ts.CompilerOptions {
  const firmware = join(packageRoot(), "firmware");
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
    paths: { motekit: [join(firmware, "device.ts")] },
  };
}

function problemOf(diagnostic: ts.Diagnostic): Problem {
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

/** @throws MotekitError MK1201 with all the type errors. */
export function checkTypes(entry: string, board: Board): void {
  const firmware = join(packageRoot(), "firmware");
  const roots = [
    ...declarations(join(firmware, "espruino")),
    ...capabilities(board),
    join(firmware, "board.d.ts"),
    entry,
  ];
  const program = ts.createProgram(roots, compilerOptions());
  const [first, ...others] = ts.getPreEmitDiagnostics(program).map(problemOf);
  if (first) throw errorOf([first, ...others]);
}
