/** What flashing needs, in a part of the page's program that is loaded when somebody flashes. */
import { md5 as digest } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";

export { unpackArchive } from "../../flash/archive.ts";
export { firmwarePackage } from "../../flash/firmware-package.ts";
export { flash } from "../../flash/flasher.ts";
export { FLASH_STEPS } from "../../flash/wording.ts";

export function md5(bytes: Uint8Array): string {
  return bytesToHex(digest(bytes));
}
