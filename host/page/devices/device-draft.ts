/** The form fields of a device, and the requests that they become. */
import type {
  DeviceChange,
  DeviceRecord,
  DeviceSettings,
  NewDevice,
  TopicRule,
} from "../../control/hub-devices.ts";

export interface RuleDraft {
  readonly policy: "all" | TopicRule["policy"];
  /** One topic filter per line. */
  readonly topics: string;
}

export interface DeviceDraft {
  readonly name: string;
  /** Empty for a new random ID. */
  readonly id: string;
  readonly password: boolean;
  readonly certificate: boolean;
  readonly allowsInsecure: boolean;
  readonly allowsMultiple: boolean;
  readonly publish: RuleDraft;
  readonly subscribe: RuleDraft;
}

/** The fields of a new device. It has a password by default, because its ID appears in its topics. */
export function blankDraft(id: string): DeviceDraft {
  return {
    name: "",
    id,
    password: true,
    certificate: false,
    allowsInsecure: true,
    allowsMultiple: false,
    publish: ALL_TOPICS,
    subscribe: ALL_TOPICS,
  };
}

export function draftOf(device: DeviceRecord): DeviceDraft {
  return {
    ...blankDraft(device.id),
    name: device.name,
    allowsInsecure: device.allowsInsecure,
    allowsMultiple: device.allowsMultiple,
    publish: ruleDraftOf(device.publish),
    subscribe: ruleDraftOf(device.subscribe),
  };
}

export function newDeviceOf(draft: DeviceDraft): NewDevice {
  const id = draft.id.trim();
  const { password, certificate } = draft;
  return { name: draft.name.trim(), ...(id !== "" && { id }), password, certificate, ...settingsOf(draft) };
}

/** A change of the permissions. Name, ID and credentials stay as they are. */
export function changeOf(device: DeviceRecord, draft: DeviceDraft): DeviceChange {
  return { device: device.id, clearFilters: true, ...settingsOf(draft) };
}

function settingsOf({ allowsInsecure, allowsMultiple, publish, subscribe }: DeviceDraft): DeviceSettings {
  return {
    insecure: allowsInsecure ? "allow" : "deny",
    multiple: allowsMultiple ? "allow" : "deny",
    ...(publish.policy === "accept" && { publishAccept: linesOf(publish.topics) }),
    ...(publish.policy === "reject" && { publishReject: linesOf(publish.topics) }),
    ...(subscribe.policy === "accept" && { subscribeAccept: linesOf(subscribe.topics) }),
    ...(subscribe.policy === "reject" && { subscribeReject: linesOf(subscribe.topics) }),
  };
}

const ALL_TOPICS: RuleDraft = { policy: "all", topics: "" };

function ruleDraftOf(rule: TopicRule | undefined): RuleDraft {
  return rule ? { policy: rule.policy, topics: rule.topics.join("\n") } : ALL_TOPICS;
}

/** Keeps spaces, because topics may contain them. */
function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}
