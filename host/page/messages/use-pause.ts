import { useCallback, useReducer, useRef } from "preact/hooks";
import type { HubModel } from "../model/hub-model.ts";
import { nextPause, type Pause, type PausePoint, type PauseStep, RUNNING } from "../model/pause.ts";

export interface PauseOfList {
  readonly pause: Pause;
  readonly step: (step: PauseStep) => void;
  /** Opens or closes a message; always the same function, since a row keeps the first that it was given. */
  readonly toggle: (serial: number) => void;
  /** The button. */
  readonly press: () => void;
}

/** A pause is from what was drawn last, not from what has come since: so nothing moves under the pointer. */
export function usePause(model: HubModel): PauseOfList {
  const [pause, step] = useReducer(nextPause, RUNNING);
  const drawnTotal = useRef(0);
  drawnTotal.current = model.log.total;
  const toggle = useCallback(
    (serial: number) => step({ kind: "message", serial, point: pointOf(model, drawnTotal.current) }),
    [model],
  );
  const press = useCallback(
    () => step({ kind: "button", point: pointOf(model, drawnTotal.current) }),
    [model],
  );
  return { pause, step, toggle, press };
}

function pointOf({ log }: HubModel, total: number): PausePoint {
  return { total, log: log.copy() };
}
