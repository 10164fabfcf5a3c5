/** Strings, brackets, commas, colons, and other sequences between white space. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const OPENING: ReadonlySet<string> = new Set(["{", "["]);
const CLOSING: ReadonlySet<string> = new Set(["}", "]"]);
/** Deeper JSON is not indented, because each line would begin with two spaces per level. */
const DEPTH_MAX = 100;

/**
 * Indents JSON without other changes. Parsing it would round long numbers and drop members with equal names. The text must
 * be valid JSON.
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
