/** The rows of the Devices view: the hub's devices joined with its client metrics, searched and sorted. */
import type { DeviceRecord } from "../../control/hub-devices.ts";
import type { ClientMetrics } from "../../control/hub-metrics.ts";

/** `refused` means that the hub refused the client's last attempt to connect. */
export type RowStatus = "connected" | "refused" | "disabled" | "disconnected" | "never";

/** In the order of the menu and of sorting by status: problems come first. */
export const ROW_STATUSES = ["refused", "connected", "disconnected", "never", "disabled"] as const;

export interface DeviceRow {
  /** The device's ID, or the client identifier of an unregistered client. */
  readonly id: string;
  /** The same as `id` for an unregistered client. */
  readonly name: string;
  readonly status: RowStatus;
  /** Undefined for an unregistered client. */
  readonly device: DeviceRecord | undefined;
  /** Undefined for a device that has not connected since the hub started. */
  readonly client: ClientMetrics | undefined;
}

export interface HubRows {
  readonly devices: readonly DeviceRow[];
  /** Clients that are not registered devices. */
  readonly unregistered: readonly DeviceRow[];
  /** The number of connections of the hub's page. */
  readonly pageConnections: number;
}

/** Each client belongs to one row. A client may write its device's ID in capital letters. */
export function rowsOf(devices: readonly DeviceRecord[], clients: readonly ClientMetrics[]): HubRows {
  const known = new Set(devices.map(({ id }) => id));
  const byDevice = new Map<string, ClientMetrics>();
  const unregistered: DeviceRow[] = [];
  let pageConnections = 0;
  for (const client of clients) {
    const id = client.clientId.toLowerCase();
    if (client.isOwner) {
      if (client.isConnected) pageConnections++;
    } else if (known.has(id) && (client.clientId === id || !byDevice.has(id))) byDevice.set(id, client);
    else if (!known.has(id)) unregistered.push(unregisteredRow(client));
  }
  return {
    devices: devices.map((device) => deviceRow(device, byDevice.get(device.id))),
    unregistered,
    pageConnections,
  };
}

function deviceRow(device: DeviceRecord, client: ClientMetrics | undefined): DeviceRow {
  const status = device.isEnabled ? statusOf(client) : "disabled";
  return { id: device.id, name: device.name, status, device, client };
}

function unregisteredRow(client: ClientMetrics): DeviceRow {
  const { clientId } = client;
  return { id: clientId, name: clientId, status: statusOf(client), device: undefined, client };
}

function statusOf(client: ClientMetrics | undefined): RowStatus {
  if (!client) return "never";
  if (client.isConnected) return "connected";
  const { lastRefusal, endedMs = 0 } = client;
  if (lastRefusal?.packet === "connect" && lastRefusal.atMs >= endedMs) return "refused";
  return client.connects > 0 ? "disconnected" : "never";
}

export interface RowQuery {
  /** A part of a name or ID, case-insensitive. */
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

/** Equal rows are sorted by name and then by ID, so that rows do not jump. */
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

/** Keeps the previous order. New rows come last. */
export function keepOrder(rows: readonly DeviceRow[], previous: readonly DeviceRow[]): readonly DeviceRow[] {
  const places = new Map(previous.map(({ id }, index) => [id, index]));
  const placeOf = ({ id }: DeviceRow): number => places.get(id) ?? places.size;
  return [...rows].sort((one, other) => placeOf(one) - placeOf(other));
}

/** Sort keys. The lowest comes first. */
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
