/** Has a hub say what happens at it, and what it counted, under topics of its own. */
import type { Broker } from "../../broker/broker.ts";
import type { BrokerEvent } from "../../broker/broker-event.ts";
import type { Message } from "../../broker/message.ts";
import type { Metrics } from "./metrics.ts";
import { eventMessage, systemMessages } from "./system-topics.ts";

const METRICS_PERIOD_MS = 10_000;
/** Of events that one turn of the event loop brings; the rest are not told. */
const UNTOLD_MAX = 10_000;
/** Said in one turn of the event loop: metrics may be of 10,000 clients. */
const SAID_AT_ONCE_MAX = 500;

export class SystemTopicPublisher {
  readonly #broker: Broker;
  readonly #metrics: Metrics;
  readonly #clock: NodeJS.Timeout;
  /** Metrics as they were said the last time, by topic. */
  #said = new Map<string, string>();
  #untold: Message[] = [];
  #isClosed = false;

  constructor(broker: Broker, metrics: Metrics, metricsPeriodMs = METRICS_PERIOD_MS) {
    this.#broker = broker;
    this.#metrics = metrics;
    this.#sayMetrics();
    this.#clock = setInterval(() => this.#sayMetrics(), metricsPeriodMs);
  }

  /** Not at once: the broker is in the midst of what it tells. */
  tell(event: BrokerEvent): void {
    const isHeard = (topicName: string) => this.#broker.exchange.isHeard(topicName);
    const message = eventMessage(event, Date.now(), isHeard);
    if (!message || this.#untold.length === UNTOLD_MAX) return;
    if (this.#untold.length === 0) setImmediate(() => this.#say(this.#untold.splice(0)));
    this.#untold.push(message);
  }

  /** Those that have changed, as Mosquitto does; who subscribes later gets them all. */
  #sayMetrics(): void {
    const messages = systemMessages(this.#metrics.read());
    const earlier = this.#said;
    this.#said = new Map(messages.map(({ topic, payload }) => [topic, payload.toString()]));
    for (const topic of earlier.keys()) {
      if (!this.#said.has(topic)) this.#broker.exchange.keepOwn({ ...NOTHING, topic });
    }
    this.#keepAndSay(messages.filter(({ topic }) => earlier.get(topic) !== this.#said.get(topic)));
  }

  #keepAndSay(messages: readonly Message[]): void {
    if (this.#isClosed) return;
    const now = messages.slice(0, SAID_AT_ONCE_MAX);
    for (const message of now) this.#broker.exchange.keepOwn(message);
    this.#say(now);
    const rest = messages.slice(SAID_AT_ONCE_MAX);
    if (rest.length > 0) setImmediate(() => this.#keepAndSay(rest));
  }

  #say(messages: readonly Message[]): void {
    for (const message of messages) this.#broker.publish(message, performance.now());
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#clock);
  }
}

const NOTHING = { payload: Buffer.alloc(0), qos: 0, retain: false } as const;
