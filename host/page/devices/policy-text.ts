/** What a device may, in words. */
import type { DeviceRecord, TopicRule } from "../../control/hub-devices.ts";

/** A sentence each: how it proves who it is, how often it may connect, what it may publish and subscribe to. */
export function policyText(device: DeviceRecord): readonly string[] {
  const { publish, subscribe } = device;
  return [
    proofWords(device),
    device.allowsMultiple ? "Several connections at once" : "One connection at a time",
    ...(hasNoBounds(publish) && hasNoBounds(subscribe)
      ? ["Publishes and subscribes to all topics"]
      : [
          ruleWords(publish, "Publishes to", "Publishes nothing"),
          ruleWords(subscribe, "Subscribes to", "Subscribes to nothing"),
        ]),
  ];
}

function proofWords({ allowsInsecure, hasPassword, certificate }: DeviceRecord): string {
  if (!allowsInsecure) {
    return certificate === undefined
      ? "Mutual TLS alone, but it has no certificate: it cannot connect"
      : "Certificate, by mutual TLS alone";
  }
  const otherwise = hasPassword ? "Password" : "Its ID is enough";
  return certificate === undefined
    ? otherwise
    : `Certificate; without one: ${otherwise.replace(/^./, (letter) => letter.toLowerCase())}`;
}

function hasNoBounds(rule: TopicRule | undefined): boolean {
  return !rule || (rule.policy === "reject" && rule.topics.length === 0);
}

function ruleWords(rule: TopicRule | undefined, verb: string, nothing: string): string {
  if (!rule || hasNoBounds(rule)) return `${verb} all topics`;
  if (rule.topics.length === 0) return nothing;
  const topics = rule.topics.join(", ");
  return rule.policy === "accept" ? `${verb} ${topics} only` : `${verb} all topics but ${topics}`;
}
