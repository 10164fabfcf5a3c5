/** A source map names its sources relative to itself: when it moves, they are named anew. */
import { isAbsolute, join, relative, resolve } from "node:path";

/** A source named so is no file: the build made it. */
const SCHEME = /^[a-z][\w+.-]*:/i;

/** `from` and `to` are the folders that the map's relative sources start from, before and after. */
export function relocateSources(map: string, from: string, to: string): string {
  const parsed = JSON.parse(map) as { sources: string[] };
  const sources = parsed.sources.map((source) =>
    SCHEME.test(source) || isAbsolute(source) ? source : relative(resolve(to), join(from, source)),
  );
  return JSON.stringify({ ...parsed, file: "app.js", sources });
}
