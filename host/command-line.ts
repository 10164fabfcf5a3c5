/** The `motekit` command without its process: connects the commands to two streams, prints errors and returns the exit code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import pc from "picocolors";
import { MotekitError, type Problem } from "./errors.ts";
import { packageRoot } from "./file-system/package-root.ts";
import type { CommandContext } from "./terminal/command-context.ts";
import { formatError } from "./terminal/problem-report.ts";

/** A command as the general help lists it. Its module is loaded only if the command line uses the command. */
interface ListedCommand {
  readonly description: string;
  /** The words after the name. */
  readonly usage: string;
  readonly load: () => Promise<(context: CommandContext) => Command>;
}

/** The commands by name. To load all of them would take ten times as long as to print the help. */
const COMMANDS: Readonly<Record<string, ListedCommand>> = {
  dev: {
    description:
      "run firmware on a simulated board together with a local hub and its web page, and restart it when a source file changes",
    usage: "[options] [entry]",
    load: async () => (await import("./commands/dev.ts")).devCommand,
  },
  build: {
    description: "check firmware and bundle it for a board: writes app.js, its source map and a manifest",
    usage: "[options] [entry]",
    load: async () => (await import("./commands/build.ts")).buildCommand,
  },
  check: {
    description: "report every problem that would make a build fail, without writing files",
    usage: "[options] [entry]",
    load: async () => (await import("./commands/check.ts")).checkCommand,
  },
  simulate: {
    description: "run firmware on a simulated board, which connects to a real hub by MQTT",
    usage: "[options] [entry]",
    load: async () => (await import("./commands/simulate.ts")).simulateCommand,
  },
  decode: {
    description: "decode the stack traces in a board's console output to files and lines of the sources",
    usage: "[options] [file]",
    load: async () => (await import("./commands/decode.ts")).decodeCommand,
  },
  flash: {
    description: "write the Espruino interpreter into a board's flash, or erase the flash",
    usage: "[options]",
    load: async () => (await import("./commands/flash.ts")).flashCommand,
  },
  ports: {
    description: "list the serial ports of this computer and the boards on them",
    usage: "[options]",
    load: async () => (await import("./commands/ports.ts")).portsCommand,
  },
  upload: {
    description: "build firmware, write it to the board's free slot, switch to it, and check that it starts",
    usage: "[options] [entry]",
    load: async () => (await import("./commands/upload.ts")).uploadCommand,
  },
  files: {
    description: "list, copy and remove the files in a board's Storage",
    usage: "[options] [command]",
    load: async () => (await import("./commands/files.ts")).filesCommand,
  },
  eval: {
    description: "evaluate a JavaScript expression on a board while its app runs, and print the value",
    usage: "[options] <expression>",
    load: async () => (await import("./commands/eval.ts")).evalCommand,
  },
  configure: {
    description: "write Wi-Fi networks, hubs and the device's identity into a board's configuration",
    usage: "[options]",
    load: async () => (await import("./commands/configure.ts")).configureCommand,
  },
  monitor: {
    description: "show a board's console, with stack traces decoded to the sources, until Ctrl-] is pressed",
    usage: "[options]",
    load: async () => (await import("./commands/monitor.ts")).monitorCommand,
  },
  run: {
    description: "build firmware, upload it and show the board's console, until Ctrl-] is pressed",
    usage: "[options] [entry]",
    load: async () => (await import("./commands/run.ts")).runCommand,
  },
  hub: {
    description: "run a local MQTT hub with a web page",
    usage: "[options] [command]",
    load: async () => {
      const { hubCommand } = await import("./commands/hub.ts");
      const { hubDeviceCommand } = await import("./commands/hub-device.ts");
      return (context) => hubCommand(context).addCommand(hubDeviceCommand(context));
    },
  },
};

/** The command that a command line uses or asks help for. */
function commandOf([first = "", second = ""]: readonly string[]): string | undefined {
  const name = first === "help" ? second : first;
  return Object.hasOwn(COMMANDS, name) ? name : undefined;
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
    message: `This is a bug in motekit: ${reason.replace(/\.$/, "")}.`,
    remedy: "Run the command again without --json, which prints the stack trace, and report both.",
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
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}`.trimEnd() })
    .showHelpAfterError()
    .exitOverride();
  const asked = commandOf(args);
  for (const [name, { description, usage, load }] of Object.entries(COMMANDS)) {
    if (asked === undefined) program.command(name).description(description).usage(usage);
    if (asked === name) program.addCommand((await load())(context).description(description).exitOverride());
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
