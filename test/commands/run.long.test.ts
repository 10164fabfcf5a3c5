/** `motekit run` with a board on a pseudo-terminal. */
import { afterEach, expect, it } from "vitest";
import type { RunningCommand } from "../fixtures/command.ts";
import { describeOnBoards } from "../fixtures/serial/board-setup.ts";

const STEP_MS = 60_000;

describeOnBoards("motekit run", (setup, isReal) => {
  let command: RunningCommand | undefined;

  afterEach(() => command?.interrupt());

  function writeApp(body: string): void {
    setup().write("app.ts", `${body}\n`);
  }

  it("--watch builds and uploads after each change, and decodes the place of an exception", async () => {
    writeApp('setInterval(() => print("one"), 200);');
    command = setup().start("run", "app.ts", "--board", "linux", "--watch-seconds", "1", "--watch");
    await command.untilLine("one", STEP_MS);

    writeApp("setInterval(() => print(one), 200);");
    await until(command, "Cannot find name 'one'");
    writeApp('function fail(): never {\n  throw new Error("two");\n}\nsetInterval(fail, 1500);');
    await command.untilLine("Error: two", STEP_MS);
    // The stack trace of the simulated board also has the name of the function.
    expect(await command.untilLine("app.ts:2", STEP_MS)).toMatch(
      isReal ? /^ +at app\.ts:2:\d+$/ : /^ +at fail \(app\.ts:2:\d+\)$/,
    );
    expect((await command.interrupt()).exitCode).toBe(0);
  });

  it("prints every line of the board from its start on", async () => {
    writeApp('print("~mk boot dev");\nlet count = 0;\nsetInterval(() => print("count " + count++), 10);');
    command = setup().start("run", "app.ts");
    await command.untilLine("count 300", STEP_MS);
    const counts = command.lines.flatMap((line) => /^count (\d+)$/.exec(line)?.[1] ?? []);
    expect(counts).toEqual(counts.map((_, index) => String(index)));
    expect(command.lines.find((line) => line.includes("The app started"))).toBe("  The app started.");
  });
});

/** Waits until standard error contains the text. */
async function until(command: RunningCommand, text: string): Promise<void> {
  await expect.poll(() => command.errors.join("\n"), { timeout: STEP_MS }).toContain(text);
}
