/** A connection of the page and what came by it: what it subscribes to is asked for again after each new connection. */
import type { FrameDirection } from "../../control/wire-events.ts";
import { HubModel } from "../model/hub-model.ts";
import type { Qos } from "../model/message.ts";
import { MqttConnection, type MqttLink } from "../mqtt/mqtt-connection.ts";
import type { ConnectionSettings } from "./connection-settings.ts";

export interface Publication {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
}

export type FrameListener = (direction: FrameDirection, bytes: Uint8Array) => void;

const encoder = new TextEncoder();

export class HubConnection {
  /** Counts up over the page's life: two connections may have one client identifier, at two hubs. */
  readonly number: number;
  readonly settings: ConnectionSettings;
  readonly model = new HubModel();
  readonly #mqtt: MqttConnection;

  /** `onFrame` is told of every packet, `in` to the hub and `out` from it; of passwords too. */
  constructor(number: number, settings: ConnectionSettings, onFrame: FrameListener) {
    this.number = number;
    this.settings = settings;
    this.#mqtt = new MqttConnection(settings, {
      onLink: (link) => this.#follow(link),
      onMessage: ({ topic, payload, qos, retain }) => {
        // The frame is a view of all that came with it.
        const own = Uint8Array.from(payload);
        this.model.receive({ topic, payload: own, qos, retain, timeMs: Date.now() });
      },
      onFrame,
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
    if (this.model.link.state === "connected") this.#ask(topicFilter, qos);
  }

  unsubscribe(topicFilter: string): void {
    this.model.unsubscribe(topicFilter);
    // Where the connection ends meanwhile, the next one does not ask for it.
    this.#mqtt.unsubscribe(topicFilter).catch(() => undefined);
  }

  /** Resolves when the hub has it (QoS 1 and 2) or the browser has it (QoS 0). Rejects with words. */
  async publish({ topic, payload, qos, retain }: Publication): Promise<void> {
    const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
    await this.#mqtt.publish({ topic, payload: bytes, qos, retain });
    if (retain) this.model.noteRetained(topic, bytes.length > 0);
  }

  #follow(link: MqttLink): void {
    this.model.setLink(link);
    if (link.state !== "connected") return;
    for (const { topicFilter, qos } of this.model.subscriptions.all) this.#ask(topicFilter, qos);
  }

  #ask(topicFilter: string, qos: Qos): void {
    this.#mqtt.subscribe(topicFilter, qos).then(
      (granted) => this.model.settle(topicFilter, granted),
      // The connection ended: the next one asks again.
      () => undefined,
    );
  }
}
