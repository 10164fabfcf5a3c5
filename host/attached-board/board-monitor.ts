/** Shows a board's console on the terminal; shared by `monitor` and `run`. */
import { createWriteStream, existsSync, readFileSync, type WriteStream } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { type Command, InvalidArgumentError } from "commander";
import pc from "picocolors";
import { MotekitError } from "../errors.ts";
import { Monitor, type MonitorSink } from "../monitor/monitor.ts";
import { createRedactor } from "../monitor/redactor.ts";
import type { Line } from "../serial/line.ts";
import { openNodeLine } from "../serial/node-line.ts";
import type { CommandContext } from "../terminal/command-context.ts";
import { formatTrace, traceRecord } from "../trace/format-trace.ts";
import type { SourcePositions } from "../trace/source-positions.ts";
import type { LineOptions } from "./board-line.ts";

export interface MonitorOptions extends LineOptions {
  readonly timestamps?: true;
  readonly filter?: RegExp;
  readonly log?: string;
  readonly json?: true;
}

const PROMPT = ">";
/** Returns to the start of the line and erases it. */
const ERASE_LINE = "\r\x1b[K";

/** Ctrl-], which quits as in telnet. */
const LEAVE = "\x1d";

/** Adds the options of a command that shows the console, beside those of its line. */
export function withMonitorOptions(command: Command): Command {
  return command
    .option("-t, --timestamps", "show the time before each line")
    .option("--filter <expression>", "show only lines that match this regular expression", regularExpression)
    .option("--log <file>", "append all lines to a file, too");
}

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** Shows a board's console on the terminal and in a log, from the first text that is pushed until a person quits. */
export class BoardWatch {
  readonly #context: CommandContext;
  readonly #options: MonitorOptions;
  readonly #port: string;
  readonly #log: WriteStream | undefined;
  readonly #output: MonitorOutput;
  readonly #monitor: Monitor;
  readonly #leaving = new AbortController();
  readonly #ending = new AbortController();

  /** @throws MK1810 the log cannot be written. */
  constructor(
    context: CommandContext,
    options: MonitorOptions,
    port: string,
    positions: SourcePositions | undefined,
  ) {
    this.#context = context;
    this.#options = options;
    this.#port = port;
    this.#log = options.log === undefined ? undefined : openLog(resolve(context.workingFolder, options.log));
    const redact = createRedactor(knownSecrets(context));
    this.#output = new MonitorOutput(context, options, redact, (line) => void this.#log?.write(`${line}\n`));
    this.#monitor = new Monitor({
      open: () => openNodeLine(port, { baudRate: options.baud }),
      positions,
      redact,
      sink: this.#output,
      signal: AbortSignal.any([context.signal, this.#leaving.signal, this.#ending.signal]),
    });
  }

  /** Adds text that was read from the console before `run`. */
  push(text: string): void {
    this.#monitor.push(text);
  }

  /** Ends an unfinished line on the terminal, so that the command can print lines. */
  interrupt(): void {
    this.#output.end();
  }

  /**
   * Watches until Ctrl-], Ctrl-C, or `until` is aborted. The line stays open, and the caller has to close it.
   * @throws MK1605 if the port cannot be opened again.
   */
  async run(line: Line, until: AbortSignal): Promise<WatchEnd> {
    const { isTerminal, signal, warn } = this.#context;
    const { json, baud } = this.#options;
    const end = () => this.#ending.abort();
    until.addEventListener("abort", end);
    if (until.aborted) end();
    const stopKeys = isTerminal && !json ? passKeys(this.#monitor, this.#leaving) : () => undefined;
    try {
      if (!json) warn(pc.dim(`${this.#port} at ${baud} baud; Ctrl-] quits`));
      const held = await this.#monitor.run(line);
      return { hasLeft: signal.aborted || this.#leaving.signal.aborted, line: held };
    } finally {
      until.removeEventListener("abort", end);
      stopKeys();
      await this.close();
    }
  }

  /** To be called even if `run` was not. */
  async close(): Promise<void> {
    this.#monitor.end();
    this.#output.end();
    await new Promise<void>((done) => {
      if (this.#log) this.#log.end(() => done());
      else done();
    });
  }
}

export interface WatchEnd {
  readonly hasLeft: boolean;
  /** Undefined if the board is away. */
  readonly line: Line | undefined;
}

function openLog(path: string): WriteStream {
  const log = createWriteStream(path, { flags: "a" });
  log.on("error", (cause) => {
    throw new MotekitError(
      {
        code: "MK1810",
        message: `The log cannot be written: ${cause.message}.`,
        where: { file: path },
        remedy: "Choose a file that you may write with --log.",
      },
      { cause },
    );
  });
  return log;
}

/** Keys such as `HUB_PASSWORD` in a secrets file, or `MOTEKIT_HUB_PASSWORD` in the environment or a file. */
const SECRET_KEY = /^(MOTEKIT_)?(WIFI|HUB)_.*PASSWORD$/;

/** The secrets in the secrets file and the environment, with which a board may have been configured. */
function knownSecrets(context: CommandContext): string[] {
  const file = join(context.workingFolder, "motekit.secrets.env");
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  return Object.entries({ ...context.environment, ...fromFile }).flatMap(([key, value]) =>
    SECRET_KEY.test(key) && value ? [value] : [],
  );
}

/** Passes each key that a person types to the board. Returns a function that restores the terminal. */
function passKeys(watching: Monitor, leaving: AbortController): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  const onKeys = (keys: Buffer) => {
    const text = keys.toString("latin1");
    if (text.includes(LEAVE)) leaving.abort();
    // Espruino expects a line feed for Enter.
    else watching.type(text.replaceAll("\r", "\n"));
  };
  stdin.setRawMode(true);
  stdin.on("data", onKeys);
  // An earlier watch may have paused it.
  stdin.resume();
  return () => {
    stdin.off("data", onKeys);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

class MonitorOutput implements MonitorSink {
  readonly #context: CommandContext;
  readonly #options: MonitorOptions;
  readonly #redact: (line: string) => string;
  readonly #log: (line: string) => void;
  /** The unfinished line that is shown on the terminal. */
  #shown = "";

  constructor(
    context: CommandContext,
    options: MonitorOptions,
    redact: (line: string) => string,
    log: (line: string) => void,
  ) {
    this.#context = context;
    this.#options = options;
    this.#redact = redact;
    this.#log = log;
  }

  onLine(line: string): void {
    const { filter, json } = this.#options;
    if (filter && !filter.test(line)) return;
    this.#log(`${clockTime()} ${line}`);
    if (json) this.#context.print(JSON.stringify({ time: new Date().toISOString(), line }));
    else this.#show(line);
  }

  /** Shows a prompt or typed text, but only on a terminal without filter. */
  onUnfinished(text: string): void {
    if (this.#options.json || this.#options.filter || !this.#context.isTerminal) return;
    this.#context.write(text.startsWith(this.#shown) ? text.slice(this.#shown.length) : ERASE_LINE + text);
    this.#shown = text;
  }

  onTrace(trace: Parameters<MonitorSink["onTrace"]>[0]): void {
    const lines = formatTrace(trace).map(this.#redact);
    for (const line of lines) this.#log(`${clockTime()} ${line}`);
    if (!this.#options.json) for (const line of lines) this.#show(line);
    else {
      const record = { time: new Date().toISOString(), ...traceRecord(trace) };
      this.#context.print(this.#redact(JSON.stringify(record)));
    }
  }

  onNotice(text: string): void {
    this.end();
    this.#context.warn(text);
  }

  /** Ends the unfinished line on the terminal. */
  end(): void {
    if (this.#shown === PROMPT) this.#context.write(ERASE_LINE);
    else if (this.#shown) this.#context.print("");
    this.#shown = "";
  }

  #show(line: string): void {
    const isContinued = this.#shown !== "" && line.startsWith(this.#shown);
    if (isContinued) this.#context.print(line.slice(this.#shown.length));
    else {
      // The board has erased it, too.
      if (this.#shown) this.#context.write(ERASE_LINE);
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
