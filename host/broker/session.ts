/**
 * The session of one client identifier: subscriptions, queued messages of QoS 1 and 2 to the client, and packet identifiers of
 * QoS 2 messages from it [MQTT 3.1.1, 3.1.2.4]. A persistent session outlives connections, and its changes are recorded.
 *
 * Messages are queued in order. At most IN_FLIGHT_MAX are in flight at once, and the next is sent when one is acknowledged. A
 * session does not match topics and does not know other sessions.
 */
import { PACKET_IDENTIFIER_MAX, type Qos } from "../mqtt/packet-types.ts";
import { ProtocolViolation } from "../mqtt/protocol-violation.ts";
import type { Change, ChangeRecorder } from "./change.ts";
import type { Message } from "./message.ts";
import { Outgoing, publishOf } from "./packets.ts";

/** The limit on messages that are sent and not fully acknowledged. Packet identifiers would allow 65,535. */
export const IN_FLIGHT_MAX = 100;
/** The limits of one session's queue. Messages beyond them are dropped. */
export const QUEUED_MESSAGES_MAX = 10_000;
export const QUEUED_BYTES_MAX = 16 * 1024 * 1024;

/** Sends packets to the client while a connection serves the session. */
export interface Outlet {
  send(outgoing: Outgoing): void;
  /** False while the peer does not read. Messages of QoS 0 are dropped then, and others stay queued. */
  hasRoom(): boolean;
}

/** A message to the client that is not fully acknowledged. */
interface QueuedMessage {
  readonly sequence: number;
  readonly message: Message;
  /** Set once the message is in flight. */
  packetIdentifier: number | undefined;
  wasSent: boolean;
  /** QoS 2: PUBREC came, so that PUBREL is sent again and not PUBLISH. */
  isReceived: boolean;
}

/** The number and the bytes of messages that a broker holds. */
export interface Holdings {
  messages: number;
  bytes: number;
}

/** The approximate memory of a message's objects, without topic and payload. */
const MESSAGE_BYTES = 320;

export function sizeOf(message: Message): number {
  return MESSAGE_BYTES + message.topic.length + message.payload.length;
}

export interface SessionOptions {
  readonly clientId: string;
  readonly isKept: boolean;
  readonly holdings: Holdings;
  /** If undefined, changes are not recorded. */
  readonly recorder?: ChangeRecorder | undefined;
}

export class Session {
  readonly clientId: string;
  readonly isKept: boolean;
  readonly subscriptions = new Map<string, Qos>();
  /** The approximate memory of the subscriptions. */
  subscribedBytes = 0;
  /** Set while a connection serves the session. */
  outlet: Outlet | undefined;
  /** A message was dropped since the client had last caught up. */
  hasOverflowed = false;
  readonly #holdings: Holdings;
  readonly #recorder: ChangeRecorder | undefined;
  /** Packet identifiers of accepted QoS 2 messages whose PUBREL has not come. */
  readonly #accepted = new Set<number>();
  /** Messages by sequence number, in order; those in flight come first. */
  readonly #queued = new Map<number, QueuedMessage>();
  readonly #inFlight = new Map<number, QueuedMessage>();
  #queuedBytes = 0;
  #lastSequence = 0;
  /** The sequence number of the last message that was put in flight. */
  #lastInFlight = 0;
  #lastIdentifier = 0;

  constructor({ clientId, isKept, holdings, recorder }: SessionOptions) {
    this.clientId = clientId;
    this.isKept = isKept;
    this.#holdings = holdings;
    this.#recorder = isKept ? recorder : undefined;
  }

  /** The number of messages that are queued or in flight. */
  get queuedCount(): number {
    return this.#queued.size;
  }

  /** Sends a message at QoS 0. Returns false if it was dropped because the peer does not read. */
  send(outgoing: Outgoing): boolean {
    if (!this.outlet) return true;
    if (!this.outlet.hasRoom()) return false;
    this.outlet.send(outgoing);
    return true;
  }

  /** Queues a message of QoS 1 or 2. Returns false if it was dropped because the queue is full. */
  enqueue(message: Message): boolean {
    const { clientId } = this;
    if (this.#queued.size >= QUEUED_MESSAGES_MAX || this.#queuedBytes + sizeOf(message) > QUEUED_BYTES_MAX)
      return false;
    const sequence = this.#lastSequence + 1;
    this.#keep(sequence, message);
    this.#record({ kind: "queued", clientId, sequence, message });
    this.pump();
    return true;
  }

  #keep(sequence: number, message: Message): void {
    const sizeBytes = sizeOf(message);
    this.#lastSequence = sequence;
    this.#queued.set(sequence, {
      sequence,
      message,
      packetIdentifier: undefined,
      wasSent: false,
      isReceived: false,
    });
    this.#queuedBytes += sizeBytes;
    this.#holdings.messages++;
    this.#holdings.bytes += sizeBytes;
  }

  /** Sends queued messages as far as the limit and the socket allow. Called when there is space again. */
  pump(): void {
    while (this.outlet && this.#inFlight.size < IN_FLIGHT_MAX && this.#lastInFlight < this.#lastSequence) {
      if (!this.outlet.hasRoom()) return;
      const queued = this.#queued.get(++this.#lastInFlight);
      if (queued) this.#launch(queued);
    }
    this.hasOverflowed &&= this.#queued.size > 0;
  }

  #launch(queued: QueuedMessage): void {
    const packetIdentifier = this.#takeIdentifier();
    queued.packetIdentifier = packetIdentifier;
    this.#inFlight.set(packetIdentifier, queued);
    this.#record({ kind: "sent", clientId: this.clientId, sequence: queued.sequence, packetIdentifier });
    this.#sendQueued(queued, packetIdentifier);
  }

  /** Sends all unacknowledged messages again, in order, on a new connection [MQTT-4.4.0-1, MQTT-4.6.0-1]. */
  sendAgain(): void {
    for (const [packetIdentifier, queued] of this.#inFlight) this.#sendQueued(queued, packetIdentifier);
    this.pump();
  }

  #sendQueued(queued: QueuedMessage, packetIdentifier: number): void {
    const { isReceived, wasSent, message } = queued;
    if (!this.outlet) return;
    queued.wasSent = true;
    this.outlet.send(
      new Outgoing(
        isReceived
          ? { type: "pubrel", packetIdentifier }
          : publishOf(message, message.qos, wasSent, packetIdentifier),
      ),
    );
  }

  #takeIdentifier(): number {
    do {
      this.#lastIdentifier = (this.#lastIdentifier % PACKET_IDENTIFIER_MAX) + 1;
    } while (this.#inFlight.has(this.#lastIdentifier));
    return this.#lastIdentifier;
  }

  /**
   * Handles PUBACK, PUBREC or PUBCOMP. An identifier that is not in flight is ignored, except that PUBREC is answered.
   * @throws ProtocolViolation if the packet does not fit the message's QoS or its state [MQTT-4.8.0-1].
   */
  acknowledge(type: "puback" | "pubrec" | "pubcomp", packetIdentifier: number): void {
    const queued = this.#inFlight.get(packetIdentifier);
    if (queued && !isExpected(type, queued)) {
      const words = `it is not the expected acknowledgement of a message of QoS ${queued.message.qos}`;
      throw new ProtocolViolation(type.toUpperCase(), { words, clause: "MQTT-4.8.0-1" });
    }
    if (type === "pubrec") {
      if (queued && !queued.isReceived) {
        queued.isReceived = true;
        this.#record({ kind: "received", clientId: this.clientId, sequence: queued.sequence });
      }
      this.outlet?.send(new Outgoing({ type: "pubrel", packetIdentifier }));
    } else if (queued) {
      this.#forget(queued, packetIdentifier);
      this.#record({ kind: "settled", clientId: this.clientId, sequence: queued.sequence });
      this.pump();
    }
  }

  #forget(queued: QueuedMessage, packetIdentifier: number): void {
    const sizeBytes = sizeOf(queued.message);
    this.#inFlight.delete(packetIdentifier);
    this.#queued.delete(queued.sequence);
    this.#queuedBytes -= sizeBytes;
    this.#holdings.messages--;
    this.#holdings.bytes -= sizeBytes;
  }

  /** Remembers the packet identifier of a QoS 2 message. Returns false if it was accepted before [MQTT-4.3.3-2]. */
  acceptIdentifier(packetIdentifier: number): boolean {
    if (this.#accepted.has(packetIdentifier)) return false;
    this.#accepted.add(packetIdentifier);
    this.#record({ kind: "accepted", clientId: this.clientId, packetIdentifier });
    return true;
  }

  /** Frees a packet identifier, because PUBREL came. */
  release(packetIdentifier: number): void {
    if (this.#accepted.delete(packetIdentifier)) {
      this.#record({ kind: "released", clientId: this.clientId, packetIdentifier });
    }
  }

  setSubscription(topicFilter: string, qos: Qos): void {
    if (this.subscriptions.get(topicFilter) === qos) return;
    this.subscriptions.set(topicFilter, qos);
    this.#record({ kind: "subscription", clientId: this.clientId, topicFilter, qos });
  }

  endSubscription(topicFilter: string): void {
    if (!this.subscriptions.delete(topicFilter)) return;
    this.#record({ kind: "subscription ended", clientId: this.clientId, topicFilter });
  }

  /** Frees the memory of the session's messages, because the session has ended. */
  drop(): void {
    this.#holdings.messages -= this.#queued.size;
    this.#holdings.bytes -= this.#queuedBytes;
  }

  /** The shortest list of changes that leads to the present state. */
  *changes(): Iterable<Change> {
    const { clientId } = this;
    yield { kind: "session", clientId };
    for (const [topicFilter, qos] of this.subscriptions) {
      yield { kind: "subscription", clientId, topicFilter, qos };
    }
    for (const packetIdentifier of this.#accepted) yield { kind: "accepted", clientId, packetIdentifier };
    for (const { sequence, message, packetIdentifier, isReceived } of this.#queued.values()) {
      yield { kind: "queued", clientId, sequence, message };
      if (packetIdentifier !== undefined) yield { kind: "sent", clientId, sequence, packetIdentifier };
      if (isReceived) yield { kind: "received", clientId, sequence };
    }
  }

  /** Replays a recorded change of this session, without recording it again. */
  restore(change: Change): void {
    switch (change.kind) {
      case "subscription":
        this.subscriptions.set(change.topicFilter, change.qos);
        break;
      case "subscription ended":
        this.subscriptions.delete(change.topicFilter);
        break;
      case "accepted":
        this.#accepted.add(change.packetIdentifier);
        break;
      case "released":
        this.#accepted.delete(change.packetIdentifier);
        break;
      case "queued":
        if (this.#queued.size === 0) this.#lastInFlight = change.sequence - 1;
        this.#keep(change.sequence, change.message);
        break;
      default:
        this.#restoreFlight(change);
    }
  }

  #restoreFlight(change: Change): void {
    if (change.kind !== "sent" && change.kind !== "received" && change.kind !== "settled") return;
    const queued = this.#queued.get(change.sequence);
    if (!queued) return;
    if (change.kind === "sent") {
      queued.packetIdentifier = change.packetIdentifier;
      // It may have been sent, so it is marked DUP.
      queued.wasSent = true;
      this.#inFlight.set(change.packetIdentifier, queued);
      this.#lastInFlight = change.sequence;
      this.#lastIdentifier = change.packetIdentifier;
    } else if (change.kind === "received") {
      queued.isReceived = true;
    } else if (queued.packetIdentifier !== undefined) {
      this.#forget(queued, queued.packetIdentifier);
    }
  }

  #record(change: Change): void {
    this.#recorder?.record(change);
  }
}

/** Whether an acknowledgement fits the message [MQTT-4.3.2-2, MQTT-4.3.3-2]. A PUBREC may come twice. */
function isExpected(type: "puback" | "pubrec" | "pubcomp", { message, isReceived }: QueuedMessage): boolean {
  if (type === "puback") return message.qos === 1;
  return message.qos === 2 && (type === "pubrec" || isReceived);
}
