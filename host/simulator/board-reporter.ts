/** What a simulated board says and does, as lines for a person or for a machine. */
import pc from "picocolors";
import { parseConsoleLine } from "../../firmware/contract/console-lines.ts";
import type { Board } from "../boards.ts";
import type { CommandContext } from "../command-context.ts";

/** The callbacks of `bootBoard` that report. */
export interface BoardReporter {
  onLine(line: string): void;
  onPin(pin: string, level: number): void;
}

export function jsonReporter(context: CommandContext): BoardReporter {
  return {
    onLine(line) {
      const parsed = parseConsoleLine(line);
      context.print(
        JSON.stringify(parsed ? { event: parsed.kind, detail: parsed.detail } : { event: "line", line }),
      );
    },
    onPin: (pin, level) => context.print(JSON.stringify({ event: "pin", pin, level })),
  };
}

export function textReporter(context: CommandContext, board: Board): BoardReporter {
  const colors = pc.createColors(context.isTerminal);
  const { led } = board.pins;
  return {
    onLine(line) {
      const parsed = parseConsoleLine(line);
      if (!parsed) context.print(line);
      else if (parsed.kind === "error") context.print(`${colors.red("error")} ${parsed.detail}`);
      else if (parsed.kind === "log") context.print(parsed.detail);
      else context.print(`${colors.cyan(parsed.kind)} ${parsed.detail}`);
    },
    onPin(pin, level) {
      if (pin !== led?.pin) {
        context.print(colors.dim(`○ pin ${pin} ${level}`));
        return;
      }
      const lit = (level !== 0) !== led.activeLow;
      context.print(lit ? colors.yellow(`● LED ${pin} on`) : colors.dim(`○ LED ${pin} off`));
    },
  };
}
