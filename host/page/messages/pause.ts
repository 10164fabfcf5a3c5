/**
 * Whether the list of messages stands still, and which of them are open. An open message would run away under the reader: so
 * while one is open the list is paused, and while the list runs none is.
 */
export interface Pause {
  /** How many messages had come when the list was paused; undefined: it runs. */
  readonly sinceTotal: number | undefined;
  /** By the button, it lasts until the button; by an open message, until the last is closed. */
  readonly isByButton: boolean;
  /** Their serials. */
  readonly open: ReadonlySet<number>;
}

export type PauseStep =
  | { readonly kind: "button"; readonly total: number }
  | { readonly kind: "message"; readonly serial: number; readonly total: number }
  /** The messages are gone. */
  | { readonly kind: "clear" };

export const RUNNING: Pause = { sinceTotal: undefined, isByButton: false, open: new Set() };

export function nextPause(pause: Pause, step: PauseStep): Pause {
  if (step.kind === "clear") return RUNNING;
  if (step.kind === "button") {
    return pause.sinceTotal === undefined
      ? { ...RUNNING, sinceTotal: step.total, isByButton: true }
      : RUNNING;
  }
  const open = new Set(pause.open);
  if (!open.delete(step.serial)) open.add(step.serial);
  if (open.size === 0 && !pause.isByButton) return RUNNING;
  return { ...pause, sinceTotal: pause.sinceTotal ?? step.total, open };
}
