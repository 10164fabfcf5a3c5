/** What flashing needs, in a part of the page's program that is loaded when somebody flashes. */
export { unpackArchive } from "../../flash/archive.ts";
export { firmwarePackage } from "../../flash/firmware-package.ts";
export { flashError } from "../../flash/flash-state.ts";
export { ERASED, FLASH_STEPS, slowerThan } from "../../flash/flash-text.ts";
export { flash } from "../../flash/flasher.ts";
