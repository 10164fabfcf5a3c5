/** What one connection of the page subscribes to, and the colour by which its messages are known. */
import { matchesFilter } from "../../broker/topics.ts";
import type { Qos } from "./message.ts";

export type SubscriptionState = "asked" | "granted" | "refused";

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
const FILTER_BYTES_MAX = 65_535;

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
  settle(topicFilter: string, granted: Qos | "refused"): void {
    this.#change(topicFilter, {
      state: granted === "refused" ? "refused" : "granted",
      grantedQos: granted === "refused" ? undefined : granted,
    });
  }

  recolour(topicFilter: string): void {
    const known = this.#all.find((each) => each.topicFilter === topicFilter);
    if (known) this.#change(topicFilter, { colour: (known.colour % COLOURS) + 1 });
  }

  /** The connection has ended: the hub is to be asked again. */
  askAgain(): void {
    this.#all = this.#all.map((each) => ({ ...each, state: "asked", grantedQos: undefined }));
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

/** What is wrong with a topic filter [MQTT 3.1.1, 4.7], or undefined. */
export function faultOfFilter(topicFilter: string): string | undefined {
  if (topicFilter === "") return "A subscription needs a topic filter, such as devices/+/status.";
  if (topicFilter.includes("\u0000")) return "A topic filter has no null character.";
  if (new TextEncoder().encode(topicFilter).length > FILTER_BYTES_MAX) return "The topic filter is too long.";
  const levels = topicFilter.split("/");
  // [MQTT-4.7.1-2]
  if (levels.slice(0, -1).some((level) => level.includes("#"))) return "# stands only at the end.";
  // [MQTT-4.7.1-3]
  if (levels.some((level) => /[+#]/.test(level) && level.length > 1))
    return "+ and # stand for a whole level.";
  return undefined;
}
