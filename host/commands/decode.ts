import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { Command } from "commander";
import { MotekitError } from "../errors.ts";
import type { CommandContext } from "../terminal/command-context.ts";
import { formatTrace, traceRecord } from "../trace/format-trace.ts";
import { LiveConsole } from "../trace/live-console.ts";
import { readPositions, SOURCE_MAP_DEFAULT } from "../trace/read-positions.ts";

interface DecodeCommandOptions {
  readonly map: string;
  readonly name?: string;
  readonly json?: true;
}

export function decodeCommand(context: CommandContext): Command {
  return new Command("decode")
    .argument("[file]", "a file with console output (default: standard input)")
    .option(
      "-m, --map <path>",
      "the source map of the app on the board; app.js must be in the same folder",
      SOURCE_MAP_DEFAULT,
    )
    .option("--name <file>", "the app's file name in the board's Storage, if it does not start with app")
    .option("--json", "print only the stack traces, each as a line of JSON")
    .action((file: string | undefined, options: DecodeCommandOptions) => decode(context, file, options));
}

async function decode(
  context: CommandContext,
  file: string | undefined,
  options: DecodeCommandOptions,
): Promise<void> {
  const positions = readPositions(context.workingFolder, options);
  const print = (line: string): void => context.print(line);
  let found = 0;
  const output = new LiveConsole(positions, {
    onText: options.json ? () => undefined : print,
    onTrace: (trace) => {
      found++;
      if (options.json) print(JSON.stringify(traceRecord(trace)));
      else for (const line of formatTrace(trace)) print(line);
    },
  });
  const input: Readable =
    file === undefined ? process.stdin : createReadStream(resolve(context.workingFolder, file));
  const stop = () => input.destroy();
  context.signal.addEventListener("abort", stop);
  try {
    input.setEncoding("utf8");
    for await (const text of input) output.push(text as string);
  } catch (cause) {
    if (!context.signal.aborted) throw unreadable(file ?? "standard input", cause);
  } finally {
    context.signal.removeEventListener("abort", stop);
    output.end();
  }
  if (found === 0 && !context.signal.aborted) context.warn(nothingFound(output.foreignCount, options.map));
}

function nothingFound(foreignCount: number, map: string): string {
  if (foreignCount === 0) return "The text has no stack trace: no line such as `    at run (app1:2:45)`.";
  const traces = foreignCount === 1 ? "a stack trace" : `${foreignCount} stack traces`;
  return (
    `The text has ${traces}, but none with a place in the app of ${map}. ` +
    "Give the app.js.map of the app on the board with --map, and its name in Storage with --name if it does not begin with app."
  );
}

function unreadable(file: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1501",
      message: `The console output cannot be read: ${(cause as Error).message}.`,
      where: { file },
      remedy:
        "Give the path of a file that you may read, or give no path and pipe the text to standard input.",
    },
    { cause },
  );
}
