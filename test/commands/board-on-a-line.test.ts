/** The commands with a board on a serial port, as a user runs them, on a real Espruino behind a pseudo-terminal. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startCommand } from "../fixtures/command.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { EspruinoDevice } from "../fixtures/serial/espruino-device.ts";
import { Pty } from "../fixtures/serial/pty.ts";
import type { SerialDevice } from "../fixtures/serial/serial-device.ts";

const COMMAND_MS_MAX = 60_000;

let folder: string;
let pty: Pty;

interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function motekit(...args: string[]): Promise<Outcome> {
  const running = startCommand([...args, "--port", pty.port], folder);
  const exitCode = await new Promise<number | null>((resolve) => running.process.once("close", resolve));
  return { exitCode, stdout: running.lines.join("\n"), stderr: running.errors.join("\n") };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "motekit-project-"));
});

afterEach(async () => {
  await pty.unplug();
  rmSync(folder, { recursive: true });
});

const hasBoard = hasProgram("espruino") && hasProgram("socat");

describe.skipIf(!hasBoard)("with a board on a port", { timeout: 2 * COMMAND_MS_MAX }, () => {
  let device: EspruinoDevice;

  beforeEach(async () => {
    device = new EspruinoDevice();
    device.powerOn();
    pty = await Pty.create(device);
  });

  afterEach(() => device.dispose());

  test("eval prints a value, in words and as JSON, and what the board threw", async () => {
    expect(await motekit("eval", '({a:"é".length})')).toMatchObject({ exitCode: 0, stdout: "{a:1}" });
    expect(JSON.parse((await motekit("eval", "[1,2]", "--json")).stdout)).toEqual({
      ok: true,
      value: [1, 2],
    });
    const thrown = await motekit("eval", "nope()");
    expect(thrown.exitCode).toBe(1);
    expect(thrown.stderr).toContain("MK1613 The board on");
    expect(thrown.stderr).toContain('"nope" is not defined');
  });

  test("files go there and back, are listed and removed; those with passwords stay", async () => {
    writeFileSync(join(folder, "page.html"), "<p>\r\n\x00\xff</p>", "latin1");
    expect((await motekit("files", "put", "page.html", "index")).exitCode).toBe(0);
    expect((await motekit("files", "get", "index", "copy")).exitCode).toBe(0);
    expect(readFileSync(join(folder, "copy"))).toEqual(readFileSync(join(folder, "page.html")));
    const { files } = JSON.parse((await motekit("files", "ls", "--json")).stdout) as { files: unknown[] };
    expect(files).toEqual([{ name: "index", sizeBytes: 11 }]);
    expect((await motekit("files", "get", "mk.cfg0")).stderr).toContain("MK1706");
    expect((await motekit("files", "rm", "index")).exitCode).toBe(0);
    expect((await motekit("files", "rm", "index")).stderr).toContain("MK1705");
    expect((await motekit("files", "put", "none")).stderr).toContain("MK1707");
  });

  test("upload builds, writes and says that the app came up; one that crashes fails with its place in the sources", async () => {
    writeFileSync(
      join(folder, "app.ts"),
      'print("~mk boot desk");\nsetInterval(() => print("tick"), 400);\n',
    );
    const first = await motekit("upload", "app.ts");
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.stdout).toContain("in slot 0, proved in");
    expect(first.stdout).toContain("The app came up.");
    const again = JSON.parse((await motekit("upload", "app.ts", "--json")).stdout) as object;
    expect(again).toMatchObject({ ok: true, verdict: "up", written: false, espruino: { board: "LINUX" } });
    writeFileSync(
      join(folder, "app.ts"),
      'const sensors: { id: string }[] = [];\nprint("on");\nprint((sensors[0] as { id: string }).id);\n',
    );
    const crashing = await motekit("upload", "app.ts");
    expect(crashing.exitCode).toBe(1);
    expect(crashing.stdout).toContain("app.ts:3:");
    expect(crashing.stdout).toContain("An exception that nobody caught came up.");
  });

  test("an entry that is missing is told before the board is touched", async () => {
    const outcome = await motekit("upload", "none.ts");
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
    pty = await Pty.create(new OtherDevice());
    const outcome = await motekit("eval", "1");
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toContain(`MK1611 ${pty.port} sends`);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  });
});
