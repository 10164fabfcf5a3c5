/** Has a hub say what happens at it, and what it counted, under topics of its own. */
import type { Broker } from "../broker/broker.ts";
import type { BrokerEvent } from "../broker/broker-event.ts";
import type { Message } from "../broker/message.ts";
import type { Metrics } from "./metrics.ts";
import { eventMessage, systemMessages } from "./own-topics.ts";

const METRICS_PERIOD_MS = 10_000;
/** Of events that one turn of the event loop brings; the rest are not told. */
const UNTOLD_MAX = 10_000;

export class HubVoice {
  readonly #broker: Broker;
  readonly #clock: NodeJS.Timeout;
  #untold: Message[] = [];

  constructor(broker: Broker, metrics: Metrics) {
    this.#broker = broker;
    this.#clock = setInterval(() => this.#say(systemMessages(metrics.read())), METRICS_PERIOD_MS);
  }

  /** Not at once: the broker is in the midst of what it tells. */
  tell(event: BrokerEvent): void {
    const isHeard = (topicName: string) => this.#broker.exchange.isHeard(topicName);
    const message = eventMessage(event, Date.now(), isHeard);
    if (!message || this.#untold.length === UNTOLD_MAX) return;
    if (this.#untold.length === 0) setImmediate(() => this.#say(this.#untold.splice(0)));
    this.#untold.push(message);
  }

  #say(messages: readonly Message[]): void {
    for (const message of messages) this.#broker.publish(message, performance.now());
  }

  close(): void {
    clearInterval(this.#clock);
  }
}
