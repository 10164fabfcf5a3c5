/** The repair of Storage by the boot code, for virtual boards, which have no boot code and start with their app. */
import { isErased, repairedHeader, STORAGE_HEADER_BYTES } from "../../../firmware/contract/storage-header.ts";
import type { StorageFiles } from "./storage.ts";

/** Turns a torn header at the end of the files into that of an erased file. Throws PowerFailure. */
export function repairTornHeader(files: StorageFiles): void {
  const { totalBytes, freeBytes } = files.stats();
  if (freeBytes < STORAGE_HEADER_BYTES) return;
  const end = totalBytes - freeBytes;
  const header = files.flash.bytes.subarray(end, end + STORAGE_HEADER_BYTES);
  if (!isErased(header)) files.writeFlash(end, Uint8Array.from(repairedHeader(header)));
}
