import { useCallback, useEffect, useState } from "preact/hooks";
import type { HubDevices } from "../../control/hub-devices.ts";
import type { ControlClient } from "../connection/control-client.ts";

export interface KnownDevices {
  /** Undefined until the hub has answered. */
  readonly hub: HubDevices | undefined;
  /** The error of the last request. `hub` then has the answer before it. */
  readonly problem: Error | undefined;
  /** Resolves when `hub` or `problem` is updated. */
  reload(): Promise<void>;
}

/** The hub's devices, requested when the view is opened and when `revision` changes. */
export function useDevices(control: ControlClient, revision: number | undefined): KnownDevices {
  const [hub, setHub] = useState<HubDevices>();
  const [problem, setProblem] = useState<Error>();
  const reload = useCallback(async (): Promise<void> => {
    if (!control.hasToken) return;
    try {
      setHub(await control.devices());
      setProblem(undefined);
    } catch (error) {
      setProblem(error as Error);
    }
  }, [control]);
  useEffect(() => void reload(), [reload, revision]);
  return { hub, problem, reload };
}
