/** What flashing needs, in a part of the page's program that is loaded when somebody flashes. */
export { unpackArchive } from "../../flash/archive.ts";
export { firmwarePackage } from "../../flash/firmware-package.ts";
export { flash } from "../../flash/flasher.ts";
export { FLASH_STEPS } from "../../flash/wording.ts";
