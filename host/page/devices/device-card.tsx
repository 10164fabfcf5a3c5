import { DEFAULT_TOPIC_PREFIX, deviceTopic } from "../../../firmware/contract/topics.ts";
import type { ClientMetrics } from "../../control/hub-metrics.ts";
import type { Publication } from "../connection/hub-connection.ts";
import { formatAgo } from "../controls/format.ts";
import type { Device, DeviceStatus } from "../model/known-devices.ts";
import type { PlotChoice } from "../model/series/plot-choice.ts";
import { seriesId } from "../model/series/series.ts";
import { numericFields, type Payload, payloadLine } from "../model/text/payload.ts";
import { visibleText } from "../model/text/visible-text.ts";
import { PlotChip } from "../plots/plot-chip.tsx";
import { LedSwitch } from "./led-switch.tsx";

const TEXT_CHARACTERS_MAX = 200;

const STATUS_LABELS: Record<DeviceStatus, string> = {
  online: "Online",
  offline: "Offline",
  unknown: "Unknown",
};

/** Labels for a status that was received before the connection ended. */
const PAST_STATUS_LABELS: Record<DeviceStatus, string> = {
  ...STATUS_LABELS,
  online: "Was online",
  offline: "Was offline",
};

export interface DeviceCardProps {
  readonly device: Device;
  readonly nowMs: number;
  readonly connected: boolean;
  readonly publish: (publication: Publication) => Promise<void>;
  readonly plots: PlotChoice;
  /** The hub's counters for the client with this ID, or undefined if they are not known. */
  readonly metrics: ClientMetrics | undefined;
}

export function DeviceCard(props: DeviceCardProps) {
  const { device, nowMs, plots, metrics } = props;
  return (
    <li class="device" data-device={device.id}>
      <div class="device-head">
        <h3 class="device-id">{visibleText(device.id)}</h3>
        <span class={`status status-${device.isStatusSure ? device.status : "unknown"}`}>
          <span class="dot" aria-hidden="true" />
          <span>{(device.isStatusSure ? STATUS_LABELS : PAST_STATUS_LABELS)[device.status]}</span>
        </span>
      </div>
      <p class="device-seen">
        {device.lastSeenMs > 0
          ? `Last message ${formatAgo(device.lastSeenMs, nowMs)}`
          : "No message since this page was opened"}
      </p>
      {metrics && (
        <p class="device-seen">
          {metrics.messagesIn} messages from the device, {metrics.messagesOut} to it; connected{" "}
          {metrics.connects} {metrics.connects === 1 ? "time" : "times"}
        </p>
      )}
      {device.telemetry.size > 0 && (
        <dl class="telemetry">
          {[...device.telemetry].map(([name, payload]) => (
            <TelemetryRow key={name} deviceId={device.id} name={name} payload={payload} plots={plots} />
          ))}
        </dl>
      )}
      <LedSwitch device={device} connected={props.connected} publish={props.publish} />
    </li>
  );
}

function TelemetryRow(props: { deviceId: string; name: string; payload: Payload; plots: PlotChoice }) {
  const { name, payload, plots } = props;
  const topic = deviceTopic(DEFAULT_TOPIC_PREFIX, props.deviceId, "telemetry", name);
  const fields = numericFields(payload);
  return (
    <div class="telemetry-row">
      <dt>{visibleText(name)}</dt>
      <dd>
        {fields.length === 0 && (
          <span class="telemetry-text">{payloadLine(payload, TEXT_CHARACTERS_MAX)}</span>
        )}
        {fields.map(({ path, value }) => (
          <PlotChip key={path} id={seriesId(topic, path)} label={path} value={value} plots={plots} />
        ))}
      </dd>
    </div>
  );
}
