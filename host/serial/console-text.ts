/** Converts a console's output to text for people. */

/** Flow control characters, and the CR at a line's end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a console sends.
const CONTROL = /[\x11\x13]|\r$/g;
/** The prompt and the typed text, which Espruino erases before it prints and draws again afterwards. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a console sends.
const ERASED_TEXT = /^.*\r?\x1b\[J/s;

/** The line as a terminal would show it, with or without its CR. */
export function plainLine(line: string): string {
  return line.replace(ERASED_TEXT, "").replace(CONTROL, "");
}
