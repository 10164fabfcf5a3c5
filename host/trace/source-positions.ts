/**
 * Maps places in the bundle to places in its sources, by the bundle's source map.
 *
 * The interpreter counts columns in bytes, a source map in UTF-16 units, so the bundle is needed as well. It also shows which
 * original name a minified name has. Without the bundle, columns are not converted and names stay minified.
 */
import { decodedMappings, eachMapping, TraceMap, traceSegment } from "@jridgewell/trace-mapping";
import { MotekitError, type SourcePlace } from "../errors.ts";
import { byteStringOf, bytesOf } from "../serial/bytes.ts";
import type { GeneratedPlace } from "./trace-line.ts";

export interface SourcePositionsOptions {
  /** The source map, version 3, as JSON. */
  readonly map: string;
  /** The bundle's bytes. */
  readonly app?: Uint8Array;
  /** Finds sources that the map does not contain. If undefined, their paths are shown as in the map. */
  readonly locate?: LocateSource;
  /** Another name of the bundle in Storage, beside `app`, `app.js` and similar names. */
  readonly bundleName?: string;
  /** The map's file, for messages. */
  readonly mapFile?: string;
}

/** Finds a source by its name in the map and the map's root. */
export type LocateSource = (name: string, root: string) => SourceFile;

export interface SourceFile {
  /** The path to show. */
  readonly path: string;
  /** Returns the text, or undefined if it cannot be read. Positions do not depend on it. */
  read(): string | undefined;
}

export interface ExactPlace extends SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** An identifier of the bundle that the minifier renamed. */
interface Renaming {
  readonly line: number;
  readonly column: number;
  readonly original: string;
}

interface MappedPlace {
  /** The index among the map's sources. */
  readonly source: number;
  readonly line: number;
  readonly column: number;
  /** The bundle's text between the start of the segment and the place. */
  readonly behind: string;
}

/** The names of the bundle: `app.js`, or a slot such as `app1`. */
const BUNDLE_NAME = /^app[\w.-]*$/;
const IDENTIFIER = /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
/** The scheme of a source that is not a file, because the build made it. */
const SCHEME = /^[a-z][\w+.-]*:/i;
/** The words of V8 before a function's name. */
const CALL_KIND = /^(?:(?:new|async|get|set) )*/;

export class SourcePositions {
  readonly #map: TraceMap;
  readonly #options: SourcePositionsOptions;
  /** The bundle's lines as byte strings. */
  readonly #lines: readonly string[] | undefined;
  readonly #sources = new Map<number, readonly string[]>();
  #renamings: ReadonlyMap<string, readonly Renaming[]> | undefined;

  /** @throws MotekitError MK1503 if the text is not a source map. */
  constructor(options: SourcePositionsOptions) {
    this.#options = options;
    this.#map = parseMap(options);
    this.#lines = options.app && byteStringOf(options.app).split("\n");
  }

  /** Returns undefined if the place is not in the bundle, or does not come from its sources. */
  placeOf(place: GeneratedPlace): ExactPlace | undefined {
    const found = this.#lookUp(place);
    if (!found) return undefined;
    const { source, line, column, behind } = found;
    // A map has the starts of names and expressions, but the interpreter may point at a dot between them. If the text from the
    // start to the place is the same in source and bundle, the place has the same distance from the start in both.
    const isVerbatim = this.#linesOf(source)?.[line - 1]?.startsWith(behind, column - 1);
    return { file: this.#fileOf(source).path, line, column: isVerbatim ? column + behind.length : column };
  }

  /** True where the place is in the bundle, but in code that the build added. */
  isAdded(place: GeneratedPlace): boolean {
    return this.#isBundle(place.file) && this.#unitColumn(place) !== undefined && !this.#lookUp(place);
  }

  /** The lines of the source that `placeOf` finds; undefined if neither map nor disk has them. */
  sourceLines(place: GeneratedPlace): readonly string[] | undefined {
    const found = this.#lookUp(place);
    return found && this.#linesOf(found.source);
  }

  /**
   * The original name of a function in the bundle. Minified names repeat, so the nearest use before `place` is chosen: the call
   * in the caller's frame, or the declaration above the function's code.
   */
  nameOf(functionName: string, place: GeneratedPlace): string {
    const kind = CALL_KIND.exec(functionName)?.[0] ?? "";
    const rest = functionName.substring(kind.length);
    IDENTIFIER.lastIndex = 0;
    const minified = IDENTIFIER.exec(rest)?.[0];
    if (minified === undefined) return functionName;
    const uses = this.#usesOf(minified);
    const column = this.#unitColumn(place) ?? place.column - 1;
    const before = uses.filter(
      (use) => use.line < place.line || (use.line === place.line && use.column <= column),
    );
    const original = (before.at(-1) ?? uses[0])?.original;
    return original === undefined ? functionName : kind + original + rest.substring(minified.length);
  }

  #linesOf(source: number): readonly string[] | undefined {
    const known = this.#sources.get(source);
    if (known) return known;
    const content = this.#map.sourcesContent?.[source] ?? this.#fileOf(source).read();
    const lines = content?.split(/\r?\n/);
    if (lines) this.#sources.set(source, lines);
    return lines;
  }

  #lookUp(place: GeneratedPlace): MappedPlace | undefined {
    const { file, line } = place;
    if (!this.#isBundle(file)) return undefined;
    const column = this.#unitColumn(place);
    if (line < 1 || column === undefined) return undefined;
    const segment = traceSegment(this.#map, line - 1, column);
    if (!segment || segment.length === 1) return undefined;
    const [start, source, sourceLine, sourceColumn] = segment;
    const text = this.#textOf(line) ?? "";
    return { source, line: sourceLine + 1, column: sourceColumn + 1, behind: text.substring(start, column) };
  }

  #isBundle(file: string): boolean {
    return BUNDLE_NAME.test(file) || file === this.#options.bundleName;
  }

  #textOf(line: number): string | undefined {
    const bytes = this.#lines?.[line - 1];
    return bytes === undefined ? undefined : decodeUtf8(bytes);
  }

  /** The column in UTF-16 units from 0; undefined if the bundle has no such place. */
  #unitColumn({ line, column }: GeneratedPlace): number | undefined {
    if (column < 1) return undefined;
    if (!this.#lines) return column - 1;
    const bytes = this.#lines[line - 1];
    if (bytes === undefined || column - 1 > bytes.length) return undefined;
    return decodeUtf8(bytes.substring(0, column - 1)).length;
  }

  #usesOf(minified: string): readonly Renaming[] {
    this.#renamings ??= collectRenamings(this.#map, this.#lines);
    return this.#renamings.get(minified) ?? [];
  }

  #fileOf(source: number): SourceFile {
    const name = this.#map.sources[source] ?? "";
    const { locate } = this.#options;
    if (!locate || SCHEME.test(name)) return { path: name, read: () => undefined };
    return locate(name, this.#map.sourceRoot ?? "");
  }
}

/** Decodes UTF-8. An incomplete character counts as one. */
function decodeUtf8(byteString: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(byteString));
}

function parseMap({ map, mapFile }: SourcePositionsOptions): TraceMap {
  const refuse = (why: string, cause?: unknown): never => {
    throw new MotekitError(
      {
        code: "MK1503",
        message: `The file is not a source map of version 3: ${why}.`,
        ...(mapFile === undefined ? {} : { where: { file: mapFile } }),
        remedy:
          "Use --map PATH with the app.js.map that `motekit build` wrote together with the app.js on the board.",
      },
      { cause },
    );
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(map);
  } catch (cause) {
    return refuse("it is not JSON", cause);
  }
  const fields = (typeof parsed === "object" && parsed !== null ? parsed : {}) as Record<string, unknown>;
  if (fields.version !== 3) return refuse(`its version is ${JSON.stringify(fields.version) ?? "absent"}`);
  if (typeof fields.mappings !== "string") return refuse("it has no mappings");
  if (!isListOfStrings(fields.sources)) return refuse("it has no list of sources");
  if (!isListOfStrings(fields.names ?? [])) return refuse("its names are not a list of texts");
  try {
    const trace = new TraceMap({ names: [], ...fields } as never);
    decodedMappings(trace);
    return trace;
  } catch (cause) {
    return refuse("its mappings cannot be read", cause);
  }
}

function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** Collects the renamed identifiers by minified name, in the order of the bundle. */
function collectRenamings(
  map: TraceMap,
  byteLines: readonly string[] | undefined,
): ReadonlyMap<string, readonly Renaming[]> {
  const renamings = new Map<string, Renaming[]>();
  if (!byteLines) return renamings;
  const lines = byteLines.map(decodeUtf8);
  eachMapping(map, ({ generatedLine, generatedColumn, name }) => {
    if (!name) return;
    IDENTIFIER.lastIndex = generatedColumn;
    const minified = IDENTIFIER.exec(lines[generatedLine - 1] ?? "")?.[0];
    if (minified === undefined || minified === name) return;
    const uses = renamings.get(minified) ?? [];
    renamings.set(minified, uses);
    uses.push({ line: generatedLine, column: generatedColumn, original: name });
  });
  return renamings;
}
