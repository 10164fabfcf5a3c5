/** The lines of the Devices view: the devices that a hub knows and the clients that it counted, joined, found and sorted. */
import type { DeviceRecord } from "../../control/hub-devices.ts";
import type { ClientMetrics } from "../../control/hub-metrics.ts";

/** `refused`: the last thing that it tried was to connect, in vain. */
export type RowStatus = "connected" | "refused" | "disabled" | "away" | "never";

/** In the order in which they are offered and sorted: first what wants a look. */
export const ROW_STATUSES = ["refused", "connected", "away", "never", "disabled"] as const;

export interface DeviceRow {
  /** The device's ID, or a stranger's client identifier. */
  readonly id: string;
  /** The same as `id` for a stranger. */
  readonly name: string;
  readonly status: RowStatus;
  /** Undefined for a stranger. */
  readonly device: DeviceRecord | undefined;
  /** Undefined for who was not seen since the hub started. */
  readonly client: ClientMetrics | undefined;
}

export interface HubRows {
  readonly devices: readonly DeviceRow[];
  /** Clients that are no devices. */
  readonly strangers: readonly DeviceRow[];
  /** How many connections are of the hub's page. */
  readonly pageConnections: number;
}

/** Each client belongs to one line; a device's identifier may have been written in capitals. */
export function rowsOf(devices: readonly DeviceRecord[], clients: readonly ClientMetrics[]): HubRows {
  const known = new Set(devices.map(({ id }) => id));
  const byDevice = new Map<string, ClientMetrics>();
  const strangers: DeviceRow[] = [];
  let pageConnections = 0;
  for (const client of clients) {
    const id = client.clientId.toLowerCase();
    if (client.isOwner) {
      if (client.isConnected) pageConnections++;
    } else if (known.has(id) && (client.clientId === id || !byDevice.has(id))) byDevice.set(id, client);
    else if (!known.has(id)) strangers.push(strangerRow(client));
  }
  return {
    devices: devices.map((device) => deviceRow(device, byDevice.get(device.id))),
    strangers,
    pageConnections,
  };
}

function deviceRow(device: DeviceRecord, client: ClientMetrics | undefined): DeviceRow {
  const status = device.isEnabled ? statusOf(client) : "disabled";
  return { id: device.id, name: device.name, status, device, client };
}

function strangerRow(client: ClientMetrics): DeviceRow {
  const { clientId } = client;
  return { id: clientId, name: clientId, status: statusOf(client), device: undefined, client };
}

function statusOf(client: ClientMetrics | undefined): RowStatus {
  if (!client) return "never";
  if (client.isConnected) return "connected";
  const { lastRefusal, endedMs = 0 } = client;
  if (lastRefusal?.packet === "connect" && lastRefusal.atMs >= endedMs) return "refused";
  return client.connects > 0 ? "away" : "never";
}

export interface RowQuery {
  /** Part of a name or ID, in small or capital letters. */
  readonly text: string;
  readonly status: RowStatus | "all";
}

export function findRows(rows: readonly DeviceRow[], { text, status }: RowQuery): readonly DeviceRow[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (status === "all" || row.status === status) &&
      (row.name.toLowerCase().includes(wanted) || row.id.toLowerCase().includes(wanted)),
  );
}

export type RowOrder = "name" | "status" | "lastSeen" | "messages";

const names = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** What is alike goes by name, and what has one name by ID, so that lines do not jump. */
export function sortRows(rows: readonly DeviceRow[], order: RowOrder): readonly DeviceRow[] {
  const rank = RANKS[order];
  return rows
    .map((row) => ({ row, rank: rank(row) }))
    .sort(
      (one, other) =>
        one.rank - other.rank ||
        names.compare(one.row.name, other.row.name) ||
        (one.row.id < other.row.id ? -1 : 1),
    )
    .map(({ row }) => row);
}

/** The order of before; what was not there comes last. */
export function keepOrder(rows: readonly DeviceRow[], before: readonly DeviceRow[]): readonly DeviceRow[] {
  const places = new Map(before.map(({ id }, index) => [id, index]));
  const placeOf = ({ id }: DeviceRow): number => places.get(id) ?? places.size;
  return [...rows].sort((one, other) => placeOf(one) - placeOf(other));
}

/** The lowest comes first. */
const RANKS: Readonly<Record<RowOrder, (row: DeviceRow) => number>> = {
  name: () => 0,
  status: ({ status }) => ROW_STATUSES.indexOf(status),
  lastSeen: ({ client }) => -lastSeenMs(client),
  messages: ({ client }) => -(client ? client.messagesIn + client.messagesOut : 0),
};

function lastSeenMs(client: ClientMetrics | undefined): number {
  if (client?.isConnected) return Number.MAX_SAFE_INTEGER;
  return Math.max(client?.endedMs ?? 0, client?.lastRefusal?.atMs ?? 0);
}
