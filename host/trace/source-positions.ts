/**
 * From a place in the bundle to the place in its sources, by the bundle's source map.
 *
 * The interpreter counts columns in bytes, a source map in UTF-16 units; so the bundle itself is wanted beside the map.
 * It tells too which name a minified one stands for. Without it, columns are taken as they are and names stay.
 */
import { decodedMappings, eachMapping, TraceMap, traceSegment } from "@jridgewell/trace-mapping";
import { MotekitError, type SourcePlace } from "../errors.ts";
import { byteStringOf, bytesOf } from "../serial/bytes.ts";
import type { GeneratedPlace } from "./trace-line.ts";

export interface SourcePositionsOptions {
  /** Source map version 3, as JSON. */
  readonly map: string;
  /** The bundle's bytes. */
  readonly app?: Uint8Array;
  /** Where sources lie that the map does not carry. Left out: nowhere, and their paths are shown as the map has them. */
  readonly locate?: LocateSource;
  /** A file of Storage that holds the bundle, beside `app`, `app.js` and other names of that form. */
  readonly bundleName?: string;
  /** Where the map came from, for messages. */
  readonly mapFile?: string;
}

/** A source by its name in the map, and the root that the map gives to all of them. */
export type LocateSource = (name: string, root: string) => SourceFile;

export interface SourceFile {
  /** For people. */
  readonly path: string;
  /** Undefined where it cannot be read: positions are right without it. */
  read(): string | undefined;
}

export interface ExactPlace extends SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** An identifier of the bundle that the minifier made up. */
interface Renaming {
  readonly line: number;
  readonly column: number;
  readonly original: string;
}

interface MappedPlace {
  /** Its index among the map's sources. */
  readonly source: number;
  readonly line: number;
  readonly column: number;
  /** How far the place is behind the start of its segment, in the bundle's text. */
  readonly behind: string;
}

/** `app.js`, or a slot such as `app1`. */
const BUNDLE_NAME = /^app[\w.-]*$/;
const IDENTIFIER = /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
/** A source named so is no file: the build made it. */
const SCHEME = /^[a-z][\w+.-]*:/i;
/** V8's words before a function's name. */
const CALL_KIND = /^(?:(?:new|async|get|set) )*/;

export class SourcePositions {
  readonly #map: TraceMap;
  readonly #options: SourcePositionsOptions;
  /** The bundle's lines, as bytes. */
  readonly #lines: readonly string[] | undefined;
  readonly #sources = new Map<number, readonly string[]>();
  #renamings: ReadonlyMap<string, readonly Renaming[]> | undefined;

  /** @throws MotekitError MK1503 where the text is no source map. */
  constructor(options: SourcePositionsOptions) {
    this.#options = options;
    this.#map = parseMap(options);
    this.#lines = options.app && byteStringOf(options.app).split("\n");
  }

  /** Undefined where the place is not in the bundle, or in nothing that its sources wrote. */
  placeOf(place: GeneratedPlace): ExactPlace | undefined {
    const found = this.#lookUp(place);
    if (!found) return undefined;
    const { source, line, column, behind } = found;
    // A map knows where names and expressions start, and the interpreter may point at a dot between: where the source
    // reads as the bundle does from the start to the place, the place is as far from the start in both.
    const isVerbatim = this.#linesOf(source)?.[line - 1]?.startsWith(behind, column - 1);
    return { file: this.#fileOf(source).path, line, column: isVerbatim ? column + behind.length : column };
  }

  /** True where the place is in the bundle, but in code that the build added. */
  isAdded(place: GeneratedPlace): boolean {
    return this.#isBundle(place.file) && this.#unitColumn(place) !== undefined && !this.#lookUp(place);
  }

  /** The lines of the source that `placeOf` found there; undefined where neither map nor disk has them. */
  sourceLines(place: GeneratedPlace): readonly string[] | undefined {
    const found = this.#lookUp(place);
    return found && this.#linesOf(found.source);
  }

  /**
   * The name that the sources have for a function of the bundle. Minified names repeat, so the nearest use before
   * `place` is the one meant: the call in the caller's frame, or the declaration above the function's own code.
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

  /** In UTF-16 units from 0; undefined where the bundle has no such place. */
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

/** A cut character counts as one. */
function decodeUtf8(byteString: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(byteString));
}

function parseMap({ map, mapFile }: SourcePositionsOptions): TraceMap {
  const refuse = (why: string, cause?: unknown): never => {
    throw new MotekitError(
      {
        code: "MK1503",
        message: `This is not a source map of version 3: ${why}.`,
        ...(mapFile === undefined ? {} : { where: { file: mapFile } }),
        remedy: "Give the app.js.map that `motekit build` wrote with the app.js on the board, by --map PATH.",
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
  if (!isListOfStrings(fields.names ?? [])) return refuse("its names are no list of texts");
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

/** By the minified name, in the bundle's order. */
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
