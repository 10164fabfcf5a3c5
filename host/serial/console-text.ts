/** What a console prints, as text for people. */

/** Flow control, and a line's end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a console sends.
const CONTROL = /[\x11\x13]|\r$/g;
/** Prompt, and what was typed behind it: Espruino takes them away before it prints, and draws them anew. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a console sends.
const TAKEN_AWAY = /^.*\r?\x1b\[J/s;

/** A line, with or without its CR, as it would stand on a terminal. */
export function plainLine(line: string): string {
  return line.replace(TAKEN_AWAY, "").replace(CONTROL, "");
}
