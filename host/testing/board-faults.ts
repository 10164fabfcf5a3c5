/** What a test does to one board, in the words of the test: a harmed connection, memory that runs out, a power cut. */
import type { StreamDirection } from "../simulator/world/virtual-network.ts";
import { requireWhole, wrongArgument } from "./arguments.ts";
import { type Duration, milliseconds } from "./duration.ts";

/** A break that both ends learn of, one that neither does, or a pause. */
export type ConnectionHarm =
  | { readonly fault: "cut" | "sever"; readonly direction?: StreamDirection }
  | { readonly fault: "split"; readonly pause: Duration; readonly direction?: StreamDirection };

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
