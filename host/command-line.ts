/** The `motekit` command without its process: connects the commands to two streams, prints errors and returns the exit code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import pc from "picocolors";
import { MotekitError, type Problem } from "./errors.ts";
import { packageRoot } from "./file-system/package-root.ts";
import type { CommandContext } from "./terminal/command-context.ts";
import { formatError } from "./terminal/problem-report.ts";

/** The commands by name. Each is loaded only if the command line uses it, or if the help lists all of them. */
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

/** Names of the commands that a command line needs: one, or all for the general help. */
function wantedCommands([first = "--help"]: readonly string[]): string[] {
  if (first === "--version" || first === "-V") return [];
  return Object.hasOwn(COMMANDS, first) ? [first] : Object.keys(COMMANDS);
}

/** The environment of a command line: the process of `motekit`, or a test. */
export interface CommandLineEnvironment {
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
/** The exit code that shells use for SIGINT: 128 plus the number of the signal. */
const EXIT_INTERRUPTED = 130;
/** Moves the cursor to the start of the line and erases the line. */
const ERASE_LINE = "\r\x1b[K";

/** An error that is not a MotekitError is a fault of motekit itself. */
function internalProblem(error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: "MK0001",
    message: `motekit failed because of a fault in itself: ${reason}.`,
    remedy: "Report it with the command and the stack trace, which the command prints without --json.",
  };
}

function report(error: unknown, json: boolean, { stdout, stderr }: CommandLineEnvironment): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  const isInternal = !(error instanceof MotekitError);
  if (json) {
    const problems = isInternal ? [internalProblem(error)] : error.problems;
    stdout.write(`${JSON.stringify({ ok: false, problems })}\n`);
  } else if (isInternal) {
    const detail = error instanceof Error ? error.stack : String(error);
    stderr.write(`${pc.red("internal error (please report it):")} ${detail}\n`);
  } else stderr.write(`${formatError(error)}\n`);
  return EXIT_FAILURE;
}

/** Writes to standard output and standard error, and keeps one status line below them on a terminal. */
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

/** The exit code, which commands change through their context. */
interface ExitState {
  exitCode: number;
}

function contextOf(
  terminal: Terminal,
  commandLineEnvironment: CommandLineEnvironment,
  exitState: ExitState,
): CommandContext {
  const { stdout, stderr, signal, workingFolder, environment, onExitCode } = commandLineEnvironment;
  return {
    print: (line) => terminal.write(stdout, `${line}\n`),
    write: (text) => terminal.write(stdout, text),
    warn: (line) => terminal.write(stderr, `${line}\n`),
    status: (line) => terminal.status(line),
    setFailed: () => {
      exitState.exitCode ||= EXIT_FAILURE;
      onExitCode?.(exitState.exitCode);
    },
    setInterrupted: () => {
      exitState.exitCode = EXIT_INTERRUPTED;
      onExitCode?.(exitState.exitCode);
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
    .description(
      "build, upload and simulate Espruino device firmware written in TypeScript, and run a local MQTT hub for it",
    )
    .version(version())
    // Options of a subcommand follow the name of the subcommand.
    .enablePositionalOptions()
    .showHelpAfterError()
    .exitOverride();
  for (const name of wantedCommands(args)) {
    const create = await COMMANDS[name]?.();
    if (create) program.addCommand(create(context).exitOverride());
  }
  return program;
}

/** Sends the text that commander prints by itself, such as help, to the same two streams. */
function printTo(commandLineEnvironment: CommandLineEnvironment, command: Command): void {
  const { stdout, stderr } = commandLineEnvironment;
  command.configureOutput({
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
  });
  for (const each of command.commands) printTo(commandLineEnvironment, each);
}

/** Runs one command until it ends. Resolves with the exit code. */
export async function runCommandLine(
  args: readonly string[],
  commandLineEnvironment: CommandLineEnvironment,
): Promise<number> {
  const terminal = new Terminal(commandLineEnvironment.stderr);
  const exitState: ExitState = { exitCode: 0 };
  try {
    const program = await createProgram(contextOf(terminal, commandLineEnvironment, exitState), args);
    printTo(commandLineEnvironment, program);
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    terminal.clear();
    exitState.exitCode = report(error, args.includes("--json"), commandLineEnvironment);
  }
  terminal.clear();
  return exitState.exitCode;
}
