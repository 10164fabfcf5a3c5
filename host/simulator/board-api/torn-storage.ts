/** What the boot code does for Storage before the app runs: a virtual board has none, and starts with its app. */
import { isErased, repairedHeader, STORAGE_HEADER_BYTES } from "../../../firmware/contract/storage-header.ts";
import type { StorageFiles } from "./storage.ts";

/** Where power tore a header at the end of the files, it becomes that of an erased file. Throws PowerFailure. */
export function repairTornHeader(files: StorageFiles): void {
  const { totalBytes, freeBytes } = files.stats();
  if (freeBytes < STORAGE_HEADER_BYTES) return;
  const end = totalBytes - freeBytes;
  const header = files.flash.bytes.subarray(end, end + STORAGE_HEADER_BYTES);
  if (!isErased(header)) files.writeFlash(end, Uint8Array.from(repairedHeader(header)));
}
