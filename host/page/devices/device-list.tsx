import type { HubMetrics } from "../../control/hub-metrics.ts";
import type { Publication } from "../hub-connection.ts";
import type { PlotChoice } from "../plots/plot-choice.ts";
import { useNow } from "../use-model.ts";
import { DeviceCard } from "./device-card.tsx";
import type { Device } from "./known-devices.ts";
import { RefusalList } from "./refusal-list.tsx";

export interface DeviceListProps {
  readonly devices: readonly Device[];
  readonly connected: boolean;
  readonly publish: (publication: Publication) => Promise<void>;
  readonly plots: PlotChoice;
  readonly metrics: HubMetrics | undefined;
}

export function DeviceList(props: DeviceListProps) {
  const nowMs = useNow();
  const { devices, metrics, ...shared } = props;
  const clients = metrics?.clients ?? [];
  const online = devices.filter((device) => device.status === "online").length;
  return (
    <section class="panel" aria-labelledby="devices-title">
      <div class="panel-head">
        <h2 id="devices-title">Devices</h2>
        {devices.length > 0 && (
          <span class="quiet">
            {online} of {devices.length} online
          </span>
        )}
      </div>
      {devices.length === 0 ? (
        <p class="empty">
          No device yet. One appears here when it publishes below <code>devices/…</code>
        </p>
      ) : (
        <ul class="devices">
          {devices.map((device) => (
            <DeviceCard
              key={device.id}
              device={device}
              nowMs={nowMs}
              metrics={clients.find(({ clientId }) => clientId === device.id)}
              {...shared}
            />
          ))}
        </ul>
      )}
      <RefusalList clients={clients} nowMs={nowMs} />
    </section>
  );
}
