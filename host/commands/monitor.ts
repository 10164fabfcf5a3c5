import { createWriteStream, existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import pc from "picocolors";
import { choosePort, type LineOptions, withLineOptions } from "../board-line.ts";
import type { CommandContext } from "../command-context.ts";
import { MotekitError } from "../errors.ts";
import { Monitor, type MonitorSink } from "../monitor/monitor.ts";
import { createRedactor } from "../monitor/redactor.ts";
import { formatTrace, traceRecord } from "../trace/format-trace.ts";
import { readPositions, SOURCE_MAP_DEFAULT } from "../trace/read-positions.ts";

interface MonitorCommandOptions extends LineOptions {
  readonly map?: string;
  readonly name?: string;
  readonly timestamps?: true;
  readonly filter?: RegExp;
  readonly log?: string;
  readonly json?: true;
}

/** Ctrl-]: leaves, as in telnet. */
const LEAVE = "\x1d";

export function monitorCommand(context: CommandContext): Command {
  const command = new Command("monitor")
    .description("watch a board's console, with stack traces in the words of the sources; Ctrl-] leaves")
    .option(
      "-m, --map <path>",
      `the source map of the app on the board (default: ${SOURCE_MAP_DEFAULT}, where there is one)`,
    )
    .option("--name <file>", "the app's name in the board's Storage, where it does not start with app")
    .option("-t, --timestamps", "the time before each line")
    .option("--filter <expression>", "only lines that match this regular expression", regularExpression)
    .option("--log <file>", "write all lines to a file too, behind what it has")
    .option("--json", "print each line and each trace as a line of JSON");
  return withLineOptions(command).action((options: MonitorCommandOptions) => monitor(context, options));
}

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

async function monitor(context: CommandContext, options: MonitorCommandOptions): Promise<void> {
  const { openNodeLine } = await import("../serial/node-line.ts");
  const port = await choosePort(context, options);
  const leaving = new AbortController();
  context.signal.addEventListener("abort", () => leaving.abort(), { once: true });
  const log = options.log === undefined ? undefined : openLog(resolve(context.workingFolder, options.log));
  const output = new MonitorOutput(context, options, (line) => void log?.write(`${line}\n`));
  const watching = new Monitor({
    open: () => openNodeLine(port, { baudRate: options.baud }),
    positions: positionsOf(context, options),
    redact: createRedactor(knownSecrets(context)),
    sink: output,
    signal: leaving.signal,
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
}

function positionsOf(context: CommandContext, { map, name }: MonitorCommandOptions) {
  const path = map ?? SOURCE_MAP_DEFAULT;
  if (map === undefined && !existsSync(resolve(context.workingFolder, path))) return undefined;
  return readPositions(context.workingFolder, { map: path, ...(name !== undefined && { name }) });
}

function openLog(path: string) {
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
  readonly #options: MonitorCommandOptions;
  readonly #log: (line: string) => void;
  /** What stands on the terminal of a line that has not ended. */
  #shown = "";

  constructor(context: CommandContext, options: MonitorCommandOptions, log: (line: string) => void) {
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
