/** Traces that Espruino of four versions printed, in all wordings, and the places in TypeScript that they mean. */
import { describe, expect, it } from "vitest";
import { formatTrace } from "../../host/trace/format-trace.ts";
import {
  capture,
  capturedPositions,
  decodePieces,
  expectedTraces,
  LAST_LINE,
  markedPlace,
  shown,
} from "../fixtures/crashing-app.ts";

/** Releases, and a development build whose source lines are blank. */
const VERSIONS = ["2v24", "2v28", "2v29", "2v29.277"];

describe.each(VERSIONS)("a capture of Espruino %s", (version) => {
  const captured = capture(`${version}.txt`);

  it("has the place of each frame in the sources, for named, anonymous and promise frames", () => {
    const { text, traces } = decodePieces([captured], capturedPositions());
    expect(traces.map(shown)).toEqual(expectedTraces("espruino"));
    expect(text).toEqual(["größer als ASCII", LAST_LINE]);
  });

  it("is decoded the same in pieces of any size", () => {
    for (const size of [1, 2, 7, 61, 512]) {
      const count = Math.ceil(captured.length / size);
      const pieces = Array.from({ length: count }, (_, index) => captured.substr(index * size, size));
      const { traces } = decodePieces(pieces, capturedPositions());
      expect(traces.map(shown)).toEqual(expectedTraces("espruino"));
    }
  });

  it("is decoded with the line ends and the redrawn prompts of a console", () => {
    const raw = captured.replaceAll("\n", "\r\n").replaceAll("Uncaught", "\r\x1b[JUncaught");
    const { traces } = decodePieces([raw], capturedPositions());
    expect(traces.map(shown)).toEqual(expectedTraces("espruino"));
  });

  it("loses no line: text and traces contain the whole input", () => {
    const { text, traces } = decodePieces([captured], capturedPositions());
    const lines = [...text, ...traces.flatMap((trace) => trace.lines)];
    expect(lines.sort()).toEqual(captured.trimEnd().split("\n").sort());
  });

  it("shows frames as lines, with the source of the top one below it", () => {
    const [first] = decodePieces([captured], capturedPositions()).traces;
    const { line = 0, column = 0 } = markedPlace("named", "espruino");
    const shownLines = first ? formatTrace(first) : [];
    expect(shownLines.slice(0, 2)).toEqual([
      "Uncaught Error: Can't read property 'raw' of undefined",
      `    at rawOf (src/main.ts:${line}:${column})`,
    ]);
    const source = shownLines.findIndex((text) => text.includes(`> ${line} | `));
    expect(shownLines[source]).toContain("return reading.value.raw;");
    expect(shownLines[source + 1]?.indexOf("^")).toBe(shownLines[source]?.indexOf(".raw"));
    expect(shownLines.join("\n").match(/\^/g)).toHaveLength(1);
    const method = markedPlace("method", "espruino");
    expect(shownLines.at(-2)).toBe(`    at report (src/main.ts:${method.line}:${method.column})`);
  });
});
