/** The thread of the type check: answers each message, which has the roots of a program, with the verdict. */
import { parentPort } from "node:worker_threads";
import { keepCompiledCode } from "../file-system/compile-cache.ts";
import type { TypeRoots } from "./type-roots.ts";

// Only modules that are loaded later are kept.
keepCompiledCode();
const { createTypeChecker } = await import("./type-check.ts");
const checker = createTypeChecker();
parentPort?.on("message", (roots: TypeRoots) => parentPort?.postMessage(checker.check(roots)));
