/** The permissions of a device as text. */
import type { DeviceRecord, TopicRule } from "../../control/hub-devices.ts";

/** The lines are: authentication, number of connections, and topics to publish and subscribe to. */
export function policyText(device: DeviceRecord): readonly string[] {
  const { publish, subscribe } = device;
  return [
    authenticationText(device),
    device.allowsMultiple ? "Several connections at the same time" : "One connection at a time",
    ...(allowsAllTopics(publish) && allowsAllTopics(subscribe)
      ? ["Publishes and subscribes to all topics"]
      : [
          ruleText(publish, "Publishes to", "Publishes nothing"),
          ruleText(subscribe, "Subscribes to", "Subscribes to nothing"),
        ]),
  ];
}

function authenticationText({ allowsInsecure, hasPassword, certificate }: DeviceRecord): string {
  if (!allowsInsecure) {
    return certificate === undefined
      ? "Mutual TLS only, but the device has no certificate and cannot connect"
      : "Certificate (mutual TLS only)";
  }
  const alternative = hasPassword ? "Password" : "ID only (no password)";
  return certificate === undefined
    ? alternative
    : `Certificate, or ${hasPassword ? "password" : "ID only"} without mutual TLS`;
}

function allowsAllTopics(rule: TopicRule | undefined): boolean {
  return !rule || (rule.policy === "reject" && rule.topics.length === 0);
}

function ruleText(rule: TopicRule | undefined, verb: string, nothing: string): string {
  if (!rule || allowsAllTopics(rule)) return `${verb} all topics`;
  if (rule.topics.length === 0) return nothing;
  const topics = rule.topics.join(", ");
  return rule.policy === "accept" ? `${verb} ${topics} only` : `${verb} all topics except ${topics}`;
}
