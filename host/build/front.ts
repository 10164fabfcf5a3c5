/**
 * Builds one entry for one board, once or again after each change: what has not changed is neither read, parsed nor
 * checked again.
 */
import { dirname } from "node:path";
import type { Board } from "../boards.ts";
import { errorOf, MotekitError, type Problem } from "../errors.ts";
import { type Bundle, type Bundler, createBundler } from "./bundling/bundle.ts";
import type { TypeChecker } from "./type-check.ts";

/** All sources of a firmware together. The largest Storage of a board has less than half of it. */
export const SOURCE_SIZE_BYTES_MAX = 2 * 1024 * 1024;

/** What the interpreter has and our types do not describe yet: JavaScript may use it. */
function undescribedNames(board: Board): readonly string[] {
  return board.radio.bluetooth ? ["NRF", "Bluetooth"] : [];
}

export interface LoweredBundle extends Bundle {
  /** What the build found in packages and lets pass, since it may never be reached there: MK1225, MK1243 to MK1245, MK1252. */
  readonly warnings: readonly Problem[];
}

/** Bundled modules that are found right, in the language that Espruino runs. */
export interface Front {
  /** @throws MotekitError with every problem of bundle, types, names and language: MK1201, MK1203, MK1220 to MK1252. */
  build(): Promise<LoweredBundle>;
  dispose(): Promise<void>;
}

export function createFront(entry: string, board: Board): Front {
  let bundler: Bundler | undefined;
  let types: TypeChecker | undefined;
  return {
    async build() {
      bundler ??= await createBundler(entry, board);
      const { bundled, problems } = await attempt(bundler);
      if (bundled) refuseTooMuch(entry, bundled);
      // The compiler takes longer to load than to check.
      if (!types) types = (await import("./type-check.ts")).createTypeChecker(entry, board, bundler.aliases);
      const found = [...problems, ...withoutEchoes(types.check(bundler.drivers), problems)];
      const [first, ...others] = found;
      if (first || !bundled) throw errorOf([first as Problem, ...others]);
      const { lowerScript } = await import("./lower-script.ts");
      const known = bundled.files.some((file) => /\.[cm]?js$/.test(file))
        ? { names: new Set([...types.globalNames(), ...undescribedNames(board)]), boardId: board.id }
        : undefined;
      return { ...bundled, ...lowerScript(bundled, dirname(entry), board, known) };
    },
    dispose: async () => bundler?.dispose(),
  };
}

async function attempt(bundler: Bundler): Promise<{ bundled?: Bundle; problems: readonly Problem[] }> {
  try {
    return { bundled: await bundler.bundle(), problems: [] };
  } catch (error) {
    if (error instanceof MotekitError) return { problems: error.problems };
    throw error;
  }
}

/** Without what the compiler says of a line that the bundler has already refused, in better words. */
function withoutEchoes(typeProblems: readonly Problem[], problems: readonly Problem[]): Problem[] {
  const places = new Set(problems.map(({ where }) => `${where?.file}:${where?.line}`));
  const unread = new Set(problems.flatMap(({ code, where }) => (code === "MK1224" ? [where?.file] : [])));
  return typeProblems.filter(
    ({ where }) => !places.has(`${where?.file}:${where?.line}`) && !unread.has(where?.file),
  );
}

function refuseTooMuch(entry: string, { sourceBytes, files }: Bundle): void {
  if (sourceBytes <= SOURCE_SIZE_BYTES_MAX) return;
  throw new MotekitError({
    code: "MK1226",
    message: `The firmware's ${files.length} source file(s) have ${sourceBytes} bytes; at most ${SOURCE_SIZE_BYTES_MAX} are built.`,
    where: { file: entry },
    remedy: "Import less. Data of that size belongs into the board's Storage, not into a program.",
  });
}
