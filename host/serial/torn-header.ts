/**
 * Repairs headers in a board's Storage that a power failure has torn, before the host writes a file there.
 *
 * At the end of the files, motekit's boot code already does so with the same header (`storage-header.ts`); this is for boards
 * without it. In addition, a header with a complete size and a torn name belongs to a file that cannot be named, and that a
 * compaction would keep. It is marked as erased.
 */
import { isErased, repairedHeader, STORAGE_HEADER_BYTES } from "../../firmware/contract/storage-header.ts";
import { MotekitError } from "../errors.ts";
import type { BoardConsole } from "./console.ts";

/** The location of Storage in a board's flash. */
export interface StorageArea {
  readonly addressBytes: number;
  readonly sizeBytes: number;
  readonly pageBytes: number;
}

interface FoundHeaders {
  /** Whether the number and the end of the headers match what Storage reports. */
  readonly isStorage: boolean;
  /** The addresses of headers with a torn name. */
  readonly torn: readonly number[];
  readonly endBytes: number;
  /** The bytes at the place of the next header, separated by commas. Empty if there is no space for one. */
  readonly end: string;
}

const NAME_OFFSET_BYTES = 4;
const WALK_MS_MAX = 20_000;

/**
 * To be called before a file is written. Resolves to true if something was repaired, which can take some of the space. A Storage
 * whose size differs from `area`, as in older releases, is not checked.
 *
 * Throws MK1623 if it cannot be repaired, MK1624 if it is not at `area`, and like `evaluate`.
 */
export async function repairTornHeader(console: BoardConsole, area: StorageArea): Promise<boolean> {
  const found = await findHeaders(console, area);
  if (!found) return false;
  if (!found.isStorage) throw wrongAddress(console, area);
  const writes = found.torn.map((address) => `f.write([0,0,0,0],${address + NAME_OFFSET_BYTES})`);
  if (!isErased(endOf(found))) writes.push(`f.write([${repairedHeader(endOf(found))}],${found.endBytes})`);
  if (writes.length === 0) return false;
  await console.run(`(function(f){${writes.join(";")}})(require("Flash"))`);
  const after = await findHeaders(console, area);
  if (!after || after.torn.length > 0 || !isErased(endOf(after))) throw damaged(console);
  return true;
}

/**
 * Goes from header to header as Espruino does; after an invalid one it continues once at the next page. Resolves to null if the
 * size of Storage differs.
 */
function findHeaders(console: BoardConsole, area: StorageArea): Promise<FoundHeaders | null> {
  const { addressBytes, sizeBytes, pageBytes } = area;
  return console.evaluateJson<FoundHeaders | null>(
    "(function(f,t,a,z,p){var e=a,n=0,l=[],j=false,h,s;if(t.totalBytes!=z-a)return null;" +
      `for(;a+${STORAGE_HEADER_BYTES}<=z;){h=f.read(${STORAGE_HEADER_BYTES},a);s=h[0]|h[1]<<8|h[2]<<16;` +
      `if((s|h[3])&&a+${STORAGE_HEADER_BYTES}+s<=z){n++;if((h[4]|h[5]|h[6]|h[7])&&(!h[4]||h[31]==255))l.push(a);` +
      `a=e=(a+${STORAGE_HEADER_BYTES}+s+3)&~3;j=false}else{if(j)break;a=(a&~(p-1))+p;j=true}}` +
      "return{isStorage:n==t.fileCount+t.trashCount&&z-e==t.freeBytes,torn:l,endBytes:e," +
      `end:e+${STORAGE_HEADER_BYTES}>z?"":f.read(${STORAGE_HEADER_BYTES},e).join()}})` +
      `(require("Flash"),require("Storage").getStats(),${addressBytes},${addressBytes + sizeBytes},${pageBytes})`,
    WALK_MS_MAX,
  );
}

function endOf({ end }: FoundHeaders): number[] {
  return end === "" ? [] : end.split(",").map(Number);
}

function damaged(console: BoardConsole): MotekitError {
  return new MotekitError({
    code: "MK1623",
    message: `The Storage on ${console.line.name} is damaged where its next file would be written. Nothing was written.`,
    remedy:
      "Do not restart the board: at the next start Espruino may erase all its files. First save the files that you need " +
      "(`motekit files get NAME`). Then remove one file (`motekit files rm NAME`) and run `motekit files compact`. Keep the " +
      "power on until it finishes.",
  });
}

function wrongAddress(console: BoardConsole, { addressBytes }: StorageArea): MotekitError {
  return new MotekitError({
    code: "MK1624",
    message: `The Storage on ${console.line.name} does not begin at ${addressBytes}, the address in the board file. Nothing was written.`,
    remedy:
      "Use --board with a board file that has the address of the board's Storage in `storage.addressBytes`.",
  });
}
