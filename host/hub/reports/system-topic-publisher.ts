/** Publishes a hub's metrics and events under $SYS and $SCW. */
import type { Broker } from "../../broker/broker.ts";
import type { BrokerEvent } from "../../broker/broker-event.ts";
import type { Message } from "../../broker/message.ts";
import type { Metrics } from "./metrics.ts";
import { eventMessage, systemMessages } from "./system-topics.ts";

const METRICS_PERIOD_MS = 10_000;
/** The limit on events in one turn of the event loop; more are not published. */
const PENDING_EVENTS_MAX = 10_000;
/** The limit on metrics in one turn of the event loop, because there may be 10,000 clients. */
const PUBLISHED_AT_ONCE_MAX = 500;

export class SystemTopicPublisher {
  readonly #broker: Broker;
  readonly #metrics: Metrics;
  readonly #clock: NodeJS.Timeout;
  /** The metrics that were last published, by topic. */
  #published = new Map<string, string>();
  #pendingEvents: Message[] = [];
  #isClosed = false;

  constructor(broker: Broker, metrics: Metrics, metricsPeriodMs = METRICS_PERIOD_MS) {
    this.#broker = broker;
    this.#metrics = metrics;
    this.#publishMetrics();
    this.#clock = setInterval(() => this.#publishMetrics(), metricsPeriodMs);
  }

  /** Publishes an event at the end of the turn, because the broker is still handling it. */
  onEvent(event: BrokerEvent): void {
    const isHeard = (topicName: string) => this.#broker.exchange.isHeard(topicName);
    const message = eventMessage(event, Date.now(), isHeard);
    if (!message || this.#pendingEvents.length === PENDING_EVENTS_MAX) return;
    if (this.#pendingEvents.length === 0) setImmediate(() => this.#publishAll(this.#pendingEvents.splice(0)));
    this.#pendingEvents.push(message);
  }

  /** Publishes the metrics that have changed, as Mosquitto does. New subscribers get all of them. */
  #publishMetrics(): void {
    const messages = systemMessages(this.#metrics.read());
    const earlier = this.#published;
    this.#published = new Map(messages.map(({ topic, payload }) => [topic, payload.toString()]));
    for (const topic of earlier.keys()) {
      if (!this.#published.has(topic)) this.#broker.exchange.setHubMessage({ ...NOTHING, topic });
    }
    this.#storeAndPublish(messages.filter(({ topic }) => earlier.get(topic) !== this.#published.get(topic)));
  }

  #storeAndPublish(messages: readonly Message[]): void {
    if (this.#isClosed) return;
    const now = messages.slice(0, PUBLISHED_AT_ONCE_MAX);
    for (const message of now) this.#broker.exchange.setHubMessage(message);
    this.#publishAll(now);
    const rest = messages.slice(PUBLISHED_AT_ONCE_MAX);
    if (rest.length > 0) setImmediate(() => this.#storeAndPublish(rest));
  }

  #publishAll(messages: readonly Message[]): void {
    for (const message of messages) this.#broker.publish(message, performance.now());
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#clock);
  }
}

const NOTHING = { payload: Buffer.alloc(0), qos: 0, retain: false } as const;
