/**
 * Control characters except tab and line feed, and characters without width or that change the text direction. With these a
 * topic could look like another topic or like a text of the page.
 */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the page replaces these characters
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text from other clients for display, with each invisible character replaced by its code point. */
export function visibleText(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const codePoint = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `‹U+${codePoint}›`;
  });
}
