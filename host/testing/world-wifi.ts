/** The Wi-Fi networks of a world, for all of its boards. */
import { MotekitError } from "../errors.ts";
import type { AccessPoint, Radio } from "../simulator/world/radio.ts";
import { requireBetween } from "./arguments.ts";
import { type Duration, milliseconds } from "./duration.ts";

/** Thermal noise: no radio hears less. */
const SIGNAL_DBM_MIN = -120;

export class WorldWifi {
  readonly #air: Radio;
  readonly #later: (delayMs: number, call: () => void) => void;

  constructor(air: Radio, later: (delayMs: number, call: () => void) => void) {
    this.#air = air;
    this.#later = later;
  }

  /** An access point, open where it has no password. Those that a board is booted with are there by themselves. */
  add(ssid: string, password = ""): void {
    this.#air.add(ssid, password);
  }

  /** The access point is off, for so long or for good. A board notices 6 s later. */
  down(ssid: string, duration?: Duration): void {
    this.#changeFor(ssid, { isOn: false }, { isOn: true }, duration);
  }

  up(ssid: string): void {
    this.#change(ssid, { isOn: true });
  }

  /** In dBm: −50 in the same room; below −92 it is out of reach. */
  signal(ssid: string, signalDbm: number): void {
    requireBetween("The signal in dBm", signalDbm, SIGNAL_DBM_MIN, 0);
    this.#change(ssid, { signalDbm });
  }

  /** Boards that have another password are refused; those that are joined lose the link. */
  setPassword(ssid: string, password: string): void {
    this.#change(ssid, { password });
  }

  /** Nobody answers DHCP, for so long or for good: who joins is associated and gets no address. */
  dhcpFailure(ssid: string, duration?: Duration): void {
    this.#changeFor(ssid, { givesAddress: false }, { givesAddress: true }, duration);
  }

  #changeFor(
    ssid: string,
    changes: Partial<AccessPoint>,
    after: Partial<AccessPoint>,
    duration: Duration | undefined,
  ): void {
    this.#change(ssid, changes);
    if (duration !== undefined) this.#later(milliseconds(duration), () => this.#change(ssid, after));
  }

  #change(ssid: string, changes: Partial<AccessPoint>): void {
    if (this.#air.has(ssid)) {
      this.#air.change(ssid, changes);
      return;
    }
    throw new MotekitError({
      code: "MK2004",
      message: `There is no Wi-Fi network "${ssid}" in this world, but ${this.#air.names().join(", ") || "none"}.`,
      remedy: "Add it, or boot a board with it.",
    });
  }
}
