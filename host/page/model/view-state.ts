/**
 * The state that a link to the page restores, such as view, subscriptions and filter. It is in the fragment of the address,
 * which browsers do not send to servers.
 */

import type { Qos } from "../../mqtt/packet-types.ts";
import type { SubscriptionRequest } from "../../mqtt/packets.ts";
import { brokenTopicFilterRule } from "../../mqtt/topics.ts";
import { SUBSCRIPTIONS_MAX } from "./subscriptions.ts";

/** In the order of the navigation. */
export const VIEWS = ["messages", "devices", "wire", "simulated", "board"] as const;
export type View = (typeof VIEWS)[number];

export interface ViewState {
  readonly view: View;
  /** Undefined for all topics. */
  readonly subscriptions: readonly SubscriptionRequest[] | undefined;
  /** The filter of the message list. */
  readonly filter: string;
  /** The selected topic. */
  readonly topic: string | undefined;
  /** The ID of the device as which the page connects. */
  readonly as: string | undefined;
  /** The client and the packet type that the Wire view shows. Empty for all. */
  readonly client: string;
  readonly packet: string;
  /** The plots, as `plots/plot-choice.ts` writes them. */
  readonly plots: string;
}

export const ALL_TOPICS: readonly SubscriptionRequest[] = [
  // QoS 2, so that each message comes with the QoS of its publisher.
  { topicFilter: "#", qos: 2 },
];

/** Ignores invalid parts, because anyone can write a link. */
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

/** The fragment for `readViewState`, with its `#`. */
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
