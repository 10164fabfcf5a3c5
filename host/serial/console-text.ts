/** What a console prints, as text for people. */

/** Flow control, and what Espruino redraws its prompt with before it prints. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a console sends.
const CONTROL = /[\x11\x13]|\r?\x1b\[J|\r$/g;

/** A line, with or without its CR, as it would stand on a terminal. */
export function plainLine(line: string): string {
  return line.replace(CONTROL, "");
}
