/**
 * Watches a board's console until its firmware is connected to its hub, which proves that the configuration is right, or
 * reports why it is not. It ends early if the hub refuses the device for a reason that does not go away by itself.
 */
import { MotekitError } from "../errors.ts";
import { type FirmwareLine, readFirmwareLine } from "../serial/firmware-line.ts";
import { diagnose, isFinalRefusal } from "./connection-diagnosis.ts";

export interface Connected {
  /** host:port, as the device reported it. */
  readonly hub: string;
  /** The time from the first line to the connection. */
  readonly tookMs: number;
}

/** The number of final refusals after which the watch ends. */
const REFUSALS_MAX = 2;
/** The shortest time that a device waits after all its hubs have refused it. */
const ALL_REFUSED_SECONDS = 300;

/** Watches the lines of a console. */
export class ConnectionWatch {
  readonly #nowMs: () => number;
  readonly #onLine: (line: string) => void;
  #startedMs: number | undefined;
  /** The end of the wait; undefined before it began. */
  #deadlineMs: number | undefined;
  /** The last line with a known cause of the missing connection. */
  #cause: FirmwareLine | undefined;
  /** The last line of the firmware that reports a problem. */
  #last: FirmwareLine | undefined;
  #hasNetwork = false;
  /** No problem was reported since the network came up, and the device has not restarted: it waits for the hub. */
  #isWaiting = true;
  #hasRestarted = false;
  readonly #refusals = new Map<string, number>();
  #isRefused = false;
  #settle: (() => void) | undefined;
  #connected: Connected | undefined;

  /** `onLine` is called with the firmware's lines. */
  constructor(nowMs: () => number, onLine: (line: string) => void) {
    this.#nowMs = nowMs;
    this.#onLine = onLine;
  }

  push(line: string): void {
    const said = readFirmwareLine(line);
    if (!said) return;
    this.#startedMs ??= this.#nowMs();
    this.#onLine(`${said.kind} ${said.detail}`);
    switch (said.kind) {
      case "boot":
        this.#hasNetwork = false;
        break;
      case "network":
        this.#hasNetwork = true;
        this.#isWaiting = !this.#hasRestarted;
        // A problem with the network is over, but a problem with the hub may not be.
        if (this.#cause?.word === "wifi") this.#cause = undefined;
        break;
      case "error":
      case "disconnected":
        this.#handleProblem(said);
        break;
      case "connected":
        this.#connected ??= { hub: said.detail, tookMs: this.#nowMs() - this.#startedMs };
        this.#settle?.();
    }
  }

  #handleProblem(said: FirmwareLine): void {
    this.#last = said;
    this.#isWaiting = false;
    this.#hasRestarted ||= said.word === "restart";
    if (diagnose(said)) this.#cause = said;
    if (said.word === "wifi" || said.word === "network-lost") this.#hasNetwork = false;
    if (!isFinalRefusal(said) || !this.#isOfAllHubs(said)) return;
    const code = said.code as string;
    const times = (this.#refusals.get(code) ?? 0) + 1;
    this.#refusals.set(code, times);
    if (times < REFUSALS_MAX && !this.#comesTooLate(said.nextTrySeconds)) return;
    this.#isRefused = true;
    this.#settle?.();
  }

  /** Whether all hubs refused the device. Otherwise it tries another one soon. Old firmware does not report the time. */
  #isOfAllHubs({ nextTrySeconds = ALL_REFUSED_SECONDS }: FirmwareLine): boolean {
    return nextTrySeconds >= ALL_REFUSED_SECONDS;
  }

  /** Whether the device reported that its next attempt comes after the deadline. */
  #comesTooLate(nextTrySeconds: number | undefined): boolean {
    if (nextTrySeconds === undefined || this.#deadlineMs === undefined) return false;
    return this.#nowMs() + nextTrySeconds * 1000 > this.#deadlineMs;
  }

  /** @throws MotekitError MK1808 it did not connect in time, or is refused, with the reason. */
  async connected(name: string, timeoutMs: number): Promise<Connected> {
    this.#deadlineMs = this.#nowMs() + timeoutMs;
    if (!this.#connected && !this.#endsAtOnce()) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#settle = resolve;
        timer = setTimeout(resolve, timeoutMs);
      });
      clearTimeout(timer);
    }
    if (this.#connected) return this.#connected;
    throw this.#notConnected(name, timeoutMs);
  }

  /** Whether the lines before the wait already end it. */
  #endsAtOnce(): boolean {
    const cause = this.#cause;
    this.#isRefused ||= !!cause && isFinalRefusal(cause) && this.#comesTooLate(cause.nextTrySeconds);
    return this.#isRefused;
  }

  #notConnected(name: string, timeoutMs: number): MotekitError {
    const within = `within ${Math.round(timeoutMs / 1000)} s`;
    if (this.#startedMs === undefined) {
      return new MotekitError({
        code: "MK1808",
        message: `The board on ${name} was configured, but its firmware printed nothing ${within}.`,
        remedy: "Upload the firmware with `motekit upload`.",
      });
    }
    const found = diagnose(this.#cause, this.#hasNetwork && this.#isWaiting);
    const last = this.#last ? `${this.#last.kind} ${this.#last.detail}` : "no reason";
    return new MotekitError({
      code: "MK1808",
      message: `The device did not reach its hub${this.#isRefused ? "" : ` ${within}`}. ${found?.message ?? `Its last report was: ${last}.`}`,
      remedy: found?.remedy ?? "Watch its console with `motekit monitor`.",
    });
  }
}
