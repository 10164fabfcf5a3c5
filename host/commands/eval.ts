import { Command } from "commander";
import { type LineOptions, withBoard, withLineOptions } from "../attached-board/board-line.ts";
import { refuseSecretSource, withoutSecrets } from "../configure/secrets-on-board.ts";
import { utf8Of } from "../serial/bytes.ts";
import { parseStringLiteral } from "../serial/literal.ts";
import type { CommandContext } from "../terminal/command-context.ts";

interface EvalCommandOptions extends LineOptions {
  readonly json?: true;
}

export function evalCommand(context: CommandContext): Command {
  const command = new Command("eval")
    .argument("<expression>", "one JavaScript expression, such as process.memory()")
    .option("--json", "print the value as JSON");
  return withLineOptions(command).action((expression: string, options: EvalCommandOptions) =>
    evaluate(context, expression, options),
  );
}

function evaluate(context: CommandContext, expression: string, options: EvalCommandOptions): Promise<void> {
  return withBoard(context, options, async (console) => {
    refuseSecretSource(expression, console.line.name);
    await console.identify();
    const format = options.json ? "JSON.stringify" : "E.toJS";
    const text = parseStringLiteral(await console.evaluate(withoutSecrets(utf8Of(expression), format)));
    if (!options.json) context.print(Buffer.from(text ?? "undefined", "latin1").toString("utf8"));
    else context.print(JSON.stringify({ ok: true, value: text === undefined ? null : JSON.parse(text) }));
  });
}
