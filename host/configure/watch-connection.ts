/**
 * Watches a board's console until its firmware is on its hub, or tells in words why it is not: the proof that a
 * configuration is right. It ends early where the hub refuses the device in a way that does not pass by itself.
 */
import { MotekitError } from "../errors.ts";
import { type FirmwareLine, readFirmwareLine } from "../serial/firmware-line.ts";
import { diagnose, isFinalRefusal } from "./connection-diagnosis.ts";

export interface Connected {
  /** host:port, as the device said it. */
  readonly hub: string;
  /** From the first line to the connection. */
  readonly tookMs: number;
}

/** So often a refusal that does not pass by itself is heard before it is believed. */
const REFUSALS_MAX = 2;
/** A device waits so long at least before its next try once all its hubs have refused it. */
const ALL_REFUSED_SECONDS = 300;

/** Takes a console's lines. */
export class ConnectionWatch {
  readonly #nowMs: () => number;
  readonly #onLine: (line: string) => void;
  #startedMs: number | undefined;
  /** When the wait is over; undefined before it began. */
  #deadlineMs: number | undefined;
  /** The last word of why there is no connection. */
  #cause: FirmwareLine | undefined;
  /** The last line of the firmware that says what went wrong, of whatever kind. */
  #last: FirmwareLine | undefined;
  #hasNetwork = false;
  /** Nothing went wrong since the network came up, or before by a restart: the device waits for the hub. */
  #isWaiting = true;
  #hasRestarted = false;
  readonly #refusals = new Map<string, number>();
  #isRefused = false;
  #settle: (() => void) | undefined;
  #connected: Connected | undefined;

  /** `onLine` gets what the firmware says on its way. */
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
        // What kept it from the network is over; what kept it from the hub may not be.
        if (this.#cause?.word === "wifi") this.#cause = undefined;
        break;
      case "error":
      case "disconnected":
        this.#takeTrouble(said);
        break;
      case "connected":
        this.#connected ??= { hub: said.detail, tookMs: this.#nowMs() - this.#startedMs };
        this.#settle?.();
    }
  }

  #takeTrouble(said: FirmwareLine): void {
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

  /** Another hub of its configuration may still take it: then the device tries again soon. Old firmware does not say when. */
  #isOfAllHubs({ nextTrySeconds = ALL_REFUSED_SECONDS }: FirmwareLine): boolean {
    return nextTrySeconds >= ALL_REFUSED_SECONDS;
  }

  /** The device has told that it will not try again in the time that is left. */
  #comesTooLate(nextTrySeconds: number | undefined): boolean {
    if (nextTrySeconds === undefined || this.#deadlineMs === undefined) return false;
    return this.#nowMs() + nextTrySeconds * 1000 > this.#deadlineMs;
  }

  /** @throws MotekitError MK1808 it did not connect in time, or is refused: the reason that it gave, in words. */
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

  /** By what was heard before anybody waited. */
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
        message: `The board on ${name} was configured, but its firmware said nothing ${within}.`,
        remedy: "Upload it: `motekit upload`.",
      });
    }
    const found = diagnose(this.#cause, this.#hasNetwork && this.#isWaiting);
    const last = this.#last ? `${this.#last.kind} ${this.#last.detail}` : "nothing of why";
    return new MotekitError({
      code: "MK1808",
      message: `The device did not reach its hub${this.#isRefused ? "" : ` ${within}`}. ${found?.message ?? `Last it said: ${last}.`}`,
      remedy: found?.remedy ?? "`motekit monitor` shows what it says.",
    });
  }
}
