/**
 * The topics that devices and hub agree on, and the only place that spells them:
 *
 *     <prefix>/<device>/status              retained; "online", or "offline" by will
 *     <prefix>/<device>/telemetry/<name>    measured values
 *     <prefix>/<device>/command/<name>      to the device
 *     <prefix>/<device>/event/<name>        what happened: acknowledgements of commands, errors, boot
 */
export type TopicKind = "status" | "telemetry" | "command" | "event";

export interface DeviceTopic {
  readonly deviceId: string;
  readonly kind: TopicKind;
  /** Empty for `status`, which has no name. */
  readonly name: string;
}

export const DEFAULT_TOPIC_PREFIX = "devices";
export const STATUS_ONLINE = "online";
export const STATUS_OFFLINE = "offline";

export function deviceTopic(prefix: string, deviceId: string, kind: TopicKind, name?: string): string {
  const topic = prefix + "/" + deviceId + "/" + kind;
  return name ? topic + "/" + name : topic;
}

/** Undefined where the topic is not one of the four kinds below the prefix. A name may contain slashes. */
export function parseDeviceTopic(prefix: string, topic: string): DeviceTopic | undefined {
  if (!topic.startsWith(prefix + "/")) return undefined;
  const levels = topic.substring(prefix.length + 1).split("/");
  const deviceId = levels[0];
  const kind = levels[1];
  const name = levels.slice(2).join("/");
  if (!deviceId) return undefined;
  if (kind === "status") return levels.length === 2 ? { deviceId, kind, name } : undefined;
  if (kind !== "telemetry" && kind !== "command" && kind !== "event") return undefined;
  return name ? { deviceId, kind, name } : undefined;
}
