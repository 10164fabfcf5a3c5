/** The modules for flashing, which the browser loads only when the user flashes a board. */
export { unpackArchive } from "../../flash/archive.ts";
export { firmwarePackage } from "../../flash/firmware-package.ts";
export { flashError } from "../../flash/flash-state.ts";
export { ERASED, FLASH_STEPS, slowerThan } from "../../flash/flash-text.ts";
export { flash } from "../../flash/flasher.ts";
