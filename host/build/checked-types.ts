/**
 * The verdict of the type check, from an earlier run where nothing has changed that it depends on, otherwise from a thread of its
 * own, so that the lowering runs at the same time.
 */
import { Worker } from "node:worker_threads";
import type { Board } from "../boards.ts";
import type { Problem } from "../errors.ts";
import type { PathAliases } from "./bundling/path-aliases.ts";
import type { Store } from "./cache/store.ts";
import { DISK, givesSameAnswers, type Transcript } from "./cache/transcript.ts";
import { versionStamp } from "./cache/version-stamp.ts";
import { type TypeRoots, typeRootsOf } from "./type-roots.ts";

export interface TypeVerdict {
  readonly problems: readonly Problem[];
  /** Names of values that exist everywhere: Espruino's on this board, and what the project declares. */
  readonly globalNames: readonly string[];
}

export interface CheckedTypes {
  /** `drivers`: files of the modules that the program asks for by bare name. */
  check(drivers: ReadonlyMap<string, string>): Promise<TypeVerdict>;
  dispose(): Promise<void>;
}

/** Checks the same roots again and again. */
export interface TypeCheckThread {
  check(roots: TypeRoots): Promise<TypeVerdict & { readonly transcript: Transcript }>;
  end(): Promise<void>;
}

/** What a run keeps for the next one: a check that found nothing, and all that it asked the file system. */
interface KeptVerdict {
  readonly globalNames: readonly string[];
  readonly transcript: Transcript;
}

export function createCheckedTypes(
  entry: string,
  board: Board,
  aliases: PathAliases,
  store: Store,
): CheckedTypes {
  let thread: TypeCheckThread | undefined;
  return {
    async check(drivers) {
      const roots = typeRootsOf(entry, board, aliases, drivers);
      const stamp = versionStamp();
      const key = stamp && JSON.stringify(["types", stamp, process.cwd(), roots]);
      const isFirst = thread === undefined;
      const kept = isFirst && key ? (store.read(key) as KeptVerdict | undefined) : undefined;
      if (kept && givesSameAnswers(DISK, kept.transcript)) {
        return { problems: [], globalNames: kept.globalNames };
      }
      thread ??= await startThread();
      const { problems, globalNames, transcript } = await thread.check(roots);
      // Later checks do not ask for all that they depend on.
      if (isFirst && key && problems.length === 0) {
        store.write(key, { globalNames, transcript } satisfies KeptVerdict);
      }
      return { problems, globalNames };
    },
    dispose: async () => thread?.end(),
  };
}

/** A thread where the build is compiled. Node cannot start one from TypeScript, so sources are checked here. */
async function startThread(): Promise<TypeCheckThread> {
  if (import.meta.url.endsWith(".js"))
    return workerThread(new URL("./type-check-worker.js", import.meta.url));
  const { createTypeChecker } = await import("./type-check.ts");
  const checker = createTypeChecker();
  return { check: async (roots) => checker.check(roots), end: async () => undefined };
}

function workerThread(file: URL): TypeCheckThread {
  const worker = new Worker(file);
  // The process may end while the thread waits.
  worker.unref();
  return {
    check: (roots) =>
      new Promise((resolve, reject) => {
        const finish = (): void => {
          worker.unref();
          worker.off("message", succeed).off("error", fail).off("exit", stop);
        };
        const succeed = (verdict: TypeVerdict & { transcript: Transcript }): void => {
          finish();
          resolve(verdict);
        };
        const fail = (error: unknown): void => {
          finish();
          reject(error);
        };
        const stop = (): void => fail(new Error("The thread of the type check ended."));
        worker.ref();
        worker.on("message", succeed).on("error", fail).on("exit", stop);
        worker.postMessage(roots);
      }),
    end: async () => void (await worker.terminate()),
  };
}
