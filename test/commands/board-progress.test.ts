/** Progress of uploading and flashing, on a terminal and in a log. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BoardProgress } from "../../host/attached-board/board-progress.ts";
import type { CommandContext } from "../../host/terminal/command-context.ts";

const COLUMNS = 80;
let status: string[];
let warnings: string[];
const context = {
  status: (line: string) => status.push(line),
  warn: (line: string) => warnings.push(line),
} as unknown as CommandContext;
const { isTTY } = process.stderr;

beforeEach(() => {
  status = [];
  warnings = [];
  vi.useFakeTimers();
});

afterEach(() => {
  process.stderr.isTTY = isTTY;
  vi.useRealTimers();
});

test("progress on a terminal is one line of at most 80 characters with a bar and the time left", () => {
  process.stderr.isTTY = true;
  const progress = new BoardProgress(context, "/dev/ttyUSB0");
  progress.step("erasing");
  vi.advanceTimersByTime(4_000);
  progress.advance("erasing", 4_194_304, 16_777_216);
  expect(status).toEqual([
    "erasing",
    "erasing [====            ]  25 %  4,194,304 of 16,777,216 bytes  12.0 s left",
  ]);
  expect(Math.max(...status.map(({ length }) => length))).toBeLessThan(COLUMNS);
  expect(warnings).toEqual([]);
});

test("progress without a terminal is one line for each step, and one every five seconds", () => {
  process.stderr.isTTY = false;
  const progress = new BoardProgress(context, "/dev/ttyUSB0");
  progress.step("writing");
  for (let second = 1; second <= 12; second++) {
    vi.advanceTimersByTime(1_000);
    progress.advance("writing", second * 1_000, 20_000);
  }
  expect(warnings).toEqual([
    "/dev/ttyUSB0: writing",
    "/dev/ttyUSB0: writing [====            ]  25 %  5,000 of 20,000 bytes  15.0 s left",
    "/dev/ttyUSB0: writing [========        ]  50 %  10,000 of 20,000 bytes  10.0 s left",
  ]);
});

test("progress counts an attempt when bytes are sent again, until the next step", () => {
  process.stderr.isTTY = true;
  const progress = new BoardProgress(context, "/dev/ttyUSB0");
  progress.step("writing the app");
  progress.advance("writing", 512, 1_024);
  progress.advance("writing", 512, 1_024);
  progress.advance("writing", 256, 1_024);
  progress.step("switching to the new app");
  progress.advance("writing", 256, 1_024);
  expect(status.map((line) => /attempt \d/.exec(line)?.[0])).toEqual([
    undefined,
    undefined,
    undefined,
    "attempt 2",
    undefined,
    undefined,
  ]);
});
