import { useCallback, useReducer, useRef } from "preact/hooks";
import type { HubModel } from "../model/hub-model.ts";
import { nextPause, type Pause, type PausePoint, type PauseStep, RUNNING } from "../model/pause.ts";

export interface PauseOfList {
  readonly pause: Pause;
  readonly step: (step: PauseStep) => void;
  /** Opens or closes a message. Always the same function, because a row keeps the first one that it gets. */
  readonly toggle: (serial: number) => void;
  /** Handles a click on the Pause button. */
  readonly press: () => void;
}

/** A pause starts at the last rendered message, not at the last received one, so that nothing moves under the pointer. */
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
