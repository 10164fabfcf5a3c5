/** The options of the faults of one board: connection faults at a byte, memory that runs out, and power cuts. */
import type { ConnectionFaults, StreamDirection } from "../simulator/world/virtual-network.ts";
import { requireWhole, wrongArgument } from "./arguments.ts";
import { type Duration, milliseconds } from "./duration.ts";

/** Connection faults after a byte in the direction `up` (to the hub, the default): closed at both ends, half-open, or a pause. */
export type ByteFault =
  | { readonly fault: "cut" | "sever"; readonly direction?: StreamDirection }
  | { readonly fault: "split"; readonly pause: Duration; readonly direction?: StreamDirection };

interface ByteFaultKind {
  /** The first byte at which the fault can apply. */
  readonly leastByte: number;
  /** The faults as the virtual network takes them. */
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
  /** The event in which memory runs out, counted from 1 from now on. Default: the next one. */
  readonly inEvent?: number;
}

export interface PowerCut {
  /** The write to flash in which power fails, counted from 1 from now on. Default: power fails immediately. */
  readonly inWrite?: number;
  /** The number of bytes of that write that are stored. Default: 0. */
  readonly afterBytes?: number;
  /** The duration after which power returns. */
  readonly offFor?: Duration;
}

/** @throws MotekitError MK2009 if the options are not valid. */
export function requirePowerCut({ inWrite, afterBytes, offFor }: PowerCut): void {
  // Checked now, and not when power has failed.
  if (offFor !== undefined) milliseconds(offFor);
  if (inWrite !== undefined) requireWhole("The write in which power fails", inWrite, 1);
  if (afterBytes === undefined) return;
  requireWhole("The number of bytes", afterBytes, 0);
  if (inWrite !== undefined) return;
  throw wrongArgument(
    `The option afterBytes is ${afterBytes}, but inWrite is missing.`,
    "Give inWrite too, the write to flash in which power fails.",
  );
}
