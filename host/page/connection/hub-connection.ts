/** A connection of the page and what came by it: what it subscribes to is asked for again after each new connection. */
import type { Direction, Qos } from "../../mqtt/packet-types.ts";
import { HubModel } from "../model/hub-model.ts";
import { MqttConnection, type MqttLink } from "../mqtt/mqtt-connection.ts";
import { Subscriber } from "../mqtt/subscriber.ts";
import type { ConnectionSettings } from "./connection-settings.ts";

export interface Publication {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
}

export type FrameListener = (direction: Direction, bytes: Uint8Array) => void;

const encoder = new TextEncoder();

export class HubConnection {
  /** Counts up over the page's life: two connections may have one client identifier, at two hubs. */
  readonly number: number;
  readonly settings: ConnectionSettings;
  readonly model = new HubModel();
  readonly #mqtt: MqttConnection;
  readonly #subscriber: Subscriber;

  /** `onFrame` is told of every packet, `in` to the hub and `out` from it; of passwords too. */
  constructor(number: number, settings: ConnectionSettings, onFrame: FrameListener) {
    this.number = number;
    this.settings = settings;
    this.#mqtt = new MqttConnection(settings, {
      onLink: (link) => this.#follow(link),
      onMessage: ({ topicName: topic, payload, qos, retain }) => {
        // The frame is a view of all that came with it.
        const own = Uint8Array.from(payload);
        this.model.receive({ topic, payload: own, qos, retain, timeMs: Date.now() });
      },
      onFrame,
    });
    this.#subscriber = new Subscriber({
      subscribe: (topicFilter, qos) => this.#mqtt.subscribe(topicFilter, qos),
      onAnswer: (topicFilter, answer) => this.model.settle(topicFilter, answer),
    });
  }

  /** Connects, or tries again at once. */
  open(): void {
    this.#mqtt.open();
  }

  close(): void {
    this.#mqtt.close();
  }

  subscribe(topicFilter: string, qos: Qos): void {
    this.model.subscribe(topicFilter, qos);
    if (this.model.link.state === "connected") this.#subscriber.ask({ topicFilter, qos });
  }

  unsubscribe(topicFilter: string): void {
    const isAsked = this.model.subscriptions.mayAsk(topicFilter);
    this.model.unsubscribe(topicFilter);
    const isSent = this.#subscriber.forget(topicFilter);
    // The hub might end the connection for this packet too. A session that it keeps may have the subscription from before.
    if (!isSent && (this.settings.cleanSession || !isAsked)) return;
    // Where the connection ends meanwhile, the next one does not ask for it.
    this.#mqtt.unsubscribe(topicFilter).catch(() => undefined);
  }

  /** Resolves when the hub has it (QoS 1 and 2) or the browser has it (QoS 0). Rejects with words. */
  async publish({ topic, payload, qos, retain }: Publication): Promise<void> {
    const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
    await this.#mqtt.publish({ topicName: topic, payload: bytes, qos, retain });
    if (retain) this.model.noteRetained(topic, bytes.length > 0);
  }

  #follow(link: MqttLink): void {
    const unanswered = link.state === "waiting" ? this.#subscriber.end(link.isEndedFromOutside) : [];
    this.model.setLink(link.state === "waiting" ? { ...link, why: whyOf(link.why, unanswered) } : link);
    if (link.state !== "connected") return;
    const { subscriptions } = this.model;
    this.#subscriber.begin(subscriptions.all.filter(({ topicFilter }) => subscriptions.mayAsk(topicFilter)));
  }
}

const FILTERS_NAMED_MAX = 3;

/** A hub may refuse a topic filter by ending the connection: which it was asked for is a part of why it ended. */
function whyOf(why: string, unanswered: readonly string[]): string {
  if (unanswered.length === 0) return why;
  const named = unanswered.slice(0, FILTERS_NAMED_MAX).join(", ");
  const more =
    unanswered.length > FILTERS_NAMED_MAX ? ` and ${unanswered.length - FILTERS_NAMED_MAX} more` : "";
  return `${why} It had not answered the subscription to ${named}${more}.`;
}
