/**
 * Stands in for `@espruino-tools/uart`, which `@espruino-tools/core` loads with itself: its line is not used, and as it
 * is loaded it sets style attributes on elements of its own, which the page's Content-Security-Policy forbids.
 */
export const uart = undefined;
