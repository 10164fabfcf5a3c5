/**
 * Watches a board's console until its firmware is on its hub, or tells in words why it is not: the proof that a
 * configuration is right.
 */
import { parseConsoleLine } from "../../firmware/contract/console-lines.ts";
import { MotekitError } from "../errors.ts";

export interface Connected {
  /** host:port, as the device said it. */
  readonly hub: string;
  /** From the first line to the connection. */
  readonly tookMs: number;
}

/** What firmware says when it cannot connect, and what a person can do about it. The first that fits counts. */
const REASONS: readonly { readonly pattern: RegExp; readonly message: string; readonly remedy: string }[] = [
  {
    pattern: /disconnected refused.*CONNACK [45]/,
    message: "The hub refuses the device: user name or password is wrong, or it may not connect.",
    remedy: "Check user name and password, and that the device is enabled on the hub.",
  },
  {
    pattern: /disconnected refused.*CONNACK 2/,
    message: "The hub refuses the device's identifier.",
    remedy: "Give another --device-id.",
  },
  {
    pattern: /disconnected refused/,
    message: "The hub refuses the device.",
    remedy: "The hub's log says why.",
  },
  {
    pattern: /error .*\b(201|NO_AP_FOUND)\b|error no answer from/i,
    message: "There is no such Wi-Fi network in reach.",
    remedy: "Check its name, which is case-sensitive, and that it is on 2.4 GHz.",
  },
  {
    pattern: /error .*\b(2|15|202|204|AUTH_EXPIRE|4WAY_HANDSHAKE_TIMEOUT|AUTH_FAIL|HANDSHAKE_TIMEOUT)\b/i,
    message: "The Wi-Fi network refuses the password.",
    remedy: "Check the password.",
  },
  {
    pattern: /disconnected .*(Unable to locate|not found|DNS)/i,
    message: "The hub's name is not known where the board is.",
    remedy: "Give its IP address, or check the name.",
  },
  {
    pattern: /disconnected .*(Connect failed|refused|unreachable|no CONNACK)/i,
    message: "The board is on the network, but no hub answers at that address.",
    remedy:
      "Check host and port, and that the hub listens on an address that the board can reach: `motekit hub --host 0.0.0.0`.",
  },
];

/** Takes a console's lines. */
export class ConnectionWatch {
  readonly #nowMs: () => number;
  readonly #onLine: (line: string) => void;
  #startedMs: number | undefined;
  #last = "";
  #settle: ((connected: Connected) => void) | undefined;
  #connected: Connected | undefined;

  /** `onLine` gets what the firmware says on its way. */
  constructor(nowMs: () => number, onLine: (line: string) => void) {
    this.#nowMs = nowMs;
    this.#onLine = onLine;
  }

  push(line: string): void {
    const said = parseConsoleLine(line);
    if (!said) return;
    this.#startedMs ??= this.#nowMs();
    this.#onLine(`${said.kind} ${said.detail}`);
    if (said.kind === "error" || said.kind === "disconnected") this.#last = `${said.kind} ${said.detail}`;
    if (said.kind !== "connected") return;
    this.#connected = { hub: said.detail, tookMs: this.#nowMs() - this.#startedMs };
    this.#settle?.(this.#connected);
  }

  /** @throws MotekitError MK1808 it did not connect in time: the last reason that it gave, in words. */
  async connected(name: string, timeoutMs: number): Promise<Connected> {
    if (this.#connected) return this.#connected;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, undefined);
    });
    const connected = await Promise.race([
      new Promise<Connected>((resolve) => (this.#settle = resolve)),
      late,
    ]);
    clearTimeout(timer);
    if (connected) return connected;
    throw this.#notConnected(name, timeoutMs);
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
    const reason = REASONS.find(({ pattern }) => pattern.test(this.#last));
    return new MotekitError({
      code: "MK1808",
      message: `The device did not reach its hub ${within}. ${reason?.message ?? `Last it said: ${this.#last || "nothing of why"}.`}`,
      remedy: reason?.remedy ?? "`motekit monitor` shows what it says.",
    });
  }
}
