/**
 * What a hub knows apart from connections: sessions, subscriptions, retained messages; and the way of a message from one
 * to the others. It can be written down change by change, and played again.
 */
import type { Qos } from "../mqtt/packet-types.ts";
import type { Change, ChangeRecorder } from "./change.ts";
import type { Message } from "./message.ts";
import { Outgoing, publishOf } from "./packets.ts";
import { type Holdings, Session, sizeOf } from "./session.ts";
import { FilterTree, NameTree, placeBytes } from "./topic-trees.ts";

/** Of all messages that wait for clients or are retained, and wills: the memory of a Scaleway IoT Hub. */
export const HELD_BYTES_MAX = 140 * 1024 * 1024;
/** Of all subscriptions, which live beside the messages. */
export const SUBSCRIBED_BYTES_MAX = 128 * 1024 * 1024;
/** Of one session's, so that no client takes the room of all: some thousand subscriptions. */
export const SESSION_SUBSCRIBED_BYTES_MAX = 2 * 1024 * 1024;
/** Beyond it the session whose client went away first is ended. As many as Scaleway has devices. */
const SESSIONS_MAX = 10_000;

export interface ExchangeOptions {
  readonly recorder?: ChangeRecorder | undefined;
  /** A message to the session was lost. */
  readonly onOverflow: (session: Session) => void;
}

export class Exchange {
  readonly sessions = new Map<string, Session>();
  /** What is held of messages that wait. */
  readonly owed: Holdings = { messages: 0, bytes: 0 };
  readonly retained: Holdings = { messages: 0, bytes: 0 };
  /** Those of clients that are connected. */
  readonly wills: Holdings = { messages: 0, bytes: 0 };
  #subscribedBytes = 0;
  readonly #retained = new NameTree<Message>();
  readonly #own = new NameTree<Message>();
  /** Topics whose retained messages a new subscription is still to get, and at which QoS. */
  readonly #unsent = new Map<Session, Map<string, Qos>>();
  readonly #subscribers = new FilterTree<Map<Session, Qos>>();
  readonly #recorder: ChangeRecorder | undefined;
  readonly #onOverflow: (session: Session) => void;

  constructor({ recorder, onOverflow }: ExchangeOptions) {
    this.#recorder = recorder;
    this.#onOverflow = onOverflow;
  }

  /** The session of that identifier, or a new one in its place [MQTT-3.1.2-4, MQTT-3.1.2-6]. */
  openSession(clientId: string, isKept: boolean): { readonly session: Session; readonly isPresent: boolean } {
    const earlier = this.sessions.get(clientId);
    if (earlier && isKept && earlier.isKept) {
      // Among those that went away it is the last again.
      this.sessions.delete(clientId);
      this.sessions.set(clientId, earlier);
      return { session: earlier, isPresent: true };
    }
    if (earlier) this.endSession(earlier);
    const session = this.#create(clientId, isKept);
    if (isKept) this.#recorder?.record({ kind: "session", clientId });
    if (this.sessions.size > SESSIONS_MAX) this.#endLongestAway();
    return { session, isPresent: false };
  }

  #create(clientId: string, isKept: boolean): Session {
    const session = new Session({ clientId, isKept, holdings: this.owed, recorder: this.#recorder });
    this.sessions.set(clientId, session);
    return session;
  }

  #endLongestAway(): void {
    for (const session of this.sessions.values()) {
      if (session.outlet) continue;
      this.endSession(session);
      return;
    }
  }

  endSession(session: Session): void {
    this.#forget(session);
    session.drop();
    if (session.isKept) this.#recorder?.record({ kind: "session ended", clientId: session.clientId });
  }

  #forget(session: Session): void {
    for (const topicFilter of session.subscriptions.keys()) this.#removeSubscriber(session, topicFilter);
    this.sessions.delete(session.clientId);
  }

  /** False: there are too many subscriptions already, of the session or in all. */
  subscribe(session: Session, topicFilter: string, qos: Qos): boolean {
    const moreBytes = session.subscriptions.has(topicFilter) ? 0 : placeBytes(topicFilter);
    const isTooMuch =
      session.subscribedBytes + moreBytes > SESSION_SUBSCRIBED_BYTES_MAX ||
      this.#subscribedBytes + moreBytes > SUBSCRIBED_BYTES_MAX;
    if (moreBytes > 0 && isTooMuch) return false;
    session.setSubscription(topicFilter, qos);
    this.#addSubscriber(session, topicFilter, qos);
    return true;
  }

  #addSubscriber(session: Session, topicFilter: string, qos: Qos): void {
    let sessions = this.#subscribers.get(topicFilter);
    if (!sessions) {
      sessions = new Map();
      this.#subscribers.set(topicFilter, sessions);
    }
    if (!sessions.has(session)) this.#countSubscription(session, placeBytes(topicFilter));
    sessions.set(session, qos);
  }

  unsubscribe(session: Session, topicFilter: string): void {
    session.endSubscription(topicFilter);
    this.#removeSubscriber(session, topicFilter);
  }

  #removeSubscriber(session: Session, topicFilter: string): void {
    const sessions = this.#subscribers.get(topicFilter);
    if (!sessions?.delete(session)) return;
    this.#countSubscription(session, -placeBytes(topicFilter));
    if (sessions.size === 0) this.#subscribers.delete(topicFilter);
  }

  #countSubscription(session: Session, bytes: number): void {
    session.subscribedBytes += bytes;
    this.#subscribedBytes += bytes;
  }

  /** A will is to be kept as long as its client is connected. False: there is no room for it. */
  keepWill(will: Message): boolean {
    if (!this.#hasRoom(sizeOf(will))) return false;
    this.wills.messages++;
    this.wills.bytes += sizeOf(will);
    return true;
  }

  dropWill(will: Message): void {
    this.wills.messages--;
    this.wills.bytes -= sizeOf(will);
  }

  /**
   * To a new subscription [MQTT-3.3.1-6, MQTT-3.3.1-8]. What goes out at QoS 0, and is not taken at once, waits by its topic
   * alone: what is retained there then is sent when there is room.
   */
  deliverRetained(session: Session, topicFilter: string, grantedQos: Qos): void {
    for (const messages of [this.#retained, this.#own]) {
      messages.match(topicFilter, (message) => {
        if (grantedQos > 0 && message.qos > 0) this.#sendRetained(session, message, grantedQos);
        else this.#keepUnsent(session, message.topic, grantedQos);
      });
    }
    this.goOn(session);
  }

  #keepUnsent(session: Session, topic: string, grantedQos: Qos): void {
    let unsent = this.#unsent.get(session);
    if (!unsent) {
      unsent = new Map();
      this.#unsent.set(session, unsent);
    }
    unsent.set(topic, grantedQos);
  }

  /** There may be room again for what was not sent of retained messages. */
  goOn(session: Session): void {
    const unsent = this.#unsent.get(session);
    if (!unsent) return;
    for (const [topic, grantedQos] of unsent) {
      if (!session.outlet?.hasRoom()) return;
      unsent.delete(topic);
      const message = this.#retained.get(topic) ?? this.#own.get(topic);
      if (message) this.#sendRetained(session, message, grantedQos);
    }
    this.#unsent.delete(session);
  }

  /** The same for all sessions. */
  goOnAll(): void {
    for (const session of this.#unsent.keys()) this.goOn(session);
  }

  /** Its connection has ended, and a new one asks again. */
  forgetUnsent(session: Session): void {
    this.#unsent.delete(session);
  }

  #sendRetained(session: Session, message: Message, grantedQos: Qos): void {
    const qos = Math.min(grantedQos, message.qos) as Qos;
    if (qos > 0) this.#owe(session, { ...message, qos });
    else this.#send(session, new Outgoing(publishOf(message, qos)));
  }

  /**
   * To all who have subscribed, once each, at the highest QoS of their subscriptions [MQTT-3.3.5-1]. False: it was to be
   * retained, and is not, for the hub holds too much already.
   */
  distribute(message: Message): boolean {
    const isRetained = !message.retain || this.#retain(message);
    const granted = new Map<Session, Qos>();
    this.#subscribers.match(message.topic, (sessions) => {
      for (const [session, qos] of sessions) {
        const other = granted.get(session);
        if (other === undefined || other < qos) granted.set(session, qos);
      }
    });
    // [MQTT-3.3.1-9]
    const published: Message = { ...message, retain: false };
    const atQos0 = new Outgoing(publishOf(published, 0));
    let kept: Message | undefined;
    for (const [session, grantedQos] of granted) {
      const qos = Math.min(grantedQos, message.qos) as Qos;
      if (qos === 0) {
        this.#send(session, atQos0);
        continue;
      }
      kept ??= withOwnPayload(published);
      this.#owe(session, { ...kept, qos });
    }
    return isRetained;
  }

  /** Whether anybody has subscribed to it. */
  isHeard(topicName: string): boolean {
    let isHeard = false;
    this.#subscribers.match(topicName, () => {
      isHeard = true;
    });
    return isHeard;
  }

  #send(session: Session, outgoing: Outgoing): void {
    if (!session.send(outgoing)) this.#tellOverflow(session);
  }

  #owe(session: Session, message: Message): void {
    if (!this.#hasRoom(sizeOf(message)) || !session.owe(message)) this.#tellOverflow(session);
  }

  #hasRoom(bytes: number): boolean {
    return this.owed.bytes + this.retained.bytes + this.wills.bytes + bytes <= HELD_BYTES_MAX;
  }

  #tellOverflow(session: Session): void {
    if (session.hasOverflowed) return;
    session.hasOverflowed = true;
    this.#onOverflow(session);
  }

  retainedMessage(topicName: string): Message | undefined {
    return this.#retained.get(topicName);
  }

  /**
   * What the hub says of itself: a new subscription gets it as it gets what is retained, but it is counted nowhere and not
   * written down. Under one topic the last is kept, and an empty one ends it.
   */
  keepOwn(message: Message): void {
    if (message.payload.length === 0) this.#own.delete(message.topic);
    else this.#own.set(message.topic, { ...message, retain: true });
  }

  #retain(message: Message): boolean {
    const { topic } = message;
    // [MQTT-3.3.1-10, MQTT-3.3.1-11]
    if (message.payload.length === 0) {
      if (this.#endRetained(topic)) this.#recorder?.record({ kind: "retained ended", topic });
      return true;
    }
    if (!this.#hasRoom(retainedSizeOf(message))) return false;
    const kept = withOwnPayload(message);
    this.#setRetained(kept);
    this.#recorder?.record({ kind: "retained", message: kept });
    return true;
  }

  #setRetained(message: Message): void {
    this.#endRetained(message.topic);
    this.#retained.set(message.topic, message);
    this.retained.messages++;
    this.retained.bytes += retainedSizeOf(message);
  }

  #endRetained(topic: string): boolean {
    const earlier = this.#retained.get(topic);
    if (!earlier) return false;
    this.#retained.delete(topic);
    this.retained.messages--;
    this.retained.bytes -= retainedSizeOf(earlier);
    return true;
  }

  /** The fewest changes that lead to the present state. */
  *changes(): Iterable<Change> {
    for (const session of this.sessions.values()) {
      if (session.isKept) yield* session.changes();
    }
    const retained: Message[] = [];
    this.#retained.each((message) => retained.push(message));
    for (const message of retained) yield { kind: "retained", message };
  }

  /** Plays changes again, before the first connection. They are not written down again. */
  restore(changes: Iterable<Change>): void {
    for (const change of changes) this.#restore(change);
  }

  #restore(change: Change): void {
    switch (change.kind) {
      case "retained":
        this.#setRetained(change.message);
        return;
      case "retained ended":
        this.#endRetained(change.topic);
        return;
      case "session":
        this.#create(change.clientId, true);
        return;
      default:
        this.#restoreSession(change);
    }
  }

  #restoreSession(change: Exclude<Change, { kind: "retained" | "retained ended" | "session" }>): void {
    const session = this.sessions.get(change.clientId);
    if (!session) return;
    session.restore(change);
    if (change.kind === "subscription") this.#addSubscriber(session, change.topicFilter, change.qos);
    if (change.kind === "subscription ended") this.#removeSubscriber(session, change.topicFilter);
    if (change.kind === "session ended") {
      this.#forget(session);
      session.drop();
    }
  }
}

function retainedSizeOf(message: Message): number {
  return sizeOf(message) + placeBytes(message.topic);
}

/** What a message came in is larger than it, and stays in memory with it; so does the pool that short buffers share. */
function withOwnPayload(message: Message): Message {
  const payload = Buffer.allocUnsafeSlow(message.payload.length);
  message.payload.copy(payload);
  return { ...message, payload };
}
