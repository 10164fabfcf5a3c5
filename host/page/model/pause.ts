/**
 * Whether the list of messages stands still, and which of them are open. An open message would run away under the reader: so
 * while one is open the list is paused, and while the list runs none is.
 */
import type { MessageLog } from "./message-log.ts";

/** What there was when the list was paused. */
export interface PausePoint {
  /** How many messages had come, as far as they were drawn. */
  readonly total: number;
  /** Those that were kept: the newer ones push them out of the log itself. */
  readonly log: MessageLog;
}

export interface Pause {
  /** Undefined: the list runs. */
  readonly since: PausePoint | undefined;
  /** By the button, it lasts until the button; by an open message, until the last is closed or out of sight. */
  readonly isByButton: boolean;
  /** Their serials. */
  readonly open: ReadonlySet<number>;
}

export type PauseStep =
  | { readonly kind: "button"; readonly point: PausePoint }
  | { readonly kind: "message"; readonly serial: number; readonly point: PausePoint }
  /** The messages are gone. */
  | { readonly kind: "clear" }
  /** No open message is among those that are looked at now. */
  | { readonly kind: "out of sight" };

export const RUNNING: Pause = { since: undefined, isByButton: false, open: new Set() };

export function nextPause(pause: Pause, step: PauseStep): Pause {
  if (step.kind === "clear") return RUNNING;
  if (step.kind === "out of sight") return pause.isByButton ? pause : RUNNING;
  if (step.kind === "button") {
    return pause.since ? RUNNING : { ...RUNNING, since: step.point, isByButton: true };
  }
  const open = new Set(pause.open);
  if (!open.delete(step.serial)) open.add(step.serial);
  if (open.size === 0 && !pause.isByButton) return RUNNING;
  return { ...pause, since: pause.since ?? step.point, open };
}
