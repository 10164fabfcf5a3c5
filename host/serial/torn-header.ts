/**
 * Mends what power that failed has torn in a board's Storage, before the host writes a file there.
 *
 * Where the files end, motekit's boot code has done so already, with the same header (`storage-header.ts`); this is for a
 * board that has it not. Beside that, a header whose size is whole but whose name is torn stands for a file that nobody can
 * name, and which a compaction would keep: it is marked as erased.
 */
import { isErased, repairedHeader, STORAGE_HEADER_BYTES } from "../../firmware/contract/storage-header.ts";
import { MotekitError } from "../errors.ts";
import type { BoardConsole } from "./console.ts";

/** Where Storage lies in a board's flash. */
export interface StorageArea {
  readonly addressBytes: number;
  readonly sizeBytes: number;
  readonly pageBytes: number;
}

interface FoundHeaders {
  /** They are as many, and end there, as Storage itself says. */
  readonly isStorage: boolean;
  /** Addresses of headers whose name is torn. */
  readonly torn: readonly number[];
  readonly endBytes: number;
  /** The bytes where the next header would begin, with commas between. Empty: there is no room for one. */
  readonly end: string;
}

const NAME_OFFSET_BYTES = 4;
const WALK_MS_MAX = 20_000;

/**
 * To be called before a file is written. True where something was mended, which can take some of the room. A Storage of
 * another size than `area`, as older releases have it, is not looked at.
 *
 * @throws MK1623 it cannot be mended so, MK1624 it is not where `area` says, and as `evaluate`.
 */
export async function repairTornHeader(console: BoardConsole, area: StorageArea): Promise<boolean> {
  const found = await findHeaders(console, area);
  if (!found) return false;
  if (!found.isStorage) throw elsewhere(console, area);
  const writes = found.torn.map((address) => `f.write([0,0,0,0],${address + NAME_OFFSET_BYTES})`);
  if (!isErased(endOf(found))) writes.push(`f.write([${repairedHeader(endOf(found))}],${found.endBytes})`);
  if (writes.length === 0) return false;
  await console.run(`(function(f){${writes.join(";")}})(require("Flash"))`);
  const after = await findHeaders(console, area);
  if (!after || after.torn.length > 0 || !isErased(endOf(after))) throw damaged(console);
  return true;
}

/**
 * Goes from header to header as Espruino does: where one is not right, on with the next page once. Null where Storage has
 * another size.
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
    message: `The Storage on ${console.line.name} is damaged where its next file would begin. Nothing was written.`,
    remedy:
      "Before the board restarts, upon which Espruino may erase all of its files: remove one that you can do without " +
      "(`motekit files rm NAME`), then `motekit files compact`. The power must not fail meanwhile.",
  });
}

function elsewhere(console: BoardConsole, { addressBytes }: StorageArea): MotekitError {
  return new MotekitError({
    code: "MK1624",
    message: `The Storage on ${console.line.name} does not begin at ${addressBytes}, as the board's file says. Nothing was written.`,
    remedy:
      "Give the board's own file by --board, with the address of its Storage in `storage.addressBytes`.",
  });
}
