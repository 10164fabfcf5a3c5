/**
 * Sends the subscriptions of a connection. MQTT 3.1.1 lets a hub refuse a topic filter by ending the connection. If a
 * connection ends with unanswered subscriptions, the next one sends them one by one. So it finds the topic filter for which
 * the hub ends connections, and leaves it out. It uses neither sockets nor time.
 */
import type { Qos } from "../../mqtt/packet-types.ts";
import type { SubscriptionRequest } from "../../mqtt/packets.ts";

/** "ended": the hub ended connections because of this subscription, which is not requested again. */
export type SubscriptionAnswer = Qos | "refused" | "ended";

export interface SubscriberOptions {
  /** Resolves with the hub's answer. Rejects if the connection ends before it. */
  subscribe(topicFilter: string, qos: Qos): Promise<Qos | "refused">;
  onAnswer(topicFilter: string, answer: SubscriptionAnswer): void;
}

/** Number of connections that ended while only this subscription was unanswered. A single one may be a coincidence. */
const ENDED_ALONE_MAX = 2;

export class Subscriber {
  readonly #options: SubscriberOptions;
  /** Subscriptions to send, in this order. */
  #waiting: SubscriptionRequest[] = [];
  /** Topic filters that were sent and are not answered. */
  readonly #asked = new Set<string>();
  /** All topic filters that were sent on this connection. */
  readonly #sent = new Set<string>();
  /** Topic filters that were never answered, with the number of connections that ended while only that one was unanswered. */
  readonly #suspects = new Map<string, number>();
  /** Number of the connection, by which late answers are ignored. */
  #connection = 0;

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  /** Begins a connection: sends all subscriptions, with suspects last. */
  begin(requests: readonly SubscriptionRequest[]): void {
    this.#connection++;
    this.#asked.clear();
    this.#sent.clear();
    const isSuspect = ({ topicFilter }: SubscriptionRequest) => this.#suspects.has(topicFilter);
    this.#waiting = [...requests.filter((each) => !isSuspect(each)), ...requests.filter(isSuspect)];
    this.#pump();
  }

  /** Sends a subscription on the current connection. */
  request(request: SubscriptionRequest): void {
    this.#suspects.delete(request.topicFilter);
    this.#waiting.push(request);
    this.#pump();
  }

  /** Removes a subscription. Returns whether it was sent on this connection. */
  forget(topicFilter: string): boolean {
    this.#suspects.delete(topicFilter);
    this.#waiting = this.#waiting.filter((each) => each.topicFilter !== topicFilter);
    this.#asked.delete(topicFilter);
    this.#pump();
    return this.#sent.delete(topicFilter);
  }

  /**
   * The connection has ended. If the page ended it, no topic filter is suspected. Returns the topic filters that were sent
   * and not answered.
   */
  end(isFromOutside: boolean): string[] {
    const unanswered = isFromOutside ? [...this.#asked] : [];
    this.#asked.clear();
    this.#sent.clear();
    this.#waiting = [];
    this.#connection++;
    const isAlone = unanswered.length === 1;
    for (const topicFilter of unanswered) {
      const endedAlone = (this.#suspects.get(topicFilter) ?? 0) + (isAlone ? 1 : 0);
      if (endedAlone >= ENDED_ALONE_MAX) {
        this.#suspects.delete(topicFilter);
        this.#options.onAnswer(topicFilter, "ended");
      } else this.#suspects.set(topicFilter, endedAlone);
    }
    return unanswered;
  }

  #pump(): void {
    while (this.#waiting.length > 0) {
      if (this.#suspects.size > 0 && this.#asked.size > 0) return;
      const next = this.#waiting.shift() as SubscriptionRequest;
      this.#send(next);
    }
  }

  #send({ topicFilter, qos }: SubscriptionRequest): void {
    const connection = this.#connection;
    this.#asked.add(topicFilter);
    this.#sent.add(topicFilter);
    this.#options.subscribe(topicFilter, qos).then(
      (answer) => {
        if (connection !== this.#connection) return;
        this.#asked.delete(topicFilter);
        this.#suspects.delete(topicFilter);
        this.#options.onAnswer(topicFilter, answer);
        this.#pump();
      },
      // The connection ended, and the next one sends it again; or the page has too many packets in flight.
      () => {
        if (connection !== this.#connection) return;
        this.#asked.delete(topicFilter);
        this.#pump();
      },
    );
  }
}
