/**
 * Commands with a board that are interrupted half-way, by unplugging the board or by Ctrl-C. The command names the port, or
 * ends with exit code 130. The port is free again, and each file on the board has its old or its new content.
 */
import { expect, test } from "vitest";
import type { RunningCommand } from "../fixtures/command.ts";
import { effort } from "../fixtures/effort.ts";
import { type BoardSetup, describeOnBoards } from "../fixtures/serial/board-setup.ts";
import { Pty } from "../fixtures/serial/pty.ts";
import { until } from "../fixtures/waiting.ts";

const STEP_MS = 60_000;
const OLD = "old ".repeat(1_500);
const NEW = "new!".repeat(1_500);
const EXIT_INTERRUPTED = 130;

interface Case {
  readonly args: readonly string[];
  /** The command is interrupted when the board has received this many bytes. */
  readonly atByte: number;
  /** The complete command would change the board. */
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

const SELECTED = CASES.filter((_, index) => index % effort("interruptedCommandStep") === 0);

/**
 * Passes `count` more bytes to the board, then calls `call` and drops all further bytes. Returns a function that restores
 * the connection.
 */
function cutAfter(setup: BoardSetup, count: number, call: () => void): () => void {
  const { board } = setup;
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

async function prepare(setup: BoardSetup): Promise<void> {
  setup.write("data", OLD);
  expect(await setup.motekit("files", "put", "data")).toMatchObject({ exitCode: 0 });
  setup.write("data", NEW);
  setup.write("app.ts", `print("~mk boot dev");\nprint("${"x".repeat(2_000)}".length);\n`);
}

/** Expects that no file is torn, and that the command succeeds when it is run again. */
async function expectIntactBoard(
  motekit: BoardSetup["motekit"],
  setup: BoardSetup,
  args: readonly string[],
): Promise<void> {
  const got = await motekit("files", "get", "data", "found");
  if (got.exitCode !== 0) expect(got.stderr).toContain("MK1705");
  else expect([OLD, NEW]).toContain(setup.read("found"));
  const shown = await motekit("configure", "--show");
  if (shown.exitCode !== 0) expect(shown.stderr).toContain("no configuration");
  const again = args[0] === "run" ? ["upload", "app.ts"] : args;
  expect(await motekit(...again)).toMatchObject({ exitCode: 0 });
}

describeOnBoards("an interrupted command", (setup, isReal) => {
  // The real interpreter can differ only in what is left on the board, for which one kind of interruption is enough.
  const cases = SELECTED.filter(({ changes }) => changes || !isReal);

  test.skipIf(isReal).each(SELECTED)(
    "Ctrl-C during motekit $args: exit code 130, and the board's files are intact",
    async ({ args, atByte, changes }) => {
      await prepare(setup());
      let command: RunningCommand | undefined;
      const restore = cutAfter(setup(), atByte, () => command?.process.kill("SIGINT"));
      command = setup().start(...args);
      const startedMs = performance.now();
      expect(await ended(command)).toBe(EXIT_INTERRUPTED);
      expect(performance.now() - startedMs).toBeLessThan(STEP_MS);
      expect([...command.lines, ...command.errors].join("\n")).not.toMatch(/\n\s+at |MK\d|✓/);
      restore();
      if (changes) await expectIntactBoard((...more) => setup().motekit(...more), setup(), args);
    },
  );

  test.each(cases)(
    "unplugging during motekit $args: an error names the port, and the board's files are intact",
    async ({ args, atByte, changes }) => {
      await prepare(setup());
      const restore = cutAfter(setup(), atByte, () => void setup().pty.unplug());
      const command = setup().start(...args);
      expect(await ended(command)).toBe(1);
      expect(command.errors.join("\n")).toContain("MK1604");
      expect(command.errors.join("\n")).toContain(setup().port);
      expect(command.errors.join("\n")).toContain("how to fix: Plug the board in again");
      expect(command.errors.join("\n")).not.toMatch(/\n\s+at /);
      if (!changes) return;
      restore();
      const again = await Pty.create(setup().board);
      await expectIntactBoard((...more) => setup().motekitAt(again.port, ...more), setup(), args);
      await again.unplug();
    },
  );

  test("monitor waits for an unplugged board until Ctrl-C, and exits with 0", async () => {
    const command = setup().start("monitor", "--log", "board.log");
    await until("the monitor", () => command.errors.some((line) => line.includes("Ctrl-] quits")), STEP_MS);
    setup().board.receive(Buffer.from('\x10print("before")\n'));
    await command.untilLine("before", STEP_MS);
    await setup().pty.unplug();
    await until(
      "the notice",
      () => command.errors.some((line) => line.includes("unplugged; waiting")),
      STEP_MS,
    );
    expect(await command.interrupt()).toMatchObject({ exitCode: 0 });
    expect(setup().read("board.log")).toMatch(/ before\n/);
  });
});
