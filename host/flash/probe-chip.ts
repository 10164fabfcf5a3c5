/** Probes a port for a chip in download mode, without a reset. */
import type { Line } from "../serial/line.ts";
import { type ChipInfo, Loader, ROM_BAUD_RATE, readChipInfo } from "./loader.ts";

/**
 * Resolves to undefined if no loader responds. The line stays open. Any other device receives some 200 bytes 55.
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
    // esptool-js rejects with a text that has no further information.
    return undefined;
  }
  return readChipInfo(loader);
}
