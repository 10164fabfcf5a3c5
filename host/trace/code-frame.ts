/** Formats the source lines around a place, with a caret under its column. */
import type { ExactPlace } from "./source-positions.ts";

const LINES_AROUND = 2;
/** The limit on the width. Of a longer line, the part around the column is shown. */
const WIDTH_MAX = 100;
const CUT = "…";

/** Returns an empty list if the source has no such line. */
export function codeFrame(
  lines: readonly string[],
  { line, column }: Pick<ExactPlace, "line" | "column">,
): string[] {
  if (line > lines.length) return [];
  const first = Math.max(1, line - LINES_AROUND);
  const last = Math.min(lines.length, line + LINES_AROUND);
  const gutter = String(last).length;
  const start = column > WIDTH_MAX ? column - Math.floor(WIDTH_MAX / 2) : 0;
  const shown: string[] = [];
  for (let number = first; number <= last; number++) {
    const text = cut(lines[number - 1] ?? "", start);
    const mark = number === line ? ">" : " ";
    shown.push(`${mark} ${String(number).padStart(gutter)} | ${text}`.trimEnd());
    if (number !== line) continue;
    // Tabs are kept, so that the caret is at the terminal's column.
    const indent = text.substring(0, column - 1 - start).replace(/[^\t]/g, " ");
    shown.push(`  ${" ".repeat(gutter)} | ${indent}^`);
  }
  return shown;
}

function cut(text: string, start: number): string {
  const kept = text.substring(start, start + WIDTH_MAX);
  const head = start > 0 && text.length > start ? CUT + kept.substring(1) : kept;
  return text.length > start + WIDTH_MAX ? head + CUT : head;
}
