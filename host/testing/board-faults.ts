/** The faults of one board, in the words of a test: of its connection at a byte, memory that runs out, a power cut. */
import type { ConnectionFaults, StreamDirection } from "../simulator/world/virtual-network.ts";
import { requireWhole, wrongArgument } from "./arguments.ts";
import { type Duration, milliseconds } from "./duration.ts";

/** After a byte that goes `up`, to the hub, by default: a break that both ends learn of, one that neither does, or a pause. */
export type ByteFault =
  | { readonly fault: "cut" | "sever"; readonly direction?: StreamDirection }
  | { readonly fault: "split"; readonly pause: Duration; readonly direction?: StreamDirection };

interface ByteFaultKind {
  /** The first place at which it can strike. */
  readonly leastByte: number;
  /** What the network is told. */
  readonly faults: (direction: StreamDirection, atByte: number, pauseMs: number) => ConnectionFaults;
}

export const BYTE_FAULTS: Readonly<Record<ByteFault["fault"], ByteFaultKind>> = {
  cut: { leastByte: 0, faults: (direction, afterBytes) => ({ cut: { direction, afterBytes } }) },
  sever: {
    leastByte: 0,
    faults: (direction, afterBytes) => ({ cut: { direction, afterBytes, silent: true } }),
  },
  split: {
    leastByte: 1,
    faults: (direction, atByte, pauseMs) => ({ split: { direction, atByte, pauseMs } }),
  },
};

export interface MemoryLoss {
  /** Within the n-th event that is still to come, counted from 1; the next one without it. */
  readonly inEvent?: number;
}

export interface PowerCut {
  /** Within the n-th write to flash that is still to come, counted from 1; at once without it. */
  readonly inWrite?: number;
  /** How many bytes of that write come to lie there; none by default. */
  readonly afterBytes?: number;
  /** Power comes back by itself after so long. */
  readonly offFor?: Duration;
}

/** @throws MotekitError where there can be no such cut. */
export function requirePowerCut({ inWrite, afterBytes, offFor }: PowerCut): void {
  // At once, and not when power has failed.
  if (offFor !== undefined) milliseconds(offFor);
  if (inWrite !== undefined) requireWhole("The write in which power fails", inWrite, 1);
  if (afterBytes === undefined) return;
  requireWhole("The number of bytes", afterBytes, 0);
  if (inWrite !== undefined) return;
  throw wrongArgument(
    `Power shall fail after ${afterBytes} bytes, and of which write is not said.`,
    "Give inWrite too.",
  );
}
