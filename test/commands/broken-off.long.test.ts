/**
 * Each command with a board, broken off half-way: by the board's unplugging, and by Ctrl-C. It says so with the port's name
 * or ends with exit code 130, the port is free again, and what lies on the board is the old or the new.
 */
import { expect, test } from "vitest";
import type { RunningCommand } from "../fixtures/command.ts";
import { effort } from "../fixtures/effort.ts";
import { type Desk, describeOnBoards } from "../fixtures/serial/desk.ts";
import { Pty } from "../fixtures/serial/pty.ts";
import { until } from "../fixtures/waiting.ts";

const STEP_MS = 60_000;
const OLD = "old ".repeat(1_500);
const NEW = "new!".repeat(1_500);
const EXIT_INTERRUPTED = 130;

interface Case {
  readonly args: readonly string[];
  /** Broken off when the board has got so many bytes. */
  readonly atByte: number;
  /** It would have changed the board. */
  readonly changes?: true;
}

const CASES: readonly Case[] = [
  { args: ["eval", "1"], atByte: 2 },
  { args: ["files", "ls"], atByte: 60 },
  { args: ["files", "get", "data", "copy"], atByte: 200 },
  { args: ["files", "rm", "data"], atByte: 60, changes: true },
  { args: ["files", "put", "data"], atByte: 3_000, changes: true },
  { args: ["configure", "--show"], atByte: 100 },
  { args: ["configure", "--hub", "mqtt://10.0.0.2"], atByte: 1_100, changes: true },
  { args: ["upload", "app.ts"], atByte: 2_000, changes: true },
  { args: ["run", "app.ts"], atByte: 2_000, changes: true },
];

const TRIED = CASES.filter((_, index) => index % effort("brokenOffStep") === 0);

/** Calls back when the board has got so many bytes more, of which it then gets no further. Returns what lets them pass again. */
function cutAfter(desk: Desk, count: number, call: () => void): () => void {
  const { board } = desk;
  let rest = count;
  const receive = board.receive.bind(board);
  board.receive = (bytes) => {
    receive(bytes.subarray(0, rest));
    if (rest > 0 && rest <= bytes.length) call();
    rest = Math.max(0, rest - bytes.length);
  };
  return () => {
    board.receive = receive;
  };
}

function ended(command: RunningCommand): Promise<number | null> {
  return new Promise((resolve) => command.process.once("close", resolve));
}

async function prepare(desk: Desk): Promise<void> {
  desk.write("data", OLD);
  expect(await desk.motekit("files", "put", "data")).toMatchObject({ exitCode: 0 });
  desk.write("data", NEW);
  desk.write("app.ts", `print("~mk boot desk");\nprint("${"x".repeat(2_000)}".length);\n`);
}

/** What lies on the board is whole, and the command just works when it is given again. */
async function expectWhole(motekit: Desk["motekit"], desk: Desk, args: readonly string[]): Promise<void> {
  const got = await motekit("files", "get", "data", "found");
  if (got.exitCode !== 0) expect(got.stderr).toContain("MK1705");
  else expect([OLD, NEW]).toContain(desk.read("found"));
  const shown = await motekit("configure", "--show");
  if (shown.exitCode !== 0) expect(shown.stderr).toContain("no configuration");
  const again = args[0] === "run" ? ["upload", "app.ts"] : args;
  expect(await motekit(...again)).toMatchObject({ exitCode: 0 });
}

describeOnBoards("a command that is broken off", (desk, isReal) => {
  // What the real interpreter can add is what is left on the board: one way to break off is enough for that.
  const cases = TRIED.filter(({ changes }) => changes || !isReal);

  test.skipIf(isReal).each(TRIED)("by Ctrl-C: $args", async ({ args, atByte, changes }) => {
    await prepare(desk());
    let command: RunningCommand | undefined;
    const restore = cutAfter(desk(), atByte, () => command?.process.kill("SIGINT"));
    command = desk().start(...args);
    const startedMs = performance.now();
    expect(await ended(command)).toBe(EXIT_INTERRUPTED);
    expect(performance.now() - startedMs).toBeLessThan(STEP_MS);
    expect([...command.lines, ...command.errors].join("\n")).not.toMatch(/\n\s+at |MK\d|✓/);
    restore();
    if (changes) await expectWhole((...more) => desk().motekit(...more), desk(), args);
  });

  test.each(cases)("by unplugging: $args", async ({ args, atByte, changes }) => {
    await prepare(desk());
    const restore = cutAfter(desk(), atByte, () => void desk().pty.unplug());
    const command = desk().start(...args);
    expect(await ended(command)).toBe(1);
    expect(command.errors.join("\n")).toContain(`MK1604 ${desk().port} was unplugged.`);
    expect(command.errors.join("\n")).toContain("how to fix: Plug the board in again");
    expect(command.errors.join("\n")).not.toMatch(/\n\s+at /);
    if (!changes) return;
    restore();
    const again = await Pty.create(desk().board);
    await expectWhole((...more) => desk().motekitAt(again.port, ...more), desk(), args);
    await again.unplug();
  });

  test("monitor waits for a board that was unplugged, and Ctrl-C ends it in good order", async () => {
    const command = desk().start("monitor", "--log", "board.log");
    await until("the monitor", () => command.errors.some((line) => line.includes("Ctrl-] quits")), STEP_MS);
    desk().board.receive(Buffer.from('\x10print("before")\n'));
    await command.untilLine("before", STEP_MS);
    await desk().pty.unplug();
    await until(
      "the notice",
      () => command.errors.some((line) => line.includes("unplugged; waiting")),
      STEP_MS,
    );
    expect(await command.interrupt()).toMatchObject({ exitCode: 0 });
    expect(desk().read("board.log")).toMatch(/ before\n/);
  });
});
