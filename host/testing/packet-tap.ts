/** Reports all bytes at a board's network interface to the protocol oracle, the counters and the transcript. */
import type { NetworkTap } from "../simulator/world/virtual-network.ts";
import type { ProtocolOracle } from "./protocol-oracle.ts";

export interface PacketTapOptions {
  readonly oracle: ProtocolOracle;
  readonly traffic: { up: number; down: number };
  /** Undefined without a transcript, which saves time. */
  readonly record: ((what: string) => void) | undefined;
  /** Called when the state of the connection may have changed. */
  changed(): void;
}

export function packetTap({ oracle, traffic, record, changed }: PacketTapOptions): NetworkTap {
  return {
    opened: (number) => {
      record?.(`#${number} opened`);
      oracle.opened(number);
      changed();
    },
    established: (number) => {
      oracle.established(number);
      changed();
    },
    written: (number, bytes) => {
      record?.(`#${number} > ${Buffer.from(bytes).toString("hex")}`);
      traffic.up += bytes.length;
      oracle.written(number, bytes);
      changed();
    },
    delivered: (number, bytes) => {
      record?.(`#${number} < ${Buffer.from(bytes).toString("hex")}`);
      traffic.down += bytes.length;
      oracle.delivered(number, bytes);
      changed();
    },
    over: (number, isForced) => {
      record?.(`#${number} over`);
      oracle.over(number, isForced);
      changed();
    },
  };
}
