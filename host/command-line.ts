/** The whole of the `motekit` command but its process: wires the commands to two streams, prints errors, and gives the exit code. */
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

/** What a command line is run in: the process of `motekit`, or a test. */
export interface Surroundings {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly signal: AbortSignal;
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called when the command decides on its exit code before it ends. */
  readonly onExitCode?: (exitCode: number) => void;
}

export interface OutputStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** As shells have it: 128 and the number of SIGINT. */
const EXIT_INTERRUPTED = 130;
/** Back to the line's start, and nothing behind. */
const ERASE_LINE = "\r\x1b[K";

function report(error: unknown, json: boolean, { stdout, stderr }: Surroundings): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (!(error instanceof MotekitError)) {
    stderr.write(`${pc.red("internal error (please report it):")} ${(error as Error).stack}\n`);
    return EXIT_FAILURE;
  }
  if (json) stdout.write(`${JSON.stringify({ ok: false, problems: error.problems })}\n`);
  else stderr.write(`${formatError(error)}\n`);
  return EXIT_FAILURE;
}

/** Standard output and standard error, below which a status may stand on the terminal. */
class Terminal {
  readonly #stderr: OutputStream;
  #hasStatus = false;

  constructor(stderr: OutputStream) {
    this.#stderr = stderr;
  }

  status(line: string): void {
    if (!this.#stderr.isTTY) return;
    this.#stderr.write(`${ERASE_LINE}${line}`);
    this.#hasStatus = true;
  }

  write(stream: OutputStream, text: string): void {
    this.clear();
    stream.write(text);
  }

  clear(): void {
    if (this.#hasStatus) this.#stderr.write(ERASE_LINE);
    this.#hasStatus = false;
  }
}

/** Decided by what the commands say of themselves. */
interface Verdict {
  exitCode: number;
}

function contextOf(terminal: Terminal, surroundings: Surroundings, verdict: Verdict): CommandContext {
  const { stdout, stderr, signal, workingFolder, environment, onExitCode } = surroundings;
  return {
    print: (line) => terminal.write(stdout, `${line}\n`),
    write: (text) => terminal.write(stdout, text),
    warn: (line) => terminal.write(stderr, `${line}\n`),
    status: (line) => terminal.status(line),
    setFailed: () => {
      verdict.exitCode ||= EXIT_FAILURE;
      onExitCode?.(verdict.exitCode);
    },
    setInterrupted: () => {
      verdict.exitCode = EXIT_INTERRUPTED;
      onExitCode?.(verdict.exitCode);
    },
    isTerminal: stdout.isTTY === true,
    signal,
    workingFolder,
    environment,
  };
}

function version(): string {
  const text = readFileSync(join(packageRoot(), "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

async function createProgram(context: CommandContext, args: readonly string[]): Promise<Command> {
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

/** What the library of options prints by itself, such as help, goes where all else goes. */
function printTo(surroundings: Surroundings, command: Command): void {
  const { stdout, stderr } = surroundings;
  command.configureOutput({
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
  });
  for (const each of command.commands) printTo(surroundings, each);
}

/** Runs one command to its end. Resolves with the exit code. */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const terminal = new Terminal(surroundings.stderr);
  const verdict: Verdict = { exitCode: 0 };
  try {
    const program = await createProgram(contextOf(terminal, surroundings, verdict), args);
    printTo(surroundings, program);
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    terminal.clear();
    verdict.exitCode = report(error, args.includes("--json"), surroundings);
  }
  terminal.clear();
  return verdict.exitCode;
}
