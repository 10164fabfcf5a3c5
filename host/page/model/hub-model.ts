import type { Qos } from "../../mqtt/packet-types.ts";
import type { SubscriptionAnswer } from "../mqtt/subscriber.ts";
import { KnownDevices } from "./known-devices.ts";
import { MessageLog } from "./message-log.ts";
import { Observable } from "./observable.ts";
import { SeriesStore } from "./series/series.ts";
import { Subscriptions } from "./subscriptions.ts";
import { numericFields, readPayload } from "./text/payload.ts";
import { TopicTree } from "./topic-tree.ts";

export type Link =
  | { readonly state: "connecting" }
  | { readonly state: "connected" }
  /** The page connects again at this time. */
  | { readonly state: "waiting"; readonly retryAtMs: number; readonly reason: string }
  /** The hub refused the connection. The page connects again only if the user asks for it. */
  | { readonly state: "refused"; readonly reason: string }
  | { readonly state: "closed" };

export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: number;
  readonly retain: boolean;
  readonly timeMs: number;
}

/** The data of one connection. It notifies listeners of changes. It neither renders nor sends. */
export class HubModel extends Observable {
  readonly log = new MessageLog();
  readonly tree = new TopicTree();
  readonly devices = new KnownDevices();
  readonly series = new SeriesStore();
  readonly subscriptions = new Subscriptions();
  #link: Link = { state: "connecting" };

  get link(): Link {
    return this.#link;
  }

  setLink(link: Link): void {
    this.#link = link;
    if (link.state !== "connected") {
      this.subscriptions.requestAgain();
      this.devices.markUncertain();
    }
    this.changed();
  }

  subscribe(topicFilter: string, qos: Qos): void {
    this.subscriptions.add(topicFilter, qos);
    this.changed();
  }

  settle(topicFilter: string, answer: SubscriptionAnswer): void {
    this.subscriptions.settle(topicFilter, answer);
    this.changed();
  }

  unsubscribe(topicFilter: string): void {
    this.subscriptions.remove(topicFilter);
    this.changed();
  }

  recolour(topicFilter: string): void {
    this.subscriptions.recolour(topicFilter);
    this.changed();
  }

  receive(message: ReceivedMessage): void {
    const { topic, qos, retain, timeMs } = message;
    const payload = readPayload(message.payload);
    this.tree.add(this.log.add({ topic, payload, qos, retain, timeMs }));
    this.devices.receive({ topic, payload, retain, timeMs });
    // The time of a retained value is not known, so the value cannot be plotted.
    if (!retain) this.series.add(topic, numericFields(payload), timeMs);
    this.changed();
  }

  /** Records that this page published a retained message, or cleared it with an empty payload. */
  noteRetained(topic: string, isRetained: boolean): void {
    this.tree.noteRetained(topic, isRetained);
    this.changed();
  }

  clearLog(): void {
    this.log.clear();
    this.tree.clear();
    this.changed();
  }
}
