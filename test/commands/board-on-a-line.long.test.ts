/** The commands with a board on a serial port, which is a pseudo-terminal here. */
import { describe, expect, test } from "vitest";
import { hasProgram } from "../fixtures/programs.ts";
import { BoardSetup, describeOnBoards } from "../fixtures/serial/board-setup.ts";
import type { SerialDevice } from "../fixtures/serial/serial-device.ts";

const COMMAND_MS_MAX = 60_000;

describeOnBoards("commands with a board on a serial port", (setup, isReal) => {
  test("eval prints a value as text and as JSON, and reports an exception of the board", async () => {
    expect(await setup().motekit("eval", '({a:"é"=="é"})')).toMatchObject({
      exitCode: 0,
      stdout: "{a:true}\n",
    });
    if (isReal) {
      // One character on Espruino for Linux, which supports Unicode. The simulated board has two bytes.
      expect(await setup().motekit("eval", '({a:"é".length})')).toMatchObject({
        exitCode: 0,
        stdout: "{a:1}\n",
      });
    }
    expect(JSON.parse((await setup().motekit("eval", "[1,2]", "--json")).stdout)).toEqual({
      ok: true,
      value: [1, 2],
    });
    const thrown = await setup().motekit("eval", "nope()");
    expect(thrown.exitCode).toBe(1);
    expect(thrown.stderr).toContain("MK1613");
    expect(thrown.stderr).toContain('"nope" is not defined');
  });

  test("files copies, lists and removes files, and refuses to copy files with passwords", async () => {
    setup().write("page.html", "<p>\r\n\x00\xff</p>");
    expect((await setup().motekit("files", "put", "page.html", "index")).exitCode).toBe(0);
    expect((await setup().motekit("files", "get", "index", "copy")).exitCode).toBe(0);
    expect(setup().read("copy")).toEqual(setup().read("page.html"));
    const { files } = JSON.parse((await setup().motekit("files", "ls", "--json")).stdout) as {
      files: unknown[];
    };
    expect(files).toEqual([{ name: "index", sizeBytes: 11 }]);
    expect((await setup().motekit("files", "get", "mk.cfg0")).stderr).toContain("MK1706");
    expect((await setup().motekit("files", "rm", "index")).exitCode).toBe(0);
    expect((await setup().motekit("files", "rm", "index")).stderr).toContain("MK1705");
    expect((await setup().motekit("files", "put", "none")).stderr).toContain("MK1707");
  });

  test("upload reports that an app came up, and for an app that crashes the place in the sources", async () => {
    setup().write("app.ts", 'print("~mk boot dev");\nsetInterval(() => print("tick"), 400);\n');
    const first = await setup().motekit("upload", "app.ts");
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.stdout).toContain("in slot 0, verified in");
    expect(first.stdout).toContain("The app started.");
    const again = JSON.parse((await setup().motekit("upload", "app.ts", "--json")).stdout) as object;
    expect(again).toMatchObject({ ok: true, verdict: "up", written: false, espruino: { board: "LINUX" } });
    setup().write(
      "app.ts",
      'const sensors: { id: string }[] = [];\nprint("on");\nprint((sensors[0] as { id: string }).id);\n',
    );
    const crashing = await setup().motekit("upload", "app.ts");
    expect(crashing.exitCode).toBe(1);
    expect(crashing.stdout).toContain("app.ts:3:");
    expect(crashing.stdout).toContain("The app stopped with an uncaught exception.");
  });

  test("upload refuses a bundle over its budgets before it changes the board, and names the option for each budget", async () => {
    setup().write(
      "app.ts",
      'const names = ["a", "b", "c"];\nsetInterval(() => print(names.join()), 1000);\n',
    );
    const bytes = await setup().motekit("upload", "app.ts", "--max-bytes", "20");
    expect(bytes).toMatchObject({ exitCode: 1, stdout: "" });
    expect(bytes.stderr).toMatch(/MK1204 \S+app\.ts: The bundle has \d+ bytes, \d+ over its budget of 20 /);
    const jsVars = await setup().motekit("upload", "app.ts", "--max-jsvars", "1");
    expect(jsVars).toMatchObject({ exitCode: 1, stdout: "" });
    expect(jsVars.stderr).toMatch(/MK1228 .* over its budget of 1\b/);
    expect(jsVars.stderr).toContain("--max-jsvars");
    expect((await setup().motekit("files", "ls", "--json")).stdout).toContain('"files":[]');
  });

  test("upload reports a missing entry file before it opens the port", async () => {
    const outcome = await setup().motekit("upload", "none.ts");
    expect(outcome).toMatchObject({ exitCode: 1 });
    expect(outcome.stderr).toContain("MK1001");
  });
});

/** A device that is not Espruino: it answers everything with a login prompt. */
class OtherDevice implements SerialDevice {
  onSend: (bytes: Uint8Array) => void = () => undefined;

  receive(): void {
    this.onSend(Buffer.from("login: "));
  }
}

describe.skipIf(!hasProgram("socat"))(
  "commands on a port without Espruino",
  { timeout: COMMAND_MS_MAX },
  () => {
    test("eval ends with an error that names the port", async () => {
      const setup = await BoardSetup.create(new OtherDevice());
      const outcome = await setup.motekit("eval", "1");
      await setup.clear();
      expect(outcome.exitCode).toBe(1);
      expect(outcome.stderr).toContain("MK1611");
      expect(outcome.stderr).toContain(setup.port);
      expect(outcome.stderr).not.toMatch(/\n\s+at /);
    });
  },
);
