/** The page's own MQTT connection: to the hub that served it, by WebSocket, with all topics subscribed. */
import mqtt, { type MqttClient } from "mqtt";
import type { HubModel } from "./model/hub-model.ts";

export type Qos = 0 | 1 | 2;

export interface Publication {
  readonly topic: string;
  readonly payload: string;
  readonly qos: Qos;
  readonly retain: boolean;
}

const RECONNECT_MS = 1_000;
const CONNECT_MS_MAX = 5_000;
const KEEP_ALIVE_SECONDS = 30;
const ALL_TOPICS = "#";

/** Reconnects by itself. Publishing while it is not connected is refused, never queued: a command sent late can harm. */
export class HubConnection {
  readonly url: string;
  readonly #model: HubModel;
  readonly #token: string | undefined;
  #client: MqttClient | undefined;

  /** `token`: of the hub's control channel, by which a hub of known devices lets its own page in. */
  constructor(url: string, model: HubModel, token?: string) {
    this.url = url;
    this.#model = model;
    this.#token = token;
  }

  open(): void {
    const client = mqtt.connect(this.url, {
      clientId: `page-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`,
      clean: true,
      ...(this.#token !== undefined && { username: "page", password: this.#token }),
      keepalive: KEEP_ALIVE_SECONDS,
      reconnectPeriod: RECONNECT_MS,
      connectTimeout: CONNECT_MS_MAX,
      resubscribe: false,
      queueQoSZero: false,
      // Timers of a worker would need a script from a blob, which the page's policy forbids.
      timerVariant: "native",
    });
    this.#client = client;
    client.on("connect", () => {
      // QoS 2, so that each message comes with the QoS of its publisher.
      client.subscribe(ALL_TOPICS, { qos: 2 }, (error) => {
        if (!error) this.#model.setLink("connected");
        else this.#model.setLink("refused");
      });
    });
    client.on("close", () => this.#model.setLink("connecting"));
    // The close that follows is what the page shows.
    client.on("error", (error) => console.warn(`hub: ${error.message}`));
    client.on("message", (topic, payload, packet) => {
      const { qos, retain } = packet;
      this.#model.receive({ topic, payload: new Uint8Array(payload), qos, retain, timeMs: Date.now() });
    });
  }

  /** Resolves when the hub has it (QoS 1 and 2) or the socket has it (QoS 0). */
  publish(publication: Publication): Promise<void> {
    const client = this.#client;
    if (!client?.connected) return Promise.reject(new Error("The hub is not connected."));
    return new Promise((resolve, reject) => {
      const { topic, payload, qos, retain } = publication;
      client.publish(topic, payload, { qos, retain }, (error) => (error ? reject(error) : resolve()));
    });
  }
}
