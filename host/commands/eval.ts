import { Command } from "commander";
import { type LineOptions, withBoard, withLineOptions } from "../board-line.ts";
import type { CommandContext } from "../command-context.ts";
import { utf8Of } from "../serial/bytes.ts";
import { parseStringLiteral } from "../serial/literal.ts";

interface EvalCommandOptions extends LineOptions {
  readonly json?: true;
}

export function evalCommand(context: CommandContext): Command {
  const command = new Command("eval")
    .description("evaluate an expression on a board, while its app runs, and print the value")
    .argument("<expression>", "JavaScript of one expression, such as process.memory()")
    .option("--json", "print the value as JSON");
  return withLineOptions(command).action((expression: string, options: EvalCommandOptions) =>
    evaluate(context, expression, options),
  );
}

function evaluate(context: CommandContext, expression: string, options: EvalCommandOptions): Promise<void> {
  return withBoard(context, options, async (console) => {
    await console.identify();
    const source = utf8Of(expression);
    if (!options.json) {
      context.print(Buffer.from(await console.evaluate(source), "latin1").toString("utf8"));
      return;
    }
    const json = parseStringLiteral(await console.evaluate(`JSON.stringify(${source})`));
    context.print(JSON.stringify({ ok: true, value: json === undefined ? null : JSON.parse(json) }));
  });
}
