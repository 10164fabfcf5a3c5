/** The size of each source file: each byte of app.js is attributed to the source that the map names for it, or to none. */
import { decodedMappings, TraceMap } from "@jridgewell/trace-mapping";

export interface ModuleSize {
  /** The name of the source in the source map. */
  readonly source: string;
  readonly sizeBytes: number;
}

export interface SizeReport {
  /** Largest first. */
  readonly modules: readonly ModuleSize[];
  /** The bytes of the build's helpers, and those without an entry in the map. */
  readonly unattributedBytes: number;
  readonly totalBytes: number;
}

/** `map`: version 3, as JSON. The parts sum up to the size of `app`. */
export function sizeReport(app: Uint8Array, map: string): SizeReport {
  const trace = new TraceMap(map);
  const sizes = new Map<number, number>();
  let attributed = 0;
  const segmentLines = decodedMappings(trace);
  const lines = Buffer.from(app).toString("utf8").split("\n");
  lines.forEach((text, line) => {
    const segments = segmentLines[line] ?? [];
    segments.forEach((segment, index) => {
      const source = segment[1];
      if (source === undefined) return;
      const end = segments[index + 1]?.[0] ?? text.length;
      const bytes = Buffer.byteLength(text.slice(segment[0], end));
      sizes.set(source, (sizes.get(source) ?? 0) + bytes);
      attributed += bytes;
    });
  });
  const modules = Array.from(sizes, ([index, sizeBytes]) => ({
    source: trace.sources[index] ?? "?",
    sizeBytes,
  })).sort((one, other) => other.sizeBytes - one.sizeBytes || (one.source < other.source ? -1 : 1));
  return { modules, unattributedBytes: app.length - attributed, totalBytes: app.length };
}

/** A line for each module, then the rest and the total. */
export function formatSizeReport({ modules, unattributedBytes, totalBytes }: SizeReport): string[] {
  const row = (sizeBytes: number, name: string): string => {
    const percent = ((sizeBytes / totalBytes) * 100).toFixed(1);
    return `${String(sizeBytes).padStart(8)} B ${percent.padStart(5)}%  ${name}`;
  };
  return [
    ...modules.map(({ source, sizeBytes }) => row(sizeBytes, source)),
    row(unattributedBytes, "(not of a source file)"),
    row(totalBytes, "total"),
  ];
}
