import type { types as t } from "@babel/core";
import { originalPositionFor, sourceContentFor, type TraceMap } from "@jridgewell/trace-mapping";
import type { SourcePlace } from "../../errors.ts";

/** Finds the place of a node in the sources; without a map, its place in the bundle. */
export function placeOf(node: t.Node, trace: TraceMap | undefined): SourcePlace | undefined {
  const start = node.loc?.start;
  return start && placeAt(start, trace);
}

/** Where a place of the bundle stands in the sources; its line counts from 1, its column from 0. */
export function placeAt(
  start: { readonly line: number; readonly column: number },
  trace: TraceMap | undefined,
): SourcePlace | undefined {
  if (!trace) return { file: "bundle.js", line: start.line, column: start.column + 1 };
  const found = originalPositionFor(trace, { line: start.line, column: start.column });
  if (found.source === null) return undefined;
  return { file: found.source, line: found.line, column: found.column + 1 };
}

/** What the sources call a variable, function or class, to which the bundler may have given another name. */
export function originalName({ name, loc }: t.Identifier, trace: TraceMap | undefined): string {
  if (!trace || !loc) return name;
  const original = originalPositionFor(trace, { line: loc.start.line, column: loc.start.column }).name;
  // The bundler appends a number, or calls a class that names itself `_C`. A place without a mapping gets its neighbour's.
  const isRenamed =
    original !== null && name.replace(/^_/, "").replace(/\d+$/, "") === original.replace(/\d+$/, "");
  return isRenamed ? original : name;
}

/** The line of the source that a node comes from, cut in two at the node's start. */
export function sourceLineAt(
  node: t.Node,
  trace: TraceMap,
): { readonly before: string; readonly from: string } | undefined {
  const place = placeOf(node, trace);
  if (place?.line === undefined || place.column === undefined) return undefined;
  const line = sourceContentFor(trace, place.file)?.split("\n")[place.line - 1];
  if (line === undefined) return undefined;
  return { before: line.slice(0, place.column - 1), from: line.slice(place.column - 1) };
}
