/** Reports the console and the pins of a simulated board, as text or as JSON. */
import pc from "picocolors";
import { parseConsoleLine } from "../../../firmware/contract/console-lines.ts";
import type { Board } from "../../boards.ts";
import type { CommandContext } from "../../terminal/command-context.ts";
import { formatTrace } from "../../trace/format-trace.ts";
import { LiveConsole } from "../../trace/live-console.ts";
import type { SourcePositions } from "../../trace/source-positions.ts";

/** The callbacks of `bootBoard` that report. */
export interface BoardReporter {
  onLine(line: string): void;
  onPin(pin: string, level: number): void;
  /** Prints buffered lines. Called when the board has stopped. */
  end(): void;
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
    end: () => undefined,
  };
}

/** A reporter for people, which decodes stack traces to the sources. */
export function textReporter(
  context: CommandContext,
  board: Board,
  positions: SourcePositions,
): BoardReporter {
  const colors = pc.createColors(context.isTerminal);
  const { led } = board.pins;
  const freeText = new LiveConsole(positions, {
    onText: (line) => context.print(line),
    onTrace: (trace) => formatTrace(trace).forEach((line) => void context.print(line)),
  });
  return {
    onLine(line) {
      const parsed = parseConsoleLine(line);
      if (!parsed) {
        freeText.pushLine(line);
        return;
      }
      freeText.flush();
      if (parsed.kind === "error") context.print(`${colors.red("error")} ${parsed.detail}`);
      else if (parsed.kind === "log") context.print(parsed.detail);
      else context.print(`${colors.cyan(parsed.kind)} ${parsed.detail}`);
    },
    end: () => freeText.end(),
    onPin(pin, level) {
      freeText.flush();
      if (pin !== led?.pin) {
        context.print(colors.dim(`○ pin ${pin} ${level}`));
        return;
      }
      const lit = (level !== 0) !== led.activeLow;
      context.print(lit ? colors.yellow(`● LED ${pin} on`) : colors.dim(`○ LED ${pin} off`));
    },
  };
}
