/**
 * The boot code, `.bootcde`: repairs what a power failure may have torn in Storage, then runs the newest valid app. It is small
 * and stays unchanged on a board, because replacing it is the only write without a second copy.
 *
 * `eval` runs code in the scope in which it stands. So the build puts all of this into a function and evaluates, outside
 * of it, what is given to `runAtTopLevel`: nothing of the boot code is left in memory then.
 */
import { formatConsoleLine } from "../contract/console-lines.ts";
import { appFile, bootingSlot, recordFile, SLOT_COUNT, type SlotContent } from "../contract/slots.ts";
import { isErased, repairedHeader, STORAGE_HEADER_BYTES } from "../contract/storage-header.ts";

declare function runAtTopLevel(program: string): void;
/** The location of the board's Storage in flash, inserted by the build. */
declare const STORAGE_ADDRESS_BYTES: number;
declare const STORAGE_SIZE_BYTES: number;

const storage = require("Storage");

/**
 * Repairs a torn header before anything is written. It can only be at the end of the files, because no other header is treated
 * as the end. A Storage with a different size, as in older releases, has another address and is not changed.
 */
function repairTornHeader(): void {
  const stats = storage.getStats();
  if (stats.totalBytes !== STORAGE_SIZE_BYTES || stats.freeBytes < STORAGE_HEADER_BYTES) return;
  const flash = require("Flash");
  const end = STORAGE_ADDRESS_BYTES + stats.totalBytes - stats.freeBytes;
  const header = flash.read(STORAGE_HEADER_BYTES, end);
  if (!isErased(header)) flash.write(repairedHeader(header), end);
}

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

repairTornHeader();
runAtTopLevel(newestApp());
