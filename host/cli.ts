#!/usr/bin/env node
/** The `motekit` command: wires the commands to the terminal, prints errors, and alone decides the exit code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import pc from "picocolors";
import { MotekitError } from "./errors.ts";
import { packageRoot } from "./file-system/package-root.ts";
import type { CommandContext } from "./terminal/command-context.ts";
import { formatError } from "./terminal/problem-report.ts";

/** Each with what loads it: a command's imports are read only where it is asked for, or all are listed. */
const COMMANDS: Readonly<Record<string, () => Promise<(context: CommandContext) => Command>>> = {
  dev: async () => (await import("./commands/dev.ts")).devCommand,
  build: async () => (await import("./commands/build.ts")).buildCommand,
  check: async () => (await import("./commands/check.ts")).checkCommand,
  simulate: async () => (await import("./commands/simulate.ts")).simulateCommand,
  decode: async () => (await import("./commands/decode.ts")).decodeCommand,
  flash: async () => (await import("./commands/flash.ts")).flashCommand,
  ports: async () => (await import("./commands/ports.ts")).portsCommand,
  upload: async () => (await import("./commands/upload.ts")).uploadCommand,
  files: async () => (await import("./commands/files.ts")).filesCommand,
  eval: async () => (await import("./commands/eval.ts")).evalCommand,
  configure: async () => (await import("./commands/configure.ts")).configureCommand,
  monitor: async () => (await import("./commands/monitor.ts")).monitorCommand,
  run: async () => (await import("./commands/run.ts")).runCommand,
  hub: async () => {
    const { hubCommand } = await import("./commands/hub.ts");
    const { hubDeviceCommand } = await import("./commands/hub-device.ts");
    return (context) => hubCommand(context).addCommand(hubDeviceCommand(context));
  },
};

/** The commands that a command line is about. */
function wantedCommands([first = "--help"]: readonly string[]): string[] {
  if (first === "--version" || first === "-V") return [];
  return Object.hasOwn(COMMANDS, first) ? [first] : Object.keys(COMMANDS);
}

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** As shells have it: 128 and the number of SIGINT. */
const EXIT_INTERRUPTED = 130;
/** Back to the line's start, and nothing behind. */
const ERASE_LINE = "\r\x1b[K";

function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (!(error instanceof MotekitError)) {
    process.stderr.write(`${pc.red("motekit met an error of its own:")} ${(error as Error).stack}\n`);
    return EXIT_FAILURE;
  }
  if (json) process.stdout.write(`${JSON.stringify({ ok: false, problems: error.problems })}\n`);
  else process.stderr.write(`${formatError(error)}\n`);
  return EXIT_FAILURE;
}

function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => controller.abort());
  }
  return controller.signal;
}

/** Standard output and standard error, below which a status may stand on the terminal. */
class Terminal {
  #hasStatus = false;

  status(line: string): void {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`${ERASE_LINE}${line}`);
    this.#hasStatus = true;
  }

  write(stream: NodeJS.WriteStream, text: string): void {
    this.clear();
    stream.write(text);
  }

  clear(): void {
    if (this.#hasStatus) process.stderr.write(ERASE_LINE);
    this.#hasStatus = false;
  }
}

function terminalContext(terminal: Terminal, signal: AbortSignal): CommandContext {
  return {
    print: (line) => terminal.write(process.stdout, `${line}\n`),
    write: (text) => terminal.write(process.stdout, text),
    warn: (line) => terminal.write(process.stderr, `${line}\n`),
    status: (line) => terminal.status(line),
    setFailed: () => {
      process.exitCode ||= EXIT_FAILURE;
    },
    setInterrupted: () => {
      process.exitCode = EXIT_INTERRUPTED;
    },
    isTerminal: process.stdout.isTTY === true,
    signal,
    workingFolder: process.cwd(),
    environment: process.env,
  };
}

function version(): string {
  const text = readFileSync(join(packageRoot(), "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

export async function createProgram(context: CommandContext, args: readonly string[]): Promise<Command> {
  const program = new Command("motekit")
    .description("Device firmware in TypeScript for Espruino boards, by MQTT to an IoT hub")
    .version(version())
    // An option stands behind the command that it belongs to.
    .enablePositionalOptions()
    .showHelpAfterError()
    .exitOverride();
  for (const name of wantedCommands(args)) {
    const create = await COMMANDS[name]?.();
    if (create) program.addCommand(create(context).exitOverride());
  }
  return program;
}

/** `| head` closes standard output when it has enough: nobody is left to tell. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit();
}

async function main(): Promise<void> {
  process.stdout.on("error", endWithReader);
  const terminal = new Terminal();
  const signal = interruptSignal();
  try {
    const program = await createProgram(terminalContext(terminal, signal), process.argv.slice(2));
    await program.parseAsync();
  } catch (error) {
    terminal.clear();
    process.exitCode = report(error, process.argv.includes("--json"));
  }
  terminal.clear();
  // What a command left half done when it was interrupted is of no use to anybody.
  if (signal.aborted) process.exit();
}

await main();
