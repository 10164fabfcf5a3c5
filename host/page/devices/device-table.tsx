/** A table of devices, or of unregistered clients. On a narrow page each row is a card. */
import type { DeviceRecord } from "../../control/hub-devices.ts";
import type { ClientMetrics, LinkKind } from "../../control/hub-metrics.ts";
import { formatAgo, formatBytes } from "../controls/format.ts";
import { visibleText } from "../model/text/visible-text.ts";
import { CopyButton } from "./copy-button.tsx";
import type { DeviceRow, RowStatus } from "./device-rows.ts";
import { policyText } from "./policy-text.ts";
import { RowActions, type RowHandlers } from "./row-actions.tsx";

export const STATUS_LABELS: Readonly<Record<RowStatus, string>> = {
  connected: "Connected",
  refused: "Refused",
  disconnected: "Disconnected",
  never: "Never connected",
  disabled: "Disabled",
};

const LINK_LABELS: Readonly<Record<LinkKind, string>> = {
  tcp: "TCP",
  tls: "TLS",
  websocket: "WebSocket",
  "secure websocket": "secure WebSocket",
};

export interface DeviceTableProps {
  readonly rows: readonly DeviceRow[];
  /** The caption for screen readers. */
  readonly caption: string;
  /** True for devices, which have permissions. */
  readonly areDevices: boolean;
  readonly nowMs: number;
  readonly handlers: RowHandlers;
}

export function DeviceTable({ rows, caption, areDevices, nowMs, handlers }: DeviceTableProps) {
  return (
    <table class="device-table">
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col" class="col-name">
            {areDevices ? "Device" : "Client"}
          </th>
          <th scope="col" class="col-status">
            Status
          </th>
          <th scope="col" class="col-traffic">
            Traffic
          </th>
          {areDevices && (
            <th scope="col" class="col-policy">
              Permissions
            </th>
          )}
          <th scope="col" class="col-refusal">
            Last refusal
          </th>
          <th scope="col" class="col-actions">
            <span class="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} data-row={row.id} data-status={row.status}>
            <NameCell row={row} handlers={handlers} />
            <StatusCell row={row} nowMs={nowMs} />
            <TrafficCell client={row.client} />
            {areDevices && <PolicyCell device={row.device} />}
            <RefusalCell client={row.client} nowMs={nowMs} />
            <td class="col-actions">
              <RowActions row={row} handlers={handlers} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NameCell({ row, handlers }: { row: DeviceRow; handlers: RowHandlers }) {
  return (
    <th scope="row" class="col-name row-name">
      {visibleText(row.name) || "(no identifier)"}
      {row.device && (
        <span class="row-id">
          <code>{row.id}</code>{" "}
          <CopyButton text={row.id} label={`ID of ${row.name}`} onOutcome={handlers.onOutcome} />
        </span>
      )}
    </th>
  );
}

function StatusCell({ row: { status, client }, nowMs }: { row: DeviceRow; nowMs: number }) {
  const link = client?.linkKind === undefined ? "" : `, by ${LINK_LABELS[client.linkKind]}`;
  return (
    <td data-label="Status" class="col-status">
      <span class={`row-status row-${status}`}>
        <span class="dot" aria-hidden="true" />
        {STATUS_LABELS[status]}
      </span>
      <span class="quiet row-detail">
        {timeText(status, client, nowMs)}
        {link}
      </span>
    </td>
  );
}

function timeText(status: RowStatus, client: ClientMetrics | undefined, nowMs: number): string {
  if (client?.isConnected && client.connectedMs !== undefined) {
    return formatAgo(client.connectedMs, nowMs);
  }
  if (status === "refused" && client?.lastRefusal) return formatAgo(client.lastRefusal.atMs, nowMs);
  if (client?.endedMs !== undefined) return `last seen ${formatAgo(client.endedMs, nowMs)}`;
  return status === "never" ? "since the hub started" : "not connected since the hub started";
}

function TrafficCell({ client }: { client: ClientMetrics | undefined }) {
  return (
    <td data-label="Traffic" class="col-traffic number">
      {client ? (
        <>
          <span class="row-detail">
            {client.messagesIn} in, {client.messagesOut} out
          </span>
          <span class="quiet row-detail">
            {formatBytes(client.bytesIn)} in, {formatBytes(client.bytesOut)} out
          </span>
          <span class="quiet row-detail">
            connected {client.connects} {client.connects === 1 ? "time" : "times"}
          </span>
        </>
      ) : (
        <span class="quiet">none</span>
      )}
    </td>
  );
}

function PolicyCell({ device }: { device: DeviceRecord | undefined }) {
  return (
    <td data-label="Permissions" class="col-policy">
      <ul class="policy">{device && policyText(device).map((text) => <li key={text}>{text}</li>)}</ul>
    </td>
  );
}

function RefusalCell({ client, nowMs }: { client: ClientMetrics | undefined; nowMs: number }) {
  const refusal = client?.lastRefusal;
  return (
    <td data-label="Last refusal" class={refusal ? "col-refusal" : "col-refusal col-empty"}>
      {client && refusal ? (
        <>
          <span class="row-rule">{refusal.rule}.</span> {refusal.remedy}
          <span class="quiet row-detail">
            {refusal.packet}, {formatAgo(refusal.atMs, nowMs)}; {client.refusals} refused, {client.denials}{" "}
            denied
          </span>
        </>
      ) : (
        <span class="quiet">none</span>
      )}
    </td>
  );
}
