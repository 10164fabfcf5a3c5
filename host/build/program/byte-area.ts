import type { types as t } from "@babel/core";

/** Where the bytes 0x80 to 0xff of byte strings stand until the minifier is done: a private area of Unicode. */
export const BYTE_AREA = 0xee00;

/** Begins a key that must stay in quotes: the minifier takes letters beyond ASCII for a name, and Espruino does not. */
export const QUOTED = "\uedff";

export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** Puts the bytes of a literal into the area. */
export function markBytes(node: t.StringLiteral): void {
  node.value = inByteArea(node.value);
  delete node.extra;
}

export function inByteArea(text: string): string {
  return text.replace(/[\x80-\xff]/g, (one) => String.fromCharCode(BYTE_AREA + one.charCodeAt(0)));
}
