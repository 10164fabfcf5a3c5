import { SyntaxFault, show, type Token, tokensOf } from "./tokenizer.ts";

export type Expression =
  | { type: "number"; value: number }
  | { type: "name"; name: string }
  | { type: "binary"; operator: string; left: Expression; right: Expression };

const PRECEDENCE: Readonly<Record<string, number>> = { "+": 1, "-": 1, "*": 2, "/": 2 };

const operations: Record<string, (a: number, b: number) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/"(a, b) {
    if (b === 0) throw new RangeError("division by zero");
    return a / b;
  },
};

export class Parser {
  readonly #tokens: Token[];
  #at = 0;

  private constructor(tokens: Iterable<Token>) {
    this.#tokens = Array.from(tokens);
  }

  static parse(text: string): Expression {
    const parser = new Parser(tokensOf(text));
    const tree = parser.#expression(0);
    const rest = parser.#tokens.slice(parser.#at);
    if (rest.length > 0) throw new SyntaxFault(`too much: ${rest.map(show).join(" ")}`, parser.#at);
    return tree;
  }

  get #next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #expression(level: number): Expression {
    let left = this.#primary();
    for (let token = this.#next; token?.kind === "symbol"; token = this.#next) {
      const { [token.text]: own = 0 } = PRECEDENCE;
      if (own <= level) break;
      this.#at++;
      left = { type: "binary", operator: token.text, left, right: this.#expression(own) };
    }
    return left;
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at++];
    if (token?.kind === "number") return { type: "number", value: token.value };
    if (token?.kind === "word") return { type: "name", name: token.text };
    if (token?.kind === "symbol" && token.text === "(") {
      const inner = this.#expression(0);
      if (this.#next?.kind !== "symbol" || show(this.#next) !== ")") throw new SyntaxFault("no )", this.#at);
      this.#at++;
      return inner;
    }
    throw new SyntaxFault(token ? `unexpected ${show(token)}` : "unexpected end", this.#at - 1);
  }
}

export function evaluate(tree: Expression, names: ReadonlyMap<string, number> = new Map()): number {
  switch (tree.type) {
    case "number":
      return tree.value;
    case "name": {
      const value = names.get(tree.name);
      if (value === undefined) throw new ReferenceError(`${tree.name} is not known`);
      return value;
    }
    case "binary": {
      const { operator, left, right } = tree;
      const operation = operations[operator];
      if (!operation) throw new TypeError(`no ${operator}`);
      return operation(evaluate(left, names), evaluate(right, names));
    }
  }
}
