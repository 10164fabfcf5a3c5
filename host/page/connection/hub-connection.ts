/** A connection of the page with its messages. It subscribes again after each reconnection. */
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
  /** A number that is unique in the page. Two connections, to two hubs, may have the same client identifier. */
  readonly number: number;
  readonly settings: ConnectionSettings;
  readonly model = new HubModel();
  readonly #mqtt: MqttConnection;
  readonly #subscriber: Subscriber;

  /** `onFrame` gets every packet with its passwords: `in` is to the hub, `out` is from the hub. */
  constructor(number: number, settings: ConnectionSettings, onFrame: FrameListener) {
    this.number = number;
    this.settings = settings;
    this.#mqtt = new MqttConnection(settings, {
      onLink: (link) => this.#follow(link),
      onMessage: ({ topicName: topic, payload, qos, retain }) => {
        // The payload is a view of a larger buffer.
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

  /** Connects, or tries again immediately. */
  open(): void {
    this.#mqtt.open();
  }

  close(): void {
    this.#mqtt.close();
  }

  subscribe(topicFilter: string, qos: Qos): void {
    this.model.subscribe(topicFilter, qos);
    if (this.model.link.state === "connected") this.#subscriber.request({ topicFilter, qos });
  }

  unsubscribe(topicFilter: string): void {
    const isRequested = this.model.subscriptions.mayRequest(topicFilter);
    this.model.unsubscribe(topicFilter);
    const isSent = this.#subscriber.forget(topicFilter);
    // UNSUBSCRIBE is sent only if the hub may have the subscription, because a hub may end the connection for this packet.
    // A persistent session may have the subscription from an earlier connection.
    if (!isSent && (this.settings.cleanSession || !isRequested)) return;
    // If the connection ends meanwhile, the next one does not subscribe.
    this.#mqtt.unsubscribe(topicFilter).catch(() => undefined);
  }

  /** Resolves when the hub has the message (QoS 1 and 2) or the browser has it (QoS 0). Rejects with a text for the user. */
  async publish({ topic, payload, qos, retain }: Publication): Promise<void> {
    const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
    await this.#mqtt.publish({ topicName: topic, payload: bytes, qos, retain });
    if (retain) this.model.noteRetained(topic, bytes.length > 0);
  }

  #follow(link: MqttLink): void {
    const unanswered = link.state === "waiting" ? this.#subscriber.end(link.isEndedFromOutside) : [];
    this.model.setLink(
      link.state === "waiting" ? { ...link, reason: reasonWith(link.reason, unanswered) } : link,
    );
    if (link.state !== "connected") return;
    const { subscriptions } = this.model;
    this.#subscriber.begin(
      subscriptions.all.filter(({ topicFilter }) => subscriptions.mayRequest(topicFilter)),
    );
  }
}

const FILTERS_NAMED_MAX = 3;

/** Adds the unanswered subscriptions to the reason, because a hub may end the connection to refuse a topic filter. */
function reasonWith(reason: string, unanswered: readonly string[]): string {
  if (unanswered.length === 0) return reason;
  const named = unanswered.slice(0, FILTERS_NAMED_MAX).join(", ");
  const more =
    unanswered.length > FILTERS_NAMED_MAX ? ` and ${unanswered.length - FILTERS_NAMED_MAX} more` : "";
  return `${reason} The hub had not answered the subscription to ${named}${more}.`;
}
