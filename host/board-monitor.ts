/** A board's console on the terminal, as a command shows it: what `monitor` and `run` share. */
import { createWriteStream, existsSync, readFileSync, type WriteStream } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import pc from "picocolors";
import { choosePort, type LineOptions } from "./board-line.ts";
import type { CommandContext } from "./command-context.ts";
import { MotekitError } from "./errors.ts";
import { Monitor, type MonitorSink } from "./monitor/monitor.ts";
import { createRedactor } from "./monitor/redactor.ts";
import { openNodeLine } from "./serial/node-line.ts";
import { formatTrace, traceRecord } from "./trace/format-trace.ts";
import type { SourcePositions } from "./trace/source-positions.ts";

export interface MonitorOptions extends LineOptions {
  readonly timestamps?: true;
  readonly filter?: RegExp;
  readonly log?: string;
  readonly json?: true;
}

/** Ctrl-]: leaves, as in telnet. */
const LEAVE = "\x1d";

/** The options of a command that watches, beside those of its line. */
export function withMonitorOptions(command: Command): Command {
  return command
    .option("-t, --timestamps", "the time before each line")
    .option("--filter <expression>", "only lines that match this regular expression", regularExpression)
    .option("--log <file>", "write all lines to a file too, behind what it has");
}

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/**
 * Watches until Ctrl-], Ctrl-C, or `until` is aborted.
 * @throws MK1601 and following where the port cannot be opened, MK1810 the log cannot be written.
 */
export async function watchBoard(
  context: CommandContext,
  options: MonitorOptions,
  positions: SourcePositions | undefined,
  until: AbortSignal,
): Promise<{ readonly hasLeft: boolean }> {
  const port = await choosePort(context, options);
  const leaving = new AbortController();
  const ending = AbortSignal.any([context.signal, until, leaving.signal]);
  const log = options.log === undefined ? undefined : openLog(resolve(context.workingFolder, options.log));
  const output = new MonitorOutput(context, options, (line) => void log?.write(`${line}\n`));
  const watching = new Monitor({
    open: () => openNodeLine(port, { baudRate: options.baud }),
    positions,
    redact: createRedactor(knownSecrets(context)),
    sink: output,
    signal: ending,
  });
  const stopKeys = context.isTerminal && !options.json ? passKeys(watching, leaving) : () => undefined;
  try {
    if (!options.json) context.warn(pc.dim(`${port} at ${options.baud} baud; Ctrl-] leaves`));
    await watching.run();
  } finally {
    stopKeys();
    output.end();
    await new Promise((done) => (log ? log.end(done) : done(undefined)));
  }
  return { hasLeft: context.signal.aborted || leaving.signal.aborted };
}

function openLog(path: string): WriteStream {
  const log = createWriteStream(path, { flags: "a" });
  log.on("error", (cause) => {
    throw new MotekitError(
      {
        code: "MK1810",
        message: `The log cannot be written: ${cause.message}.`,
        where: { file: path },
        remedy: "Give --log a file that you may write.",
      },
      { cause },
    );
  });
  return log;
}

/** Those of the secrets file and the environment: whatever a board was configured with from here. */
function knownSecrets(context: CommandContext): string[] {
  const file = join(context.workingFolder, "motekit.secrets.env");
  const lines = existsSync(file) ? readFileSync(file, "utf8").split(/\r?\n/) : [];
  const fromFile = lines.flatMap((line) => /PASSWORD\s*=\s*["']?(.*?)["']?\s*$/.exec(line)?.[1] ?? []);
  const fromEnvironment = Object.entries(context.environment).flatMap(([key, value]) =>
    /^MOTEKIT_.*PASSWORD$/.test(key) && value ? [value] : [],
  );
  return [...fromFile, ...fromEnvironment];
}

/** What a person types goes to the board, key by key. Returns what sets the terminal back. */
function passKeys(watching: Monitor, leaving: AbortController): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  const onKeys = (keys: Buffer) => {
    const text = keys.toString("latin1");
    if (text.includes(LEAVE)) leaving.abort();
    // Enter is a line feed to Espruino.
    else watching.type(text.replaceAll("\r", "\n"));
  };
  stdin.setRawMode(true);
  stdin.on("data", onKeys);
  return () => {
    stdin.off("data", onKeys);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

class MonitorOutput implements MonitorSink {
  readonly #context: CommandContext;
  readonly #options: MonitorOptions;
  readonly #log: (line: string) => void;
  /** What stands on the terminal of a line that has not ended. */
  #shown = "";

  constructor(context: CommandContext, options: MonitorOptions, log: (line: string) => void) {
    this.#context = context;
    this.#options = options;
    this.#log = log;
  }

  onLine(line: string): void {
    const { filter, json } = this.#options;
    if (filter && !filter.test(line)) return;
    this.#log(`${clockTime()} ${line}`);
    if (json) this.#context.print(JSON.stringify({ time: new Date().toISOString(), line }));
    else this.#show(line);
  }

  /** A prompt, or what was typed: only where a person watches all lines. */
  onUnfinished(text: string): void {
    if (this.#options.json || this.#options.filter || !this.#context.isTerminal) return;
    this.#context.write(text.startsWith(this.#shown) ? text.slice(this.#shown.length) : `\r${text}`);
    this.#shown = text;
  }

  onTrace(trace: Parameters<MonitorSink["onTrace"]>[0]): void {
    for (const line of formatTrace(trace)) this.#log(`${clockTime()} ${line}`);
    if (this.#options.json)
      this.#context.print(JSON.stringify({ time: new Date().toISOString(), ...traceRecord(trace) }));
    else for (const line of formatTrace(trace)) this.#show(line);
  }

  onNotice(text: string): void {
    this.end();
    this.#context.warn(text);
  }

  /** Ends a line that stands there half. */
  end(): void {
    if (this.#shown) this.#context.print("");
    this.#shown = "";
  }

  #show(line: string): void {
    const isGoneOn = this.#shown !== "" && line.startsWith(this.#shown);
    if (isGoneOn) this.#context.print(line.slice(this.#shown.length));
    else {
      this.end();
      this.#context.print(this.#options.timestamps ? `${pc.dim(clockTime())} ${line}` : line);
    }
    this.#shown = "";
  }
}

function clockTime(): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}.${String(now.getMilliseconds()).padStart(3, "0")}`;
}
