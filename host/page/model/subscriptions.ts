/** The subscriptions of one connection, each with a colour for its messages. */

import type { Qos } from "../../mqtt/packet-types.ts";
import { ruleText } from "../../mqtt/rules.ts";
import { matchesFilter } from "../../mqtt/topic-matching.ts";
import { brokenTopicFilterRule } from "../../mqtt/topics.ts";
import type { SubscriptionAnswer } from "../mqtt/subscriber.ts";

/** "ended": the hub ended connections because of this subscription. The page does not request it until the user adds it again. */
export type SubscriptionState = "asked" | "granted" | "refused" | "ended";

export interface Subscription {
  readonly topicFilter: string;
  /** The requested QoS. */
  readonly qos: Qos;
  /** From 1 to COLOURS. */
  readonly colour: number;
  readonly state: SubscriptionState;
  /** The QoS that the hub granted, which may be lower. */
  readonly grantedQos: Qos | undefined;
}

/** The number of colours in the style sheet: `--series-1` and so on. */
export const COLOURS = 6;
export const SUBSCRIPTIONS_MAX = 50;

export class Subscriptions {
  #all: readonly Subscription[] = [];

  get all(): readonly Subscription[] {
    return this.#all;
  }

  /** A subscription with the same topic filter replaces the existing one [MQTT-3.8.4-3]. */
  add(topicFilter: string, qos: Qos): void {
    const known = this.#all.find((each) => each.topicFilter === topicFilter);
    const colour = known?.colour ?? this.#freeColour();
    const added: Subscription = { topicFilter, qos, colour, state: "asked", grantedQos: undefined };
    this.#all = known
      ? this.#all.map((each) => (each === known ? added : each))
      : [...this.#all, added].slice(0, SUBSCRIPTIONS_MAX);
  }

  remove(topicFilter: string): void {
    this.#all = this.#all.filter((each) => each.topicFilter !== topicFilter);
  }

  /** Records the hub's answer. "refused" means SUBACK 0x80. */
  settle(topicFilter: string, answer: SubscriptionAnswer): void {
    const isGranted = typeof answer === "number";
    this.#change(topicFilter, {
      state: isGranted ? "granted" : answer,
      grantedQos: isGranted ? answer : undefined,
    });
  }

  /** Returns false if the subscription does not exist, or if the hub ended connections because of it. */
  mayRequest(topicFilter: string): boolean {
    return this.#all.some((each) => each.topicFilter === topicFilter && each.state !== "ended");
  }

  recolour(topicFilter: string): void {
    const known = this.#all.find((each) => each.topicFilter === topicFilter);
    if (known) this.#change(topicFilter, { colour: (known.colour % COLOURS) + 1 });
  }

  /** The connection has ended: the next one requests all subscriptions again. */
  requestAgain(): void {
    this.#all = this.#all.map((each) =>
      each.state === "ended" ? each : { ...each, state: "asked", grantedQos: undefined },
    );
  }

  /** The colour of the most specific subscription that matches the topic: without wildcards before with +, and # last. */
  colourOf(topic: string): number | undefined {
    let best: Subscription | undefined;
    for (const each of this.#all) {
      if (!matchesFilter(each.topicFilter, topic)) continue;
      if (!best || specificity(each.topicFilter) > specificity(best.topicFilter)) best = each;
    }
    return best?.colour;
  }

  #change(topicFilter: string, change: Partial<Subscription>): void {
    this.#all = this.#all.map((each) => (each.topicFilter === topicFilter ? { ...each, ...change } : each));
  }

  #freeColour(): number {
    const used = this.#all.map(({ colour }) => colour);
    for (let colour = 1; colour <= COLOURS; colour++) if (!used.includes(colour)) return colour;
    return (used.length % COLOURS) + 1;
  }
}

/** A named level counts 2, + counts 1 and # counts 0. */
function specificity(topicFilter: string): number {
  const levels = topicFilter.split("/");
  return levels.reduce((sum, level) => sum + (level === "#" ? 0 : level === "+" ? 1 : 2), 0);
}

/** The problem of a topic filter that the user typed, or undefined. */
export function problemOfFilter(topicFilter: string): string | undefined {
  if (topicFilter === "") return "A subscription needs a topic filter, such as devices/+/status.";
  const broken = brokenTopicFilterRule(topicFilter);
  return broken && `The topic filter is not valid: ${ruleText(broken)}.`;
}
