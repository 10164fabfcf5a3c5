/**
 * What a link to the page restores: its view, what is subscribed to and filtered. It stands behind the # of the address, where
 * no server sees it.
 */

import type { Qos } from "../../mqtt/packet-types.ts";
import type { SubscriptionRequest } from "../../mqtt/packets.ts";
import { brokenTopicFilterRule } from "../../mqtt/topics.ts";
import { SUBSCRIPTIONS_MAX } from "./subscriptions.ts";

/** In the order in which they are offered. */
export const VIEWS = ["messages", "devices", "wire", "simulated", "board"] as const;
export type View = (typeof VIEWS)[number];

export interface ViewState {
  readonly view: View;
  /** Undefined: all topics. */
  readonly subscriptions: readonly SubscriptionRequest[] | undefined;
  /** Of the messages' text. */
  readonly filter: string;
  /** The topic that is looked at. */
  readonly topic: string | undefined;
  /** The ID of a device in whose place the page connects. */
  readonly as: string | undefined;
  /** Whose frames the wire's view shows, and which packets; empty: all. */
  readonly client: string;
  readonly packet: string;
  /** The plots, as `plots/plot-choice.ts` writes them. */
  readonly plots: string;
}

export const ALL_TOPICS: readonly SubscriptionRequest[] = [
  // QoS 2, so that each message comes with the QoS of its publisher.
  { topicFilter: "#", qos: 2 },
];

/** What cannot be is left out: a link comes from anywhere. */
export function readViewState(hash: string): ViewState {
  const found = new URLSearchParams(hash.replace(/^#/, ""));
  const named = found.get("view");
  const subscriptions = found.getAll("sub").flatMap(readSubscription).slice(0, SUBSCRIPTIONS_MAX);
  return {
    view: VIEWS.find((view) => view === named) ?? "messages",
    subscriptions: subscriptions.length > 0 ? subscriptions : undefined,
    filter: found.get("filter") ?? "",
    topic: found.get("topic") ?? undefined,
    as: found.get("as") ?? undefined,
    client: found.get("client") ?? "",
    packet: found.get("packet") ?? "",
    plots: found.get("plots") ?? "",
  };
}

/** `#` and what `readViewState` reads. */
export function writeViewState(state: ViewState): string {
  const { view, subscriptions, filter, topic, as, client, packet, plots } = state;
  const written = new URLSearchParams();
  if (view !== "messages") written.set("view", view);
  for (const { topicFilter, qos } of subscriptions ?? []) written.append("sub", `${qos}${topicFilter}`);
  if (filter !== "") written.set("filter", filter);
  if (topic !== undefined) written.set("topic", topic);
  if (as !== undefined) written.set("as", as);
  if (client !== "") written.set("client", client);
  if (packet !== "") written.set("packet", packet);
  if (plots !== "") written.set("plots", plots);
  return `#${written}`;
}

function readSubscription(text: string): SubscriptionRequest[] {
  const qos = "012".indexOf(text.charAt(0));
  const topicFilter = text.slice(1);
  return text === "" || qos < 0 || brokenTopicFilterRule(topicFilter) !== undefined
    ? []
    : [{ topicFilter, qos: qos as Qos }];
}
