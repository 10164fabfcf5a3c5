/** Faults for single packets, each for the n-th packet of a type and direction. */
import type { PacketFault } from "../broker/packet-fault.ts";
import type { Direction, PacketType } from "../mqtt/packet-types.ts";

export interface PlacedFault extends PacketFault {
  readonly direction: Direction;
  readonly cmd: PacketType;
  /** Counted from 1 since the hub was created, over all connections and restarts. */
  readonly nth: number;
}

export class PacketFaults {
  #faults: readonly PlacedFault[] = [];
  readonly #counts = new Map<string, number>();

  add(fault: PlacedFault): void {
    this.#faults = [...this.#faults, fault];
  }

  /** Removes all faults; counting continues. */
  clear(): void {
    this.#faults = [];
  }

  /** The number of packets of a type and direction so far. */
  count(direction: Direction, cmd: PacketType): number {
    return this.#counts.get(`${direction} ${cmd}`) ?? 0;
  }

  /** Counts a packet, and returns the fault that is placed on it. */
  next(direction: Direction, cmd: PacketType): PlacedFault | undefined {
    const nth = this.count(direction, cmd) + 1;
    this.#counts.set(`${direction} ${cmd}`, nth);
    return this.#faults.find(
      (fault) => fault.direction === direction && fault.cmd === cmd && fault.nth === nth,
    );
  }
}
