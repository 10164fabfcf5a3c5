/**
 * The engine `espruino`: the bundle on the user's Espruino for Linux, which starts like a board: its Storage contains the
 * files, `.boot0` adds what the Linux build lacks, and `.bootcde` runs app.js.
 *
 * Measured behaviour of that program: standard input must stay open (with a script it ends as soon as no timer is set, so it
 * is started without one); `load()` boots again inside the process, `E.reboot()` ends it; SIGTERM is ignored. Its heap grows
 * until the system has no more memory, and then it crashes. A board restarts after a crash, and so does this engine.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConsoleLine } from "../../../firmware/contract/console-lines.ts";
import { type PinLevels, restingLevels } from "../board-api/pins.ts";
import {
  type ExitReason,
  type SimulatedBoard,
  type SimulatedBoardOptions,
  WATCHDOG_TRIGGERED,
} from "../board-api/simulated-board.ts";
import { boardFiles } from "./board-files.ts";
import { ConsoleLines } from "./espruino-console.ts";
import {
  bootFiles,
  driveCommand,
  KICK_LINE,
  REBOOT_LINE,
  STARTED_LINE,
  typeCommand,
  WATCHDOG_LINE,
} from "./espruino-prelude.ts";
import { requireEspruino } from "./espruino-program.ts";
import { notEspruino, provision } from "./espruino-provision.ts";

/** Limit of the time from the start of the program to the prelude's first line. */
const START_MS_MAX = 10_000;
/** Signals of a crash, as opposed to signals that end a program. */
const CRASH_SIGNALS: readonly string[] = ["SIGSEGV", "SIGBUS", "SIGABRT"];

export async function bootEspruinoBoard(options: SimulatedBoardOptions): Promise<SimulatedBoard> {
  const program = requireEspruino(options.espruinoProgram);
  const folder = await mkdtemp(join(tmpdir(), "motekit-espruino-"));
  try {
    const { app, board, configuration, pinLevels = restingLevels(board) } = options;
    const bootLevels = new Map(pinLevels);
    const files = new Map([
      ...boardFiles(app, configuration),
      ...bootFiles(board, configuration.wifi, bootLevels),
    ]);
    await provision(program, folder, files);
    const running = new EspruinoBoard({ ...options, pinLevels, bootLevels }, program, folder);
    await running.powerOn();
    return running;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

interface EspruinoBoardOptions extends SimulatedBoardOptions {
  readonly pinLevels: PinLevels;
  /** The driven levels with which the prelude in Storage begins. */
  readonly bootLevels: PinLevels;
}

class EspruinoBoard implements SimulatedBoard {
  readonly #options: EspruinoBoardOptions;
  readonly #program: string;
  readonly #folder: string;
  #child: ChildProcessWithoutNullStreams | undefined;
  #stopping = false;
  #rebooting = false;
  #started = false;
  #watchdogMs = 0;
  #watchdog: NodeJS.Timeout | undefined;
  #finished!: () => void;
  readonly #whenFinished = new Promise<void>((resolve) => {
    this.#finished = resolve;
  });
  /** Ends the interpreter when this process ends. */
  readonly #killAtExit = () => void this.#child?.kill("SIGKILL");

  constructor(options: EspruinoBoardOptions, program: string, folder: string) {
    this.#options = options;
    this.#program = program;
    this.#folder = folder;
    process.once("exit", this.#killAtExit);
  }

  /** Resolves when the prelude runs. */
  powerOn(): Promise<void> {
    const child = spawn(this.#program, [], { cwd: this.#folder, stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    this.#started = false;
    this.#watchdogMs = 0;
    return new Promise((resolve, reject) => {
      const banner: string[] = [];
      const fail = (cause?: unknown) => reject(notEspruino(this.#program, banner, cause));
      const deadline = setTimeout(() => child.kill("SIGKILL"), START_MS_MAX);
      const output = new ConsoleLines((line) => {
        if (line === STARTED_LINE) {
          this.#started = true;
          clearTimeout(deadline);
          this.#driveChanged();
          resolve();
        } else if (this.#started) this.#takeLine(line);
        else banner.push(line);
      });
      child.stdin.on("error", () => undefined);
      child.stdout.on("data", (bytes: Buffer) => output.push(bytes));
      child.stderr.on("data", (bytes: Buffer) => void banner.push(bytes.toString("utf8").trim()));
      child.on("error", fail);
      child.on("close", (code, signal) => {
        clearTimeout(deadline);
        if (!this.#stopping && !this.#rebooting) output.flush();
        fail();
        if (this.#started && !this.#rebooting && CRASH_SIGNALS.includes(signal ?? "")) {
          this.#options.onLine(`ERROR: the interpreter crashed (${signal})`);
          this.#rebooting = true;
        }
        void this.#closed(signal ?? `exit code ${code}`);
      });
    });
  }

  #takeLine(line: string): void {
    if (this.#stopping || this.#rebooting) return;
    if (line === REBOOT_LINE) this.#reboot();
    else if (line === KICK_LINE) this.#kickWatchdog();
    else if (line.startsWith(WATCHDOG_LINE)) {
      this.#watchdogMs = Number(line.slice(WATCHDOG_LINE.length)) * 1000;
      this.#kickWatchdog();
    } else this.#report(line);
  }

  #report(line: string): void {
    const parsed = parseConsoleLine(line);
    if (parsed?.kind === "pin") {
      const [pin, level] = parsed.detail.split(" ");
      if (pin !== undefined) this.#options.onPin(pin, Number(level));
    } else this.#options.onLine(line);
  }

  #reboot(): void {
    this.#rebooting = true;
    this.#child?.kill("SIGKILL");
  }

  #kickWatchdog(): void {
    clearTimeout(this.#watchdog);
    if (this.#watchdogMs === 0) return;
    this.#watchdog = setTimeout(() => {
      this.#options.onLine(WATCHDOG_TRIGGERED);
      this.#reboot();
    }, this.#watchdogMs);
  }

  async #closed(how: string): Promise<void> {
    clearTimeout(this.#watchdog);
    if (this.#rebooting && !this.#stopping) {
      this.#rebooting = false;
      try {
        return await this.powerOn();
      } catch (error) {
        this.#options.onLine(`ERROR: ${(error as Error).message}`);
        return;
      }
    }
    process.removeListener("exit", this.#killAtExit);
    await rm(this.#folder, { recursive: true, force: true });
    const reason: ExitReason = this.#stopping ? { kind: "stopped" } : { kind: "ended", detail: how };
    this.#finished();
    this.#options.onExit(reason);
  }

  /** Repeats the levels that were driven since Storage was filled, because a restart begins with the levels in Storage. */
  #driveChanged(): void {
    const { pinLevels, bootLevels } = this.#options;
    for (const [pin, level] of pinLevels) if (bootLevels.get(pin) !== level) this.drivePin(pin, level);
  }

  drivePin(pin: string, level: number): void {
    this.#options.pinLevels.set(pin, level);
    this.#child?.stdin.write(driveCommand(pin, level));
  }

  type(line: string): void {
    this.#child?.stdin.write(typeCommand(line), "utf8");
  }

  async stop(): Promise<void> {
    this.kill();
    await this.#whenFinished;
  }

  kill(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#child?.kill("SIGKILL");
  }
}
