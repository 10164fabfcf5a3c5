/** The difference of two payloads, line by line. JSON is compared as indented JSON, bytes as hex. */
import { diffLines } from "diff/lib/diff/line.js";
import { hexDump, type Payload, payloadText } from "../model/text/payload.ts";

export interface DiffLine {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

/** With more changed lines, the payloads are shown one after the other. */
const CHANGES_MAX = 400;
const LINES_MAX = 500;

export function diffPayloads(before: Payload, after: Payload): DiffLine[] {
  const [earlier, later] = [linesOf(before, after), linesOf(after, before)];
  const changes = diffLines(earlier, later, { maxEditLength: CHANGES_MAX });
  if (!changes) return [...asLines(earlier, "removed"), ...asLines(later, "added")].slice(0, LINES_MAX);
  return changes
    .flatMap(({ value, added, removed }) => asLines(value, added ? "added" : removed ? "removed" : "same"))
    .slice(0, LINES_MAX);
}

/** Both payloads are shown in the same form, which is hex if either of them is not text. */
function linesOf(payload: Payload, other: Payload): string {
  if (payload.kind === "bytes" || other.kind === "bytes") return `${hexDump(payload.bytes)}\n`;
  return payload.kind === "empty" ? "" : `${payloadText(payload)}\n`;
}

function asLines(text: string, kind: DiffLine["kind"]): DiffLine[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => ({ kind, text: line }));
}
