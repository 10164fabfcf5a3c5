/** Faults for single packets: the n-th of a type, in or out, meets one. */
import type { PacketFault } from "../broker/packet-fault.ts";
import type { Direction, PacketType } from "../mqtt/packet-types.ts";

export interface PlacedFault extends PacketFault {
  readonly direction: Direction;
  readonly cmd: PacketType;
  /** Counted from 1 since the hub was made, over all connections and restarts. */
  readonly nth: number;
}

export class PacketFaults {
  #faults: readonly PlacedFault[] = [];
  readonly #counts = new Map<string, number>();

  add(fault: PlacedFault): void {
    this.#faults = [...this.#faults, fault];
  }

  /** From now on no packet is harmed; counting goes on. */
  clear(): void {
    this.#faults = [];
  }

  /** How many packets of a type there were so far. */
  count(direction: Direction, cmd: PacketType): number {
    return this.#counts.get(`${direction} ${cmd}`) ?? 0;
  }

  /** Counts the packet, and gives the fault that is meant for it. */
  meet(direction: Direction, cmd: PacketType): PlacedFault | undefined {
    const nth = this.count(direction, cmd) + 1;
    this.#counts.set(`${direction} ${cmd}`, nth);
    return this.#faults.find(
      (fault) => fault.direction === direction && fault.cmd === cmd && fault.nth === nth,
    );
  }
}
