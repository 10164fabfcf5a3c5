/**
 * Control characters but tab and line feed, and those that have no width or turn round what stands beside them: with these a
 * topic looks like another, or like the words of the page.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are not seen
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text from anywhere, as the page shows it: what is not seen stands as its code point. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const codePoint = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `‹U+${codePoint}›`;
  });
}
