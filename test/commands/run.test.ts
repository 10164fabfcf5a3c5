/** `motekit run` on a pseudo-terminal, behind which is a real Espruino. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RunningCommand, startCommand } from "../fixtures/command.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { EspruinoDevice } from "../fixtures/serial/espruino-device.ts";
import { Pty } from "../fixtures/serial/pty.ts";

const STEP_MS = 60_000;

describe.skipIf(!hasProgram("espruino") || !hasProgram("socat"))("motekit run", { timeout: 180_000 }, () => {
  let device: EspruinoDevice;
  let pty: Pty;
  let folder: string;
  let command: RunningCommand | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "motekit-run-"));
    device = new EspruinoDevice();
    device.powerOn();
    pty = await Pty.create(device);
  });

  afterEach(async () => {
    await command?.interrupt();
    await pty.unplug();
    await device.dispose();
    rmSync(folder, { recursive: true });
  });

  function writeApp(body: string): void {
    writeFileSync(join(folder, "app.ts"), `${body}\n`);
  }

  it("builds, uploads and watches, again at each change, and shows where an exception comes from", async () => {
    writeApp('setInterval(() => print("one"), 200);');
    const args = ["run", "app.ts", "--port", pty.port, "--board", "linux", "--watch-seconds", "1", "--watch"];
    command = startCommand(args, folder);
    await command.untilLine("one", STEP_MS);

    writeApp("setInterval(() => print(one), 200);");
    await until(command, "Cannot find name 'one'");
    writeApp('function fail(): never {\n  throw new Error("two");\n}\nsetInterval(fail, 1500);');
    await command.untilLine("Error: two", STEP_MS);
    expect(await command.untilLine("app.ts:2", STEP_MS)).toMatch(/^ +at app\.ts:2:\d+$/);
    expect((await command.interrupt()).exitCode).toBe(0);
  });
});

/** On standard error. */
async function until(command: RunningCommand, text: string): Promise<void> {
  await expect.poll(() => command.errors.join("\n"), { timeout: STEP_MS }).toContain(text);
}
