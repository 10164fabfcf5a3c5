/** Who answers in download mode, asked without a reset: for a look at what is on a port. */
import type { Line } from "../serial/line.ts";
import { type ChipInfo, Loader, ROM_BAUD_RATE, readChipInfo } from "./loader.ts";

/**
 * Undefined where no loader answers. The line stays open. Whatever else is there finds some 200 bytes 55 in what it reads.
 *
 * @throws MK1604, MK1605.
 */
export async function probeChip(line: Line): Promise<ChipInfo | undefined> {
  const loader = new Loader(line, ROM_BAUD_RATE, {});
  try {
    return await Promise.race([readChip(loader), loader.port.ended]);
  } finally {
    await Promise.race([loader.release(), loader.port.ended]).catch(() => undefined);
  }
}

async function readChip(loader: Loader): Promise<ChipInfo | undefined> {
  try {
    await loader.detectChip("no_reset", 1);
  } catch {
    // It rejects with a text of its own where nothing answers, and does not say more.
    return undefined;
  }
  return readChipInfo(loader);
}
