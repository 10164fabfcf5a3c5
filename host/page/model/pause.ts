/**
 * The state of the message list: paused or running, and which messages are open. The list is paused while a message is open,
 * because new messages would move it away from the reader.
 */
import type { MessageLog } from "./message-log.ts";

/** The state of the log when the list was paused. */
export interface PausePoint {
  /** The number of messages that had been rendered. */
  readonly total: number;
  /** A copy of the log, from which new messages do not remove old ones. */
  readonly log: MessageLog;
}

export interface Pause {
  /** Undefined while the list is running. */
  readonly since: PausePoint | undefined;
  /** True for a pause by the button, which the button ends. Otherwise it ends when the last open message is closed or hidden. */
  readonly isByButton: boolean;
  /** The serials of the open messages. */
  readonly open: ReadonlySet<number>;
}

export type PauseStep =
  | { readonly kind: "button"; readonly point: PausePoint }
  | { readonly kind: "message"; readonly serial: number; readonly point: PausePoint }
  /** The log was cleared. */
  | { readonly kind: "clear" }
  /** A filter or another topic hides all open messages. */
  | { readonly kind: "hidden" };

export const RUNNING: Pause = { since: undefined, isByButton: false, open: new Set() };

export function nextPause(pause: Pause, step: PauseStep): Pause {
  if (step.kind === "clear") return RUNNING;
  if (step.kind === "hidden") return pause.isByButton ? pause : RUNNING;
  if (step.kind === "button") {
    return pause.since ? RUNNING : { ...RUNNING, since: step.point, isByButton: true };
  }
  const open = new Set(pause.open);
  if (!open.delete(step.serial)) open.add(step.serial);
  if (open.size === 0 && !pause.isByButton) return RUNNING;
  return { ...pause, since: pause.since ?? step.point, open };
}
