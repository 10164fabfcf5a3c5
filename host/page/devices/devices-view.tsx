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

/** The hub's devices with their permissions and traffic, and the clients that are not registered. */
export function DevicesView({ control }: { control: ControlClient }) {
  if (control.hasToken) return <HubDevicesView control={control} />;
  return (
    <main class="columns devices-view">
      <section class="panel">
        <p class="empty">
          This page was not opened with the link that the hub printed. Open that link to see the devices.
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

  const onDone = async (text: string, issued?: IssuedDevice): Promise<void> => {
    await reload();
    setOutcome(text);
    const isSecret = issued && Object.keys(issued.secrets).length > 0;
    setOpen(isSecret ? { kind: "secrets", issued } : undefined);
  };
  const setEnabled = async (device: DeviceRecord, isEnabled: boolean): Promise<void> => {
    const { name } = await control.changeDevice({ device: device.id, isEnabled });
    await reload();
    setOutcome(`${name} was ${isEnabled ? "enabled" : "disabled"}`);
  };
  const handlers: RowHandlers = {
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
        handlers={handlers}
        emptyText={emptyText(hub !== undefined, keepsDevices)}
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
        title="Unregistered clients"
        rows={rows.unregistered}
        areDevices={false}
        choice={choice}
        handlers={handlers}
        emptyText={emptyUnregisteredText(metrics && hub?.profile)}
      />
      {rows.pageConnections > 0 && (
        <p class="quiet">
          {rows.pageConnections === 1
            ? "The lists do not contain one connection of the hub's own page."
            : `The lists do not contain ${rows.pageConnections} connections of the hub's own page.`}
        </p>
      )}
      {open && (
        <DeviceDialogs open={open} control={control} onDone={onDone} onClose={() => setOpen(undefined)} />
      )}
    </main>
  );
}

/** The open dialog. If the button that opened it no longer exists when it closes, the focus moves to the search field. */
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

function emptyUnregisteredText(profile: HubDevices["profile"] | undefined): string {
  if (profile === undefined) return "Loading…";
  return profile === "open"
    ? "No unregistered client has connected. This hub admits them, because its profile is open."
    : "No unregistered client has tried to connect.";
}

function emptyText(isAnswered: boolean, keepsDevices: boolean): string {
  if (!isAnswered) return "Loading…";
  if (keepsDevices) return "No devices yet. Add one here, or with: motekit hub device add NAME";
  return "This hub does not store devices. Start it with motekit hub, which stores them in .motekit/hub in the project.";
}
