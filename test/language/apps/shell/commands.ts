import { LruCache } from "./cache.ts";
import { type Expression, evaluate, Parser } from "./parser.ts";
import { SyntaxFault, show, type Token, tokensOf } from "./tokenizer.ts";

export interface Context {
  readonly names: Map<string, number>;
  readonly lines: string[];
}

interface Command {
  readonly summary: string;
  readonly alias?: readonly string[];
  run(context: Context, ...args: Token[]): string | Promise<string>;
}

const parsed = new LruCache<string, Expression>({ capacity: 4 });

export const cacheFigures = (): [hits: number, misses: number] => [parsed.hits, parsed.misses];

/** Dedents and joins: for help texts. */
export function text(strings: TemplateStringsArray, ...values: unknown[]): string {
  return strings
    .reduce((all, part, index) => all + part + (index < values.length ? String(values[index]) : ""), "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .join("\n");
}

export const commands: Record<string, Command> = {
  help: {
    summary: "lists the commands",
    alias: ["h", "man"],
    run: () =>
      Object.entries(commands)
        .map(
          ([name, { summary, alias = [] }]) => text`
          ${[name, ...alias].join("|").padEnd(12, ".")} ${summary}
        `,
        )
        .sort()
        .join("\n"),
  },
  let: {
    summary: "let name = expression",
    run({ names }, target, equals, ...rest) {
      if (target?.kind !== "word" || !equals || show(equals) !== "=")
        throw new SyntaxFault("let name = …", 0);
      const source = rest.map(show).join(" ");
      const value = evaluate(parsed.getOrMake(source, Parser.parse), names);
      names.set(target.text, value);
      return `${target.text} = ${value}`;
    },
  },
  print: {
    summary: "prints its arguments",
    alias: ["echo"],
    run: (_context, ...args) => args.map((arg) => ("text" in arg ? arg.text : arg.value)).join(" "),
  },
  names: {
    summary: "lists the names",
    run: ({ names }) => [...names].map(([name, value]) => `${name}:${value}`).join() || "none",
  },
  wait: {
    summary: "waits some milliseconds",
    async run(_context, ms) {
      if (ms?.kind !== "number") throw new TypeError("wait how long?");
      await new Promise((resolve) => setTimeout(resolve, ms.value));
      return `waited ${ms.value}`;
    },
  },
  fail: {
    summary: "fails",
    run() {
      try {
        return JSON.parse("{");
      } catch (cause) {
        throw new SyntaxFault("inner", 7, { cause });
      }
    },
  },
};

const byName = new Map(
  Object.entries(commands).flatMap(([name, command]) =>
    [name, ...(command.alias ?? [])].map((one) => [one, command] as const),
  ),
);

export async function execute(line: string, context: Context): Promise<string> {
  try {
    const [first, ...args] = tokensOf(line);
    if (!first) return "";
    const name = show(first);
    const answer = await (byName.get(name)?.run(context, ...args) ?? `unknown: ${name}`);
    context.lines.push(line);
    return answer;
  } catch (error) {
    if (error instanceof SyntaxFault) return `${error.name} (${error.position}): ${error.message}`;
    return error instanceof Error ? `${error.name}: ${error.message}` : "failed";
  }
}
