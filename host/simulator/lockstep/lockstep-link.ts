/**
 * A process of Espruino for Linux and two named pipes to it. All calls block until the interpreter has answered, so that
 * virtual time stops while the interpreter works, and the interpreter waits while virtual time passes. There is no time-out:
 * an infinite loop in the bundle blocks the whole process, as on the engine `node`.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConsoleLines } from "../engines/espruino-console.ts";
import { STARTED_LINE } from "../engines/espruino-prelude.ts";
import { encodeFrame, type LockstepPipes } from "./lockstep-program.ts";

const READ_BYTES = 65_536;

export interface LockstepLinkOptions {
  /** The path of the interpreter. */
  readonly program: string;
  createProgram(pipes: LockstepPipes): string;
  /** A line of its console. */
  onLine(line: string): void;
}

export class LockstepLink {
  /** The output of the program before the lockstep program ran. */
  readonly banner: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "motekit-lockstep-"));
  readonly #child: ChildProcess;
  readonly #console: number;
  readonly #down: number;
  readonly #up: number;
  readonly #output: ConsoleLines;
  readonly #buffer = Buffer.alloc(READ_BYTES);
  readonly #killAtExit = () => this.close();
  #pending = "";
  #isStarted = false;
  #isClosed = false;

  constructor(options: LockstepLinkOptions) {
    const pathOf = (name: string) => join(this.#folder, name);
    const pipes = { down: pathOf("down"), up: pathOf("up") };
    execFileSync("mkfifo", [pipes.down, pipes.up]);
    writeFileSync(pathOf("program.js"), options.createProgram(pipes), "latin1");
    this.#output = new ConsoleLines((line) => this.#takeLine(line, options));
    // Opening a pipe for reading and writing does not wait for its other end.
    this.#down = openSync(pipes.down, "r+");
    const writer = openSync(pipes.up, "r+");
    this.#up = openSync(pipes.up, "r");
    const printed = openSync(pathOf("console"), "w");
    this.#console = openSync(pathOf("console"), "r");
    // The interpreter gets its own end of the pipe `up`, so that the pipe ends with the interpreter.
    const stdio = ["pipe" as const, printed, printed, writer];
    this.#child = spawn(options.program, ["program.js"], { cwd: this.#folder, stdio });
    closeSync(writer);
    closeSync(printed);
    this.#child.on("error", () => undefined);
    this.#child.unref();
    process.once("exit", this.#killAtExit);
  }

  /** Called when the lockstep program runs. From here on the interpreter's output belongs to the board. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  send(text: string): void {
    const frame = encodeFrame(text);
    for (let written = 0; written < frame.length; ) written += writeSync(this.#down, frame, written);
  }

  /** Returns the next line after printing earlier output, or undefined if the interpreter has ended. */
  receive(): string | undefined {
    let end = this.#pending.indexOf("\n");
    while (end < 0) {
      const length = readSync(this.#up, this.#buffer, 0, READ_BYTES, null);
      this.#pending += this.#buffer.toString("latin1", 0, length);
      if (length === 0) break;
      end = this.#pending.indexOf("\n");
    }
    this.#readConsole();
    if (end < 0) return undefined;
    const line = this.#pending.substring(0, end);
    this.#pending = this.#pending.substring(end + 1);
    return line;
  }

  /** Ends the process. May be called again. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    process.removeListener("exit", this.#killAtExit);
    this.#child.kill("SIGKILL");
    this.#child.stdin?.destroy();
    for (const descriptor of [this.#up, this.#down, this.#console]) closeSync(descriptor);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #readConsole(): void {
    for (;;) {
      const length = readSync(this.#console, this.#buffer, 0, READ_BYTES, null);
      if (length === 0) return;
      this.#output.push(Buffer.from(this.#buffer.subarray(0, length)));
    }
  }

  #takeLine(line: string, { onLine }: LockstepLinkOptions): void {
    if (this.#isStarted) onLine(line);
    else if (line === STARTED_LINE) this.#isStarted = true;
    else this.banner.push(line);
  }
}
