export type Token =
  | { kind: "word"; text: string }
  | { kind: "number"; value: number }
  | { kind: "string"; text: string }
  | { kind: "symbol"; text: string };

export class SyntaxFault extends Error {
  readonly position: number;

  constructor(message: string, position: number, options?: { cause?: unknown }) {
    super(`${message} at ${position}`, options);
    this.name = "SyntaxFault";
    this.position = position;
  }
}

const pattern =
  /\s*(?:(?<number>-?\d+(?:\.\d+)?)|(?<word>[a-z_][\w-]*)|"(?<text>(?:[^"\\]|\\.)*)"|(?<symbol>&&|[-+*/()=|,]))/giy;

export function* tokensOf(line: string): Generator<Token, void, undefined> {
  pattern.lastIndex = 0;
  const source = line.trimEnd();
  while (pattern.lastIndex < source.length) {
    const at = pattern.lastIndex;
    const found = pattern.exec(source);
    if (!found?.groups) throw new SyntaxFault(`unexpected ${source.slice(at, at + 3)}`, at);
    const { number, word, text, symbol } = found.groups;
    if (number !== undefined) yield { kind: "number", value: Number(number) };
    else if (word !== undefined) yield { kind: "word", text: word.toLowerCase() };
    else if (text !== undefined) yield { kind: "string", text: text.replace(/\\(.)/g, "$1") };
    else if (symbol !== undefined) yield { kind: "symbol", text: symbol };
  }
}

export const show = (token: Token): string => {
  switch (token.kind) {
    case "number":
      return `${token.value}`;
    case "string":
      return JSON.stringify(token.text);
    default:
      return token.text;
  }
};
