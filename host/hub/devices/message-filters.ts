/** Whether a device's message filters let a topic pass. Undefined: they do; else the rule that forbids it. */
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

/** A subscription passes only where all that it may bring does. */
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
    // A function, so that a "$&" of a name stays what it is.
    Object.entries(TEMPLATES).reduce(
      (rest, [template, key]) => rest.replaceAll(template, () => device[key]),
      topic,
    ),
  );
}

function listOf(device: Device, filter: MessageFilter): string {
  return filter.topics.length === 0 ? "nothing" : topicsOf(device, filter).join(", ");
}
