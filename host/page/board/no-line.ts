/**
 * Replaces `@espruino-tools/uart`, which `@espruino-tools/core` imports and the page does not use. When loaded it sets style
 * attributes, which the page's Content-Security-Policy forbids.
 */
export const uart = undefined;
