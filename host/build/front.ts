/**
 * Builds one entry for one board, once or after each change. Unchanged files are not read, parsed or
 * checked again.
 */
import { dirname, relative } from "node:path";
import type { Board } from "../boards.ts";
import { errorOf, MotekitError, type Problem } from "../errors.ts";
import { type Bundle, type Bundler, createBundler } from "./bundling/bundle.ts";
import { driversOf } from "./bundling/driver-modules.ts";
import { digestOf, openStore, type Store } from "./cache/store.ts";
import { versionStamp } from "./cache/version-stamp.ts";
import type { KnownNames } from "./check/free-names.ts";
import { type CheckedTypes, createCheckedTypes } from "./checked-types.ts";
import type { LoweredScript } from "./lower-script.ts";

/** All sources of a firmware together. The largest Storage of a board has less than half of it. */
export const SOURCE_SIZE_BYTES_MAX = 2 * 1024 * 1024;

/** Names that the interpreter has and our types do not describe yet. JavaScript may use them. */
function undescribedNames(board: Board): readonly string[] {
  return board.radio.bluetooth ? ["NRF", "Bluetooth"] : [];
}

export interface LoweredBundle extends Bundle {
  /** Problems in packages that the build lets pass, since their code may never run: MK1225, MK1243 to MK1245, MK1252. */
  readonly warnings: readonly Problem[];
}

/** Bundled and checked modules, lowered to the language that Espruino runs. */
export interface Front {
  /** @throws MotekitError with every problem of bundle, types, names and language: MK1201, MK1203, MK1220 to MK1252. */
  build(): Promise<LoweredBundle>;
  dispose(): Promise<void>;
}

export function createFront(entry: string, board: Board): Front {
  const store = openStore(entry);
  let bundler: Bundler | undefined;
  let types: CheckedTypes | undefined;
  return {
    async build() {
      bundler ??= await createBundler(entry, board);
      const { bundled, problems } = await attempt(bundler);
      if (bundled) refuseTooMuch(entry, bundled);
      types ??= createCheckedTypes(entry, board, bundler.aliases, store);
      const checking = types.check(bundler.drivers);
      const isPlain = bundled && !bundled.files.some((file) => /\.[cm]?js$/.test(file));
      // The lowering runs while another thread checks the types. It needs their names only for JavaScript.
      const lowering = isPlain && settled(lowered(bundled, entry, board, store));
      const verdict = await checking;
      const found = [...problems, ...withoutEchoes(verdict.problems, problems)];
      const [first, ...others] = found;
      if (first || !bundled) throw errorOf([first as Problem, ...others]);
      if (lowering) return { ...bundled, ...(await lowering)() };
      const known = {
        names: new Set([...verdict.globalNames, ...undescribedNames(board)]),
        boardId: board.id,
        driverFolder: driverFolderOf(entry),
      };
      return { ...bundled, ...(await lowered(bundled, entry, board, store, known)) };
    },
    dispose: async () => void (await Promise.all([bundler?.dispose(), types?.dispose()])),
  };
}

/** Relative to the entry's folder, as the bundle's map names its sources. */
function driverFolderOf(entry: string): string {
  return relative(dirname(entry), driversOf(entry).folder).replaceAll("\\", "/");
}

/** Waits for a result or an error, and gives or throws it when it is asked for. */
async function settled<T>(work: Promise<T>): Promise<() => T> {
  try {
    const result = await work;
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** The lowered bundle, from an earlier run if it was the same. `known` is given where JavaScript went in. */
async function lowered(
  bundled: Bundle,
  entry: string,
  board: Board,
  store: Store,
  known?: KnownNames,
): Promise<LoweredScript> {
  const stamp = versionStamp();
  const names = known && [known.boardId, known.driverFolder, ...known.names];
  const key =
    stamp &&
    JSON.stringify(["lowered", stamp, entry, board.unicode, digestOf([bundled.code, bundled.map]), names]);
  const kept = key && (store.read(key) as LoweredScript | undefined);
  if (kept) return kept;
  const { lowerScript } = await import("./lower-script.ts");
  const script = lowerScript(bundled, dirname(entry), board, known);
  if (key) store.write(key, script);
  return script;
}

async function attempt(bundler: Bundler): Promise<{ bundled?: Bundle; problems: readonly Problem[] }> {
  try {
    return { bundled: await bundler.bundle(), problems: [] };
  } catch (error) {
    if (error instanceof MotekitError) return { problems: error.problems };
    throw error;
  }
}

/** Drops errors of the compiler for lines for which the bundler already has a better message. */
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
    message: `The firmware's ${files.length} source file(s) have ${sourceBytes} bytes, but the limit is ${SOURCE_SIZE_BYTES_MAX}.`,
    where: { file: entry },
    remedy: "Import less. Store large data in the board's Storage, not in the program.",
  });
}
