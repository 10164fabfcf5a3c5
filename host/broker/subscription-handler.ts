/** Grants or refuses subscriptions, by the policy and by the memory limits. */
import { type Qos, SUBACK_FAILURE } from "../mqtt/packet-types.ts";
import type { SubscribePacket } from "../mqtt/packets.ts";
import type { BrokerEvent } from "./broker-event.ts";
import type { Exchange } from "./exchange.ts";
import type { Client, Policy, Refusal } from "./policy.ts";
import { TOO_MANY_SUBSCRIPTIONS } from "./refusals.ts";
import type { Session } from "./session.ts";

/** A return code of SUBACK. */
type Granted = Qos | typeof SUBACK_FAILURE;

export class SubscriptionHandler {
  readonly #policy: Policy;
  readonly #exchange: Exchange;
  readonly #onEvent: (event: BrokerEvent) => void;

  constructor(policy: Policy, exchange: Exchange, onEvent: (event: BrokerEvent) => void) {
    this.#policy = policy;
    this.#exchange = exchange;
    this.#onEvent = onEvent;
  }

  /** Returns SUBACK's return codes, in the order of the packet's topic filters. It does not deliver retained messages. */
  subscribe(session: Session, client: Client, { subscriptions }: SubscribePacket): Granted[] {
    return subscriptions.map(({ topicFilter, qos }) => {
      const granted = this.#grant(client, topicFilter, qos);
      if (granted === SUBACK_FAILURE || this.#exchange.subscribe(session, topicFilter, granted))
        return granted;
      return this.#refuse(client, topicFilter, TOO_MANY_SUBSCRIPTIONS);
    });
  }

  /** Sends retained messages to the granted subscriptions. Called after SUBACK was sent. */
  deliverRetained(session: Session, { subscriptions }: SubscribePacket, granted: readonly Granted[]): void {
    subscriptions.forEach(({ topicFilter }, index) => {
      const qos = granted[index] ?? SUBACK_FAILURE;
      if (qos !== SUBACK_FAILURE) this.#exchange.deliverRetained(session, topicFilter, qos);
    });
  }

  /** Ends the subscriptions that the policy would now refuse. */
  review(session: Session, client: Client): void {
    for (const [topicFilter, qos] of session.subscriptions) {
      if (this.#grant(client, topicFilter, qos) === SUBACK_FAILURE) {
        this.#exchange.unsubscribe(session, topicFilter);
      }
    }
  }

  #grant(client: Client, topicFilter: string, qos: Qos): Granted {
    const verdict = this.#policy.subscribe(client, topicFilter, qos);
    return "grantedQos" in verdict ? verdict.grantedQos : this.#refuse(client, topicFilter, verdict);
  }

  #refuse(client: Client, topic: string, refusal: Refusal): typeof SUBACK_FAILURE {
    this.#onEvent({ kind: "denied", client, packet: "subscribe", topic, refusal });
    return SUBACK_FAILURE;
  }
}
