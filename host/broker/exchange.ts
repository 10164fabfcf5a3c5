/**
 * The state of a hub apart from connections (sessions, subscriptions, retained messages), and the distribution of messages to
 * sessions. Every change of the state can be recorded and replayed.
 */
import type { Qos } from "../mqtt/packet-types.ts";
import type { Change, ChangeRecorder } from "./change.ts";
import type { Message } from "./message.ts";
import { Outgoing, publishOf } from "./packets.ts";
import { type Holdings, Session, sizeOf } from "./session.ts";
import { FilterTree, NameTree, placeBytes } from "./topic-trees.ts";

/** The limit on the bytes of all queued and retained messages and wills: the memory of a Scaleway IoT Hub. */
export const HELD_BYTES_MAX = 140 * 1024 * 1024;
/** The limit on the bytes of all subscriptions, which is separate from that of messages. */
export const SUBSCRIBED_BYTES_MAX = 128 * 1024 * 1024;
/** The limit on the bytes of one session's subscriptions, some thousand, so that no client uses the space of all. */
export const SESSION_SUBSCRIBED_BYTES_MAX = 2 * 1024 * 1024;
/** Beyond this number the session whose client has been away longest is ended. Scaleway allows as many devices. */
const SESSIONS_MAX = 10_000;

export interface ExchangeOptions {
  readonly recorder?: ChangeRecorder | undefined;
  /** Called when a message to the session was dropped. */
  readonly onOverflow: (session: Session) => void;
}

export class Exchange {
  readonly sessions = new Map<string, Session>();
  /** The messages that wait for clients. */
  readonly queued: Holdings = { messages: 0, bytes: 0 };
  readonly retained: Holdings = { messages: 0, bytes: 0 };
  /** The wills of connected clients. */
  readonly wills: Holdings = { messages: 0, bytes: 0 };
  #subscribedBytes = 0;
  readonly #retained = new NameTree<Message>();
  readonly #hubMessages = new NameTree<Message>();
  /** For each session, the topics whose retained messages it has yet to get, and the QoS that was granted. */
  readonly #unsent = new Map<Session, Map<string, Qos>>();
  readonly #subscribers = new FilterTree<Map<Session, Qos>>();
  readonly #recorder: ChangeRecorder | undefined;
  readonly #onOverflow: (session: Session) => void;

  constructor({ recorder, onOverflow }: ExchangeOptions) {
    this.#recorder = recorder;
    this.#onOverflow = onOverflow;
  }

  /** Returns the session of a client identifier, or a new one in its place [MQTT-3.1.2-4, MQTT-3.1.2-6]. */
  openSession(clientId: string, isKept: boolean): { readonly session: Session; readonly isPresent: boolean } {
    const earlier = this.sessions.get(clientId);
    if (earlier && isKept && earlier.isKept) {
      // The map keeps the order in which clients were last connected.
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
    const session = new Session({ clientId, isKept, holdings: this.queued, recorder: this.#recorder });
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

  /** Returns false if the session, or all sessions together, have too many subscriptions already. */
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

  /** Reserves room for a will while its client is connected. Returns false if there is none. */
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
   * Sends retained messages to a new subscription [MQTT-3.3.1-6, MQTT-3.3.1-8]. At QoS 0 only the topic is kept while the
   * socket has no space. The message that is retained there when space is available is sent.
   */
  deliverRetained(session: Session, topicFilter: string, grantedQos: Qos): void {
    for (const messages of [this.#retained, this.#hubMessages]) {
      messages.match(topicFilter, (message) => {
        if (grantedQos > 0 && message.qos > 0) this.#sendRetained(session, message, grantedQos);
        else this.#keepUnsent(session, message.topic, grantedQos);
      });
    }
    this.resumeRetained(session);
  }

  #keepUnsent(session: Session, topic: string, grantedQos: Qos): void {
    let unsent = this.#unsent.get(session);
    if (!unsent) {
      unsent = new Map();
      this.#unsent.set(session, unsent);
    }
    unsent.set(topic, grantedQos);
  }

  /** Sends the retained messages that had to wait, as far as there is space. */
  resumeRetained(session: Session): void {
    const unsent = this.#unsent.get(session);
    if (!unsent) return;
    for (const [topic, grantedQos] of unsent) {
      if (!session.outlet?.hasRoom()) return;
      unsent.delete(topic);
      const message = this.#retained.get(topic) ?? this.#hubMessages.get(topic);
      if (message) this.#sendRetained(session, message, grantedQos);
    }
    this.#unsent.delete(session);
  }

  /** Does the same for all sessions. */
  resumeAllRetained(): void {
    for (const session of this.#unsent.keys()) this.resumeRetained(session);
  }

  /** Forgets the retained messages that had to wait, because the connection has ended and a new one subscribes again. */
  forgetUnsent(session: Session): void {
    this.#unsent.delete(session);
  }

  #sendRetained(session: Session, message: Message, grantedQos: Qos): void {
    const qos = Math.min(grantedQos, message.qos) as Qos;
    if (qos > 0) this.#enqueue(session, { ...message, qos });
    else this.#send(session, new Outgoing(publishOf(message, qos)));
  }

  /**
   * Sends a message to each subscribed session once, at the highest QoS of its matching subscriptions [MQTT-3.3.5-1]. Returns
   * false if the message should be retained but the hub has no space for it.
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
      this.#enqueue(session, { ...kept, qos });
    }
    return isRetained;
  }

  /** Whether any session has subscribed to the topic. */
  isHeard(topicName: string): boolean {
    let isHeard = false;
    this.#subscribers.match(topicName, () => {
      isHeard = true;
    });
    return isHeard;
  }

  #send(session: Session, outgoing: Outgoing): void {
    if (!session.send(outgoing)) this.#reportOverflow(session);
  }

  #enqueue(session: Session, message: Message): void {
    if (!this.#hasRoom(sizeOf(message)) || !session.enqueue(message)) this.#reportOverflow(session);
  }

  #hasRoom(bytes: number): boolean {
    return this.queued.bytes + this.retained.bytes + this.wills.bytes + bytes <= HELD_BYTES_MAX;
  }

  #reportOverflow(session: Session): void {
    if (session.hasOverflowed) return;
    session.hasOverflowed = true;
    this.#onOverflow(session);
  }

  retainedMessage(topicName: string): Message | undefined {
    return this.#retained.get(topicName);
  }

  /**
   * Stores a message of the hub itself ($SYS). New subscriptions get it like a retained message, but it is neither counted nor
   * recorded. Each topic keeps the last message, and an empty message removes it.
   */
  setHubMessage(message: Message): void {
    if (message.payload.length === 0) this.#hubMessages.delete(message.topic);
    else this.#hubMessages.set(message.topic, { ...message, retain: true });
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

  /** The shortest list of changes that leads to the present state. */
  *changes(): Iterable<Change> {
    for (const session of this.sessions.values()) {
      if (session.isKept) yield* session.changes();
    }
    const retained: Message[] = [];
    this.#retained.each((message) => retained.push(message));
    for (const message of retained) yield { kind: "retained", message };
  }

  /** Replays changes before the first connection, without recording them again. */
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

/** Copies the payload, because a view keeps the whole received chunk, or the pool of short buffers, in memory. */
function withOwnPayload(message: Message): Message {
  const payload = Buffer.allocUnsafeSlow(message.payload.length);
  message.payload.copy(payload);
  return { ...message, payload };
}
