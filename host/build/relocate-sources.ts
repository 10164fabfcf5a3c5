/** A source map names its sources relative to its own path, so they must be renamed when it moves. */
import { isAbsolute, join, relative, resolve } from "node:path";

/** Sources with such a name are not files, because the build generated them. */
const SCHEME = /^[a-z][\w+.-]*:/i;

/** `from` and `to` are the folders that the map's relative sources start from, before and after. */
export function relocateSources(map: string, from: string, to: string): string {
  const parsed = JSON.parse(map) as { sources: string[] };
  const sources = parsed.sources.map((source) =>
    SCHEME.test(source) || isAbsolute(source) ? source : relative(resolve(to), join(from, source)),
  );
  return JSON.stringify({ ...parsed, file: "app.js", sources });
}
