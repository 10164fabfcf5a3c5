/** Strings, brackets, commas, colons, and what else stands between blanks. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const OPENING: ReadonlySet<string> = new Set(["{", "["]);
const CLOSING: ReadonlySet<string> = new Set(["}", "]"]);
/** Deeper ones stay as they are: each line begins with blanks for each level. */
const DEPTH_MAX = 100;

/**
 * JSON, indented, and else as it was written: parsing would change long numbers, and drop all but the last of members with one
 * name. The text has to be JSON.
 */
export function indentJson(text: string): string {
  const tokens = text.match(TOKENS) ?? [];
  const pieces: string[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    const isEmpty = CLOSING.has(token) && OPENING.has(tokens[index - 1] ?? "");
    if (CLOSING.has(token)) depth--;
    if (CLOSING.has(token) && !isEmpty) pieces.push(newLine(depth));
    pieces.push(token);
    if (OPENING.has(token)) depth++;
    if (depth > DEPTH_MAX) return text;
    const isBeforeEmpty = OPENING.has(token) && CLOSING.has(tokens[index + 1] ?? "");
    if (token === "," || (OPENING.has(token) && !isBeforeEmpty)) pieces.push(newLine(depth));
    if (token === ":") pieces.push(" ");
  }
  return pieces.join("");
}

function newLine(depth: number): string {
  return `\n${"  ".repeat(depth)}`;
}
