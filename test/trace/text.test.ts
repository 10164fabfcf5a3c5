/** Text that is not a trace of the app passes unchanged, and odd text does no harm. */
import { describe, expect, it } from "vitest";
import { positionsOnDisk } from "../../host/trace/disk-positions.ts";
import { formatTrace } from "../../host/trace/format-trace.ts";
import {
  CAPTURES,
  capture,
  capturedPositions,
  decodePieces,
  markedPlace,
  shown,
} from "../fixtures/crashing-app.ts";

const FRAME = "    at t (app.js:1:298)";
const named = ["rawOf", markedPlace("named", "espruino")] as const;

function at([name, place]: typeof named): string {
  const { file, line, column } = place as { file: string; line: number; column: number };
  return `${name} (${file}:${line}:${column})`;
}

const lookAlikes: ReadonlyArray<readonly [title: string, lines: readonly string[]]> = [
  ["prose", ["we met at app.js:1:298 today", "at home (kitchen:3:4)", "Uncaught mustangs run"]],
  ["a frame of another file", ["Uncaught Error: x", "    at f (.boot0:1:3)", "f()", "  ^"]],
  [
    "a frame of code that is in no file",
    ["Uncaught Error: x", "    at :1:26", 'throw new Error("x")', "     ^"],
  ],
  [
    "places that the bundle does not have",
    ["    at app.js:1:99999", "    at app.js:7:1", "    at app.js:0:0"],
  ],
  ["a frame with more text behind it", [`${FRAME} and so on`, `>>${FRAME}`, FRAME.trim()]],
  [
    "the older wording with another file",
    [" at line 1 col 3 in other", "x.y", " ^", "in function called from system"],
  ],
  [
    "words of the older wording alone",
    ['in function "t" called from line 1 col 298 in app.js', "at line 1 of the queue"],
  ],
  ["a thrown text", ['Uncaught "no object"', "then", "some", "lines"]],
  ["carets and blank lines", ["  ^", "", "   ^", "^"]],
  ["a message longer than eight lines", ["Uncaught Error: 1", ..."23456789".split("")]],
];

describe("text on the console", () => {
  it.each(lookAlikes)("is unchanged if it is %s", (_title, lines) => {
    const { text, traces } = decodePieces([`${lines.join("\n")}\n`], capturedPositions());
    expect(text).toEqual(lines);
    expect(traces).toEqual([]);
  });

  it("after a trace stays text, and its order is kept", () => {
    const order: string[] = [];
    const { text } = decodePieces(
      [["before", "Uncaught Error: x", FRAME, "reading on", "and on", FRAME, "", "   ^", "last"].join("\n")],
      capturedPositions(),
    );
    order.push(...text);
    expect(order).toEqual(["before", "reading on", "and on", "last"]);
  });
});

describe("a trace", () => {
  it("that the app prints itself is decoded without a message", () => {
    const [trace] = decodePieces([FRAME], capturedPositions()).traces;
    expect(trace && shown(trace)).toEqual({ message: undefined, frames: [named] });
  });

  it("whose message has several lines keeps them", () => {
    const { text, traces } = decodePieces([`Uncaught Error: one\ntwo\n\n${FRAME}\n`], capturedPositions());
    expect(traces.map((trace) => trace.message)).toEqual(["Error: one\ntwo\n"]);
    expect(traces[0] && formatTrace(traces[0]).slice(0, 3)).toEqual(["Uncaught Error: one", "two", ""]);
    expect(text).toEqual([]);
  });

  it("keeps frames of other code as they are, and shows the source of the first that has one", () => {
    const lines = ["Uncaught SyntaxError: Got EOF", "    at :1:2", "{", " ^", FRAME, "", "       ^"];
    const [trace] = decodePieces([lines.join("\n")], capturedPositions()).traces;
    const shownLines = trace ? formatTrace(trace) : [];
    expect(shownLines.slice(0, 4)).toEqual(lines.slice(0, 4));
    expect(shownLines[4]).toMatch(/^ {4}at rawOf \(src\/main\.ts:\d+:\d+\)$/);
    expect(shownLines.some((line) => line.includes("return reading.value.raw;"))).toBe(true);
  });

  const plain = [
    "Uncaught Error: x",
    FRAME,
    "return e.value.raw",
    "                 ^",
    FRAME,
    "",
    "  ^",
    ">",
  ];
  const prefixes: ReadonlyArray<readonly [name: string, prefix: (index: number) => string]> = [
    ["a time in brackets", (index) => `[12:00:0${index}.${index}23] `],
    ["date and time", (index) => `2026-11-30T12:00:0${index}Z `],
    ["the system's journal", (index) => `Nov 30 12:00:0${index} host board[${index}7]: `],
    ["a name and a bar", () => "board-1  | "],
    ["a time and an arrow", (index) => `12:00:0${index}.123 -> `],
  ];

  it.each(prefixes)("is found behind %s", (_name, prefix) => {
    const log = plain.map((line, index) => prefix(index) + line);
    for (const lines of [log, log.map((line) => line.trimEnd()), log.slice(1)]) {
      const { text, traces } = decodePieces([["begin", ...lines].join("\n")], capturedPositions());
      expect(text).toEqual(["begin", lines.at(-1)]);
      expect(traces.map((trace) => shown(trace).frames)).toEqual([[named, named]]);
      expect(traces[0] && formatTrace(traces[0])[0]).toBe(
        lines.length === 8 ? lines[0] : `    at ${at(named)}`,
      );
    }
  });

  it("is found in coloured text", () => {
    const lines = plain.map((line) => `\x1b[31m${line}\x1b[0m`);
    const { text, traces } = decodePieces([`${lines.join("\n")}\n`], capturedPositions());
    expect(traces.map(shown)).toEqual([{ message: "Error: x", frames: [named, named] }]);
    expect(text).toEqual(lines.slice(-1));
    const both = plain.map((line, index) => `\x1b[2m[12:00:0${index}]\x1b[0m \x1b[31m${line}\x1b[0m`);
    expect(decodePieces([both.join("\n")], capturedPositions()).traces.map(shown)).toEqual(traces.map(shown));
  });

  it("whose message has the word Uncaught keeps the whole message", () => {
    const lines = ["Uncaught Error: Uncaught exception in task", FRAME];
    const { text, traces } = decodePieces([lines.join("\n")], capturedPositions());
    expect(text).toEqual([]);
    expect(traces.map(shown)).toEqual([{ message: "Error: Uncaught exception in task", frames: [named] }]);
  });

  it("behind a prefix and among colours has a message without them, on each of its lines", () => {
    const lines = ["[1] \x1b[31mUncaught Error: a\x1b[0m", "[1] \x1b[31mb\x1b[0m", `[1] ${FRAME}`];
    const [trace] = decodePieces([lines.join("\n")], capturedPositions()).traces;
    expect(trace?.message).toBe("Error: a\nb");
  });

  it("behind a prefix ends where a line without it comes", () => {
    const lines = [`[1] ${plain[0]}`, `[1] ${FRAME}`, "other", `[2] ${FRAME}`];
    const { text, traces } = decodePieces([lines.join("\n")], capturedPositions());
    expect(text).toEqual(["other"]);
    expect(traces).toHaveLength(2);
  });

  it("of the older wording names the function of a frame that is other code", () => {
    const lines = [
      " at line 1 col 2",
      "{",
      " ^",
      'in function "s" called from line 1 col 648 in app.js',
      "x",
      " ^",
    ];
    const [trace] = decodePieces([lines.join("\n")], capturedPositions()).traces;
    expect(trace && shown(trace).frames).toEqual([
      ["measure", undefined],
      [undefined, markedPlace("caller", "espruino")],
    ]);
    expect(trace && formatTrace(trace)[0]).toBe("    at measure (:1:2)");
  });

  it("of an app with another name is decoded if an option gives the name", () => {
    const line = FRAME.replace("app.js", ".bootcde");
    expect(decodePieces([line], capturedPositions()).traces).toEqual([]);
    const map = capture("app.js.map");
    const options = { map, sourceFolder: CAPTURES, workingFolder: CAPTURES, bundleName: ".bootcde" };
    expect(decodePieces([line], positionsOnDisk(options)).traces).toHaveLength(1);
  });
});

describe("a source map", () => {
  const withMap = (map: string) =>
    positionsOnDisk({ map, sourceFolder: CAPTURES, workingFolder: `${CAPTURES}/src` });

  it("gives paths from the working folder, and reads a source that it does not carry", () => {
    const { sourcesContent: _, ...map } = JSON.parse(capture("app.js.map"));
    const [trace] = decodePieces(["    at app.js:1:228"], withMap(JSON.stringify(map))).traces;
    expect(trace?.frames[0]?.source?.file).toBe("sensor.ts");
    expect(trace?.codeFrame.join("\n")).toContain('throw new Error("no sensor: " + what);');
  });

  it("whose sources cannot be read gives positions without a code frame", () => {
    const map = { ...JSON.parse(capture("app.js.map")), sourcesContent: undefined, sourceRoot: "gone" };
    const [trace] = decodePieces(["    at app.js:1:298"], withMap(JSON.stringify(map))).traces;
    expect(trace?.frames[0]?.source?.file).toMatch(/^\.\.\/gone\/src\/main\.ts$/);
    expect(trace?.codeFrame).toEqual([]);
  });

  it.each([
    ["no JSON", "not a map", "it is not JSON"],
    ["of another version", '{"version":2,"mappings":"","sources":[]}', "its version is 2"],
    ["another JSON", "[1]", "its version is absent"],
    ["without mappings", '{"version":3,"sources":[]}', "it has no mappings"],
    ["without sources", '{"version":3,"mappings":"","sources":[1]}', "it has no list of sources"],
  ])("that is %s is refused", (_title, text, why) => {
    expect(() => withMap(text)).toThrow(
      expect.objectContaining({ code: "MK1503", message: expect.stringContaining(why) }),
    );
  });
});
