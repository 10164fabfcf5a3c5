/**
 * What a simulated radio meets: access points that come and go. Several boards may share one. It has no time of its
 * own; who owns a clock says when something changes.
 */
import type { WifiNetwork } from "../../../firmware/contract/configuration.ts";

/** Signal of an access point in the same room, in dBm. */
const NEAR_DBM = -50;
/** A weaker signal is as good as none. */
const SIGNAL_DBM_MIN = -92;

export interface AccessPoint {
  password: string;
  signalDbm: number;
  isOn: boolean;
  /** False: nobody answers DHCP, so that a board is associated and gets no address. */
  givesAddress: boolean;
}

/** An access point as the radio's program sees it. */
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

  /** An open network without a password. */
  add(ssid: string, password = "", signalDbm = NEAR_DBM): void {
    this.#accessPoints.set(ssid, { password, signalDbm, isOn: true, givesAddress: true });
    this.#tell();
  }

  /** Nothing where there is no such access point. */
  change(ssid: string, changes: Partial<AccessPoint>): void {
    const accessPoint = this.#accessPoints.get(ssid);
    if (accessPoint) Object.assign(accessPoint, changes);
    this.#tell();
  }

  /** Access points that a radio hears. */
  inReach(): Beacon[] {
    return [...this.#accessPoints]
      .filter(([, { isOn, signalDbm }]) => isOn && signalDbm >= SIGNAL_DBM_MIN)
      .map(([ssid, { password, signalDbm, givesAddress }]) => {
        return { ssid, password, rssi: signalDbm, dhcp: givesAddress };
      });
  }

  /** Called after each change, until the result is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
