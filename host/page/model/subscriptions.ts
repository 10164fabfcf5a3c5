/** What one connection of the page subscribes to, and the colour by which its messages are known. */

import type { Qos } from "../../mqtt/packet-types.ts";
import { ruleText } from "../../mqtt/rules.ts";
import { matchesFilter } from "../../mqtt/topic-matching.ts";
import { brokenTopicFilterRule } from "../../mqtt/topics.ts";
import type { SubscriptionAnswer } from "../mqtt/subscriber.ts";

/** "ended": the hub ended connections when it was asked for it, and is not asked again until it is added again. */
export type SubscriptionState = "asked" | "granted" | "refused" | "ended";

export interface Subscription {
  readonly topicFilter: string;
  /** As it is asked for. */
  readonly qos: Qos;
  /** From 1 to COLOURS. */
  readonly colour: number;
  readonly state: SubscriptionState;
  /** As the hub granted it, which may be less. */
  readonly grantedQos: Qos | undefined;
}

/** Of the style sheet: `--series-1` and so on. */
export const COLOURS = 6;
export const SUBSCRIPTIONS_MAX = 50;

export class Subscriptions {
  #all: readonly Subscription[] = [];

  get all(): readonly Subscription[] {
    return this.#all;
  }

  /** Another of the same topic filter takes the place of the first [MQTT-3.8.4-3]. */
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

  /** "refused": by SUBACK 0x80. */
  settle(topicFilter: string, answer: SubscriptionAnswer): void {
    const isGranted = typeof answer === "number";
    this.#change(topicFilter, {
      state: isGranted ? "granted" : answer,
      grantedQos: isGranted ? answer : undefined,
    });
  }

  /** Whether the hub may be asked for it: it is known, and the hub has not ended connections for it. */
  mayAsk(topicFilter: string): boolean {
    return this.#all.some((each) => each.topicFilter === topicFilter && each.state !== "ended");
  }

  recolour(topicFilter: string): void {
    const known = this.#all.find((each) => each.topicFilter === topicFilter);
    if (known) this.#change(topicFilter, { colour: (known.colour % COLOURS) + 1 });
  }

  /** The connection has ended: the hub is to be asked again. */
  askAgain(): void {
    this.#all = this.#all.map((each) =>
      each.state === "ended" ? each : { ...each, state: "asked", grantedQos: undefined },
    );
  }

  /** The subscription that says most of a topic: one without wildcards before one with them, # last. */
  colourOf(topic: string): number | undefined {
    let best: Subscription | undefined;
    for (const each of this.#all) {
      if (!matchesFilter(each.topicFilter, topic)) continue;
      if (!best || closeness(each.topicFilter) > closeness(best.topicFilter)) best = each;
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

/** Levels that are named count, and more than those that are only there. */
function closeness(topicFilter: string): number {
  const levels = topicFilter.split("/");
  return levels.reduce((sum, level) => sum + (level === "#" ? 0 : level === "+" ? 1 : 2), 0);
}

/** What is wrong with a topic filter that a person typed, or undefined. */
export function problemOfFilter(topicFilter: string): string | undefined {
  if (topicFilter === "") return "A subscription needs a topic filter, such as devices/+/status.";
  const broken = brokenTopicFilterRule(topicFilter);
  return broken && `This is not a valid topic filter: ${ruleText(broken)}.`;
}
