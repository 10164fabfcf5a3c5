import { useCallback, useEffect, useState } from "preact/hooks";
import type { HubDevices } from "../../control/hub-devices.ts";
import type { ControlClient } from "../connection/control-client.ts";

export interface KnownDevices {
  /** Undefined until the hub has answered. */
  readonly hub: HubDevices | undefined;
  /** Why they cannot be asked for at the moment; `hub` is then what it was. */
  readonly problem: Error | undefined;
  /** Resolves when what is known is new, or why not. */
  reload(): Promise<void>;
}

/** The devices that the hub knows, asked for when the view is opened and whenever `revision` is another. */
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
