/**
 * The access points in range of a simulated radio, which can change. Several boards may share one. It has no clock: its owner
 * decides when something changes.
 */
import type { WifiNetwork } from "../../../firmware/contract/configuration.ts";

/** The signal of an access point in the same room, in dBm. */
const NEAR_DBM = -50;
/** The weakest signal that a radio receives, in dBm. */
const SIGNAL_DBM_MIN = -92;

export interface AccessPoint {
  password: string;
  signalDbm: number;
  isOn: boolean;
  /** False if there is no DHCP server, so that a board is associated but gets no address. */
  givesAddress: boolean;
}

/** An access point, as the program of `Wifi` gets it. */
export interface Beacon {
  readonly ssid: string;
  readonly password: string;
  readonly rssi: number;
  readonly dhcp: boolean;
}

export class Radio {
  readonly #accessPoints = new Map<string, AccessPoint>();
  readonly #listeners = new Set<() => void>();

  constructor(networks: readonly WifiNetwork[] = []) {
    for (const { ssid, password } of networks) this.add(ssid, password);
  }

  has(ssid: string): boolean {
    return this.#accessPoints.has(ssid);
  }

  names(): string[] {
    return [...this.#accessPoints.keys()];
  }

  /** Adds an access point, which is open without a password. */
  add(ssid: string, password = "", signalDbm = NEAR_DBM): void {
    this.#accessPoints.set(ssid, { password, signalDbm, isOn: true, givesAddress: true });
    this.#tell();
  }

  /** Changes an access point. Does nothing if there is no such access point. */
  change(ssid: string, changes: Partial<AccessPoint>): void {
    const accessPoint = this.#accessPoints.get(ssid);
    if (accessPoint) Object.assign(accessPoint, changes);
    this.#tell();
  }

  /** The access points in range. */
  inReach(): Beacon[] {
    return [...this.#accessPoints]
      .filter(([, { isOn, signalDbm }]) => isOn && signalDbm >= SIGNAL_DBM_MIN)
      .map(([ssid, { password, signalDbm, givesAddress }]) => {
        return { ssid, password, rssi: signalDbm, dhcp: givesAddress };
      });
  }

  /** Calls the listener after each change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
