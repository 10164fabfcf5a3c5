import { useMemo, useState } from "preact/hooks";
import type { ClientMetrics, HubMetrics } from "../../control/hub-metrics.ts";
import type { Publication } from "../connection/hub-connection.ts";
import { useNow } from "../controls/use-model.ts";
import type { Device } from "../model/known-devices.ts";
import type { PlotChoice } from "../model/series/plot-choice.ts";
import { DeviceCard } from "./device-card.tsx";
import { RefusalList } from "./refusal-list.tsx";

/** More cards render too slowly. The user finds the others with the search. */
const SHOWN_MAX = 50;
const NO_CLIENTS: readonly ClientMetrics[] = [];

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
  const clients = metrics?.clients ?? NO_CLIENTS;
  const byId = useMemo(() => new Map(clients.map((client) => [client.clientId, client])), [clients]);
  const [query, setQuery] = useState("");
  const isSearched = devices.length > SHOWN_MAX;
  const part = query.trim().toLowerCase();
  const found = isSearched ? devices.filter(({ id }) => id.toLowerCase().includes(part)) : devices;
  const online = devices.filter(
    ({ status, isStatusSure }) => status === "online" && (isStatusSure || !shared.connected),
  ).length;
  return (
    <section class="panel" aria-labelledby="devices-title">
      <div class="panel-head">
        <h2 id="devices-title">Devices</h2>
        {devices.length > 0 && (
          <span class="quiet">
            {online} of {devices.length} {shared.connected ? "online" : "were online"}
          </span>
        )}
      </div>
      {isSearched && (
        <div class="devices-find">
          <input
            type="search"
            class="filter"
            aria-label="Find devices by ID"
            placeholder="ID"
            value={query}
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
          <span class="quiet" role="status">
            {Math.min(found.length, SHOWN_MAX)} of {found.length} shown
          </span>
        </div>
      )}
      {devices.length === 0 ? (
        <p class="empty">
          No devices yet. A device appears here when it publishes to a topic below <code>devices/</code>.
        </p>
      ) : (
        <ul class="devices">
          {found.slice(0, SHOWN_MAX).map((device) => (
            <DeviceCard
              key={device.id}
              device={device}
              nowMs={nowMs}
              metrics={byId.get(device.id)}
              {...shared}
            />
          ))}
        </ul>
      )}
      <RefusalList clients={clients} nowMs={nowMs} />
    </section>
  );
}
