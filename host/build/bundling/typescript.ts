import { createRequire } from "node:module";
import type typescript from "typescript";

/** TypeScript. Its load takes as long as many builds, so it is called only where types or a tsconfig.json are to be read. */
export function loadTypeScript(): typeof typescript {
  // `import` would first search its nine megabytes for the names of its exports, which takes as long as to load it.
  return createRequire(import.meta.url)("typescript") as typeof typescript;
}
