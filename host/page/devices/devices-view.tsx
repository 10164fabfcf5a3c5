import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { DeviceRecord, HubDevices, IssuedDevice } from "../../control/hub-devices.ts";
import type { ClientMetrics } from "../../control/hub-metrics.ts";
import type { ControlClient } from "../connection/control-client.ts";
import { useMetrics } from "../controls/use-metrics.ts";
import { DeviceDialogs, type OpenDialog } from "./device-dialogs.tsx";
import { rowsOf } from "./device-rows.ts";
import { ProblemText } from "./problem-text.tsx";
import type { RowHandlers } from "./row-actions.tsx";
import { RowPanel } from "./row-panel.tsx";
import { type RowChoice, RowTools } from "./row-tools.tsx";
import { useDevices } from "./use-devices.ts";

const NO_DEVICES: readonly DeviceRecord[] = [];
const NO_CLIENTS: readonly ClientMetrics[] = [];

/** The devices that the hub knows, what they may and what they did, and the clients that are none. */
export function DevicesView({ control }: { control: ControlClient }) {
  if (control.hasToken) return <HubDevicesView control={control} />;
  return (
    <main class="columns devices-view">
      <section class="panel">
        <p class="empty">
          The hub shows its devices to whoever opens this page by the link that it printed when it started.
        </p>
      </section>
    </main>
  );
}

function HubDevicesView({ control }: { control: ControlClient }) {
  const metrics = useMetrics(control);
  const { hub, problem, reload } = useDevices(control, metrics?.deviceRevision);
  const { open, setOpen, search } = useDialog();
  const [outcome, setOutcome] = useState("");
  const [choice, setChoice] = useState<RowChoice>({ text: "", status: "all", order: "name" });
  const devices = hub?.devices ?? NO_DEVICES;
  const clients = metrics?.clients ?? NO_CLIENTS;
  const rows = useMemo(() => rowsOf(devices, clients), [devices, clients]);
  const keepsDevices = hub?.devices !== undefined;

  const onDone = async (words: string, issued?: IssuedDevice): Promise<void> => {
    await reload();
    setOutcome(words);
    const isSecret = issued && Object.keys(issued.secrets).length > 0;
    setOpen(isSecret ? { kind: "secrets", issued } : undefined);
  };
  const setEnabled = async (device: DeviceRecord, isEnabled: boolean): Promise<void> => {
    const { name } = await control.changeDevice({ device: device.id, isEnabled });
    await reload();
    setOutcome(`${name} was ${isEnabled ? "enabled" : "disabled"}`);
  };
  const deeds: RowHandlers = {
    onOpen: setOpen,
    setEnabled: keepsDevices ? setEnabled : undefined,
    onOutcome: setOutcome,
  };

  return (
    <main class="columns devices-view">
      <ProblemText error={problem} />
      <RowPanel
        title="Devices"
        rows={rows.devices}
        areDevices
        choice={choice}
        deeds={deeds}
        empty={emptyWords(hub !== undefined, keepsDevices)}
        tools={
          <>
            <RowTools choice={choice} onChange={setChoice} search={search} />
            {keepsDevices && (
              <button type="button" class="button primary" onClick={() => setOpen({ kind: "add", id: "" })}>
                Add device
              </button>
            )}
          </>
        }
      />
      <p class="outcome devices-outcome" role="status">
        {outcome}
      </p>
      <RowPanel
        title="Not registered"
        rows={rows.strangers}
        areDevices={false}
        choice={choice}
        deeds={deeds}
        empty={strangerWords(metrics && hub?.profile)}
      />
      {rows.pageConnections > 0 && (
        <p class="quiet">
          {rows.pageConnections === 1 ? "One connection is" : `${rows.pageConnections} connections are`} of
          the hub's own page, and in no list.
        </p>
      )}
      {open && (
        <DeviceDialogs open={open} control={control} onDone={onDone} onClose={() => setOpen(undefined)} />
      )}
    </main>
  );
}

/** The dialog that is open. Where what opened it is gone when it closes, the focus goes to the search. */
function useDialog() {
  const [open, setOpen] = useState<OpenDialog>();
  const search = useRef<HTMLInputElement>(null);
  const wasOpen = useRef(false);
  useLayoutEffect(() => {
    if (wasOpen.current && !open && document.activeElement === document.body) search.current?.focus();
    wasOpen.current = open !== undefined;
  }, [open]);
  return { open, setOpen, search };
}

function strangerWords(profile: HubDevices["profile"] | undefined): string {
  if (profile === undefined) return "Asking the hub…";
  return profile === "open"
    ? "No client that is no device has connected. This hub lets them in: its profile is open."
    : "No client that is no device has tried to connect.";
}

function emptyWords(isAnswered: boolean, keepsDevices: boolean): string {
  if (!isAnswered) return "Asking the hub…";
  if (keepsDevices) return "No device yet. Add one here, or by: motekit hub device add NAME";
  return "This hub keeps no devices. Start it by motekit hub: it keeps them in .motekit/hub of the project.";
}
