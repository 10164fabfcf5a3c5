/** `motekit dev` as a process: the firmware is built, its board boots and connects, and Ctrl-C ends it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startCommand } from "../fixtures/command.ts";

/** The command ends at once; the limit allows for a busy machine. */
const INTERRUPT_MS_MAX = 15_000;

test("motekit dev connects its board to its hub, and ends without an error at Ctrl-C", async () => {
  const folder = mkdtempSync(join(tmpdir(), "motekit-dev-"));
  const dev = startCommand(["dev", "--json"], folder);
  try {
    await dev.untilLine('"event":"connected"');
    const { exitCode, tookMs } = await dev.interrupt();
    expect(exitCode).toBe(0);
    expect(tookMs).toBeLessThan(INTERRUPT_MS_MAX);
    expect(dev.errors).toEqual([]);
  } finally {
    await dev.interrupt();
    rmSync(folder, { recursive: true });
  }
});
