/** The Wi-Fi networks of a world, for all its boards. */
import { MotekitError } from "../errors.ts";
import type { AccessPoint, Radio } from "../simulator/world/radio.ts";
import { requireBetween } from "./arguments.ts";
import { type Duration, milliseconds } from "./duration.ts";

/** Thermal noise, the lowest signal that a radio can receive. */
const SIGNAL_DBM_MIN = -120;

export class WorldWifi {
  readonly #radio: Radio;
  readonly #later: (delayMs: number, call: () => void) => void;

  constructor(radio: Radio, later: (delayMs: number, call: () => void) => void) {
    this.#radio = radio;
    this.#later = later;
  }

  /** Adds an access point, which is open without a password. The networks of a board's first boot are added automatically. */
  add(ssid: string, password = ""): void {
    this.#radio.add(ssid, password);
  }

  /** Switches the access point off, for this duration or permanently. A board notices it 6 s later. */
  down(ssid: string, duration?: Duration): void {
    this.#changeFor(ssid, { isOn: false }, { isOn: true }, duration);
  }

  up(ssid: string): void {
    this.#change(ssid, { isOn: true });
  }

  /** Sets the signal in dBm: −50 in the same room; below −92 the network is out of range. */
  signal(ssid: string, signalDbm: number): void {
    requireBetween("The signal in dBm", signalDbm, SIGNAL_DBM_MIN, 0);
    this.#change(ssid, { signalDbm });
  }

  /** Changes the password. Boards with another password are refused, and connected boards lose the link. */
  setPassword(ssid: string, password: string): void {
    this.#change(ssid, { password });
  }

  /** Stops DHCP, for this duration or permanently. A board that joins is associated and gets no address. */
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
    if (this.#radio.has(ssid)) {
      this.#radio.change(ssid, changes);
      return;
    }
    throw new MotekitError({
      code: "MK2004",
      message: `This world has no Wi-Fi network "${ssid}". It has ${this.#radio.names().join(", ") || "no networks"}.`,
      remedy: "Add the network, or boot a board with it.",
    });
  }
}
