/**
 * Asks a hub for what a connection subscribes to. MQTT 3.1.1 lets a hub refuse a topic filter by ending the connection: where
 * it ended with questions unanswered, the next connection asks one by one, so that the topic filter that the hub ends
 * connections for is found, and left out. It knows no socket and no time.
 */
import type { Qos } from "../../mqtt/packet-types.ts";
import type { SubscriptionRequest } from "../../mqtt/packets.ts";

/** "ended": the hub has ended connections when it was asked for it, and it is not asked for it again. */
export type SubscriptionAnswer = Qos | "refused" | "ended";

export interface SubscriberOptions {
  /** Resolves to the hub's answer. Rejects where the connection ends before. */
  subscribe(topicFilter: string, qos: Qos): Promise<Qos | "refused">;
  onAnswer(topicFilter: string, answer: SubscriptionAnswer): void;
}

/** Connections that ended when it alone had been asked for: one may be chance. */
const ENDED_ALONE_MAX = 2;

export class Subscriber {
  readonly #options: SubscriberOptions;
  /** In the order in which they are asked for. */
  #waiting: SubscriptionRequest[] = [];
  /** Asked for, without an answer so far. */
  readonly #asked = new Set<string>();
  /** All that this connection was asked for. */
  readonly #sent = new Set<string>();
  /** Topic filters whose answer never came, with the connections that ended when each alone had been asked for. */
  readonly #suspects = new Map<string, number>();
  /** Counts connections, for answers that come too late. */
  #connection = 0;

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  /** A connection stands: asks for all, those that are under suspicion last. */
  begin(requests: readonly SubscriptionRequest[]): void {
    this.#connection++;
    this.#asked.clear();
    this.#sent.clear();
    const isSuspect = ({ topicFilter }: SubscriptionRequest) => this.#suspects.has(topicFilter);
    this.#waiting = [...requests.filter((each) => !isSuspect(each)), ...requests.filter(isSuspect)];
    this.#pump();
  }

  /** On a connection that stands. */
  ask(request: SubscriptionRequest): void {
    this.#suspects.delete(request.topicFilter);
    this.#waiting.push(request);
    this.#pump();
  }

  /** It is not wanted any more. Gives whether this connection was asked for it. */
  forget(topicFilter: string): boolean {
    this.#suspects.delete(topicFilter);
    this.#waiting = this.#waiting.filter((each) => each.topicFilter !== topicFilter);
    this.#asked.delete(topicFilter);
    this.#pump();
    return this.#sent.delete(topicFilter);
  }

  /**
   * The connection has ended; if not from outside, no topic filter is to blame. Gives the topic filters that were asked for
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
      // The connection ended, and the next one asks again; or the page has too much under way.
      () => {
        if (connection !== this.#connection) return;
        this.#asked.delete(topicFilter);
        this.#pump();
      },
    );
  }
}
