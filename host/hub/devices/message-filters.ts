/** Applies a device's message filters. Each function returns undefined if the topic is allowed, or the rule that forbids it. */
import { covers, matchesFilter, overlaps } from "../../mqtt/topic-matching.ts";
import { type Device, type MessageFilter, TEMPLATES } from "./device.ts";

export function forbidsPublish(device: Device, topicName: string): string | undefined {
  const { publish } = device;
  if (!publish) return undefined;
  const found = topicsOf(device, publish).find((topicFilter) => matchesFilter(topicFilter, topicName));
  if (publish.policy === "accept") {
    return found === undefined ? `its publish filter accepts only ${listOf(device, publish)}` : undefined;
  }
  return found === undefined ? undefined : `its publish filter rejects ${found}`;
}

/** A subscription is allowed only if every topic that it matches is allowed. */
export function forbidsSubscribe(device: Device, wanted: string): string | undefined {
  const { subscribe } = device;
  if (!subscribe) return undefined;
  if (subscribe.policy === "accept") {
    const isCovered = topicsOf(device, subscribe).some((topicFilter) => covers(topicFilter, wanted));
    return isCovered ? undefined : `its subscribe filter accepts only ${listOf(device, subscribe)}`;
  }
  const found = topicsOf(device, subscribe).find((topicFilter) => overlaps(topicFilter, wanted));
  return found === undefined ? undefined : `its subscribe filter rejects ${found}`;
}

function topicsOf(device: Device, filter: MessageFilter): string[] {
  return filter.topics.map((topic) =>
    // A function, so that "$&" in a name is not interpreted.
    Object.entries(TEMPLATES).reduce(
      (rest, [template, key]) => rest.replaceAll(template, () => device[key]),
      topic,
    ),
  );
}

function listOf(device: Device, filter: MessageFilter): string {
  return filter.topics.length === 0 ? "nothing" : topicsOf(device, filter).join(", ");
}
