/** The commands with a board on a serial port, as a user runs them, through a pseudo-terminal. */
import { describe, expect, test } from "vitest";
import { hasProgram } from "../fixtures/programs.ts";
import { Desk, describeOnBoards } from "../fixtures/serial/desk.ts";
import type { SerialDevice } from "../fixtures/serial/serial-device.ts";

const COMMAND_MS_MAX = 60_000;

describeOnBoards("on a line", (desk, isReal) => {
  test("eval prints a value, in words and as JSON, and what the board threw", async () => {
    expect(await desk().motekit("eval", '({a:"é"=="é"})')).toMatchObject({
      exitCode: 0,
      stdout: "{a:true}\n",
    });
    if (isReal) {
      // One character there, for this interpreter knows Unicode; the simulated board has bytes.
      expect(await desk().motekit("eval", '({a:"é".length})')).toMatchObject({
        exitCode: 0,
        stdout: "{a:1}\n",
      });
    }
    expect(JSON.parse((await desk().motekit("eval", "[1,2]", "--json")).stdout)).toEqual({
      ok: true,
      value: [1, 2],
    });
    const thrown = await desk().motekit("eval", "nope()");
    expect(thrown.exitCode).toBe(1);
    expect(thrown.stderr).toContain("MK1613 The board on");
    expect(thrown.stderr).toContain('"nope" is not defined');
  });

  test("files go there and back, are listed and removed; those with passwords stay", async () => {
    desk().write("page.html", "<p>\r\n\x00\xff</p>");
    expect((await desk().motekit("files", "put", "page.html", "index")).exitCode).toBe(0);
    expect((await desk().motekit("files", "get", "index", "copy")).exitCode).toBe(0);
    expect(desk().read("copy")).toEqual(desk().read("page.html"));
    const { files } = JSON.parse((await desk().motekit("files", "ls", "--json")).stdout) as {
      files: unknown[];
    };
    expect(files).toEqual([{ name: "index", sizeBytes: 11 }]);
    expect((await desk().motekit("files", "get", "mk.cfg0")).stderr).toContain("MK1706");
    expect((await desk().motekit("files", "rm", "index")).exitCode).toBe(0);
    expect((await desk().motekit("files", "rm", "index")).stderr).toContain("MK1705");
    expect((await desk().motekit("files", "put", "none")).stderr).toContain("MK1707");
  });

  test("upload builds, writes and says that the app came up; one that crashes fails with its place in the sources", async () => {
    desk().write("app.ts", 'print("~mk boot desk");\nsetInterval(() => print("tick"), 400);\n');
    const first = await desk().motekit("upload", "app.ts");
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.stdout).toContain("in slot 0, verified in");
    expect(first.stdout).toContain("The app started.");
    const again = JSON.parse((await desk().motekit("upload", "app.ts", "--json")).stdout) as object;
    expect(again).toMatchObject({ ok: true, verdict: "up", written: false, espruino: { board: "LINUX" } });
    desk().write(
      "app.ts",
      'const sensors: { id: string }[] = [];\nprint("on");\nprint((sensors[0] as { id: string }).id);\n',
    );
    const crashing = await desk().motekit("upload", "app.ts");
    expect(crashing.exitCode).toBe(1);
    expect(crashing.stdout).toContain("app.ts:3:");
    expect(crashing.stdout).toContain("The app stopped with an uncaught exception.");
  });

  test("a bundle past its budgets is told before the board is changed, with the option that raises each", async () => {
    desk().write("app.ts", 'const names = ["a", "b", "c"];\nsetInterval(() => print(names.join()), 1000);\n');
    const bytes = await desk().motekit("upload", "app.ts", "--max-bytes", "20");
    expect(bytes).toMatchObject({ exitCode: 1, stdout: "" });
    expect(bytes.stderr).toMatch(/MK1204 \S+app\.ts: The bundle has \d+ bytes, \d+ over its budget of 20 /);
    const jsVars = await desk().motekit("upload", "app.ts", "--max-jsvars", "1");
    expect(jsVars).toMatchObject({ exitCode: 1, stdout: "" });
    expect(jsVars.stderr).toMatch(/MK1228 .* over its budget of 1\b/);
    expect(jsVars.stderr).toContain("--max-jsvars");
    expect((await desk().motekit("files", "ls", "--json")).stdout).toContain('"files":[]');
  });

  test("an entry that is missing is told before the board is touched", async () => {
    const outcome = await desk().motekit("upload", "none.ts");
    expect(outcome).toMatchObject({ exitCode: 1 });
    expect(outcome.stderr).toContain("MK1001");
  });
});

/** Prints a prompt of its own, whatever it is asked. */
class OtherDevice implements SerialDevice {
  onSend: (bytes: Uint8Array) => void = () => undefined;

  receive(): void {
    this.onSend(Buffer.from("login: "));
  }
}

describe.skipIf(!hasProgram("socat"))("with something else on a port", { timeout: COMMAND_MS_MAX }, () => {
  test("eval names the port and gives up", async () => {
    const desk = await Desk.create(new OtherDevice());
    const outcome = await desk.motekit("eval", "1");
    await desk.clear();
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toContain(`MK1611 ${desk.port} sends`);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  });
});
