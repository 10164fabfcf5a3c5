/**
 * The boot code, `.bootcde`: runs the app of the slot that is right and newest. It is small, and stays as it is on a board
 * for good, because replacing it is the one write that no other copy covers.
 *
 * `eval` runs code in the scope in which it stands. So the build puts all of this into a function and evaluates, outside
 * of it, what is given to `runAtTopLevel`: nothing of the boot code is left in memory then.
 */
import { formatConsoleLine } from "../contract/console-lines.ts";
import { appFile, bootingSlot, recordFile, SLOT_COUNT, type SlotContent } from "../contract/slots.ts";

declare function runAtTopLevel(program: string): void;

const storage = require("Storage");

function contentOf(slot: number): SlotContent {
  const app = storage.read(appFile(slot)) || "";
  return { sealed: storage.read(recordFile(slot)), lengthBytes: app.length, crc: E.CRC32(app) };
}

function newestApp(): string {
  const contents: SlotContent[] = [];
  for (let slot = 0; slot < SLOT_COUNT; slot++) contents.push(contentOf(slot));
  const slot = bootingSlot(contents, E.CRC32);
  if (slot < 0) return 'print("' + formatConsoleLine("error", "no app") + '")';
  return storage.read(appFile(slot)) || "";
}

runAtTopLevel(newestApp());
