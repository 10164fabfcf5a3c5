/**
 * What a hub keeps for one client identifier: subscriptions, messages of QoS 1 and 2 on their way to the client, and
 * identifiers of QoS 2 on their way from it [MQTT 3.1.1, 3.1.2.4]. A kept session outlives connections, and has all of
 * that written down before it counts.
 *
 * Messages wait in their order; so many as may are in flight at once, and the next goes out when one was acknowledged. It
 * knows no topics and no other sessions.
 */
import { PACKET_IDENTIFIER_MAX, type Qos } from "../mqtt/packet-types.ts";
import { ProtocolViolation } from "../mqtt/protocol-violation.ts";
import type { Change, ChangeRecorder } from "./change.ts";
import type { Message } from "./message.ts";
import { Outgoing, publishOf } from "./packets.ts";

/** Sent and not acknowledged to the end. Identifiers would allow 65,535. */
export const IN_FLIGHT_MAX = 100;
/** Of one session; what comes beyond is lost to it. */
export const QUEUED_MESSAGES_MAX = 10_000;
export const QUEUED_BYTES_MAX = 16 * 1024 * 1024;

/** The way to the client, while there is one. */
export interface Outlet {
  send(outgoing: Outgoing): void;
  /** False: the peer does not take what was sent. QoS 0 is lost to it then, and the rest waits in the session. */
  hasRoom(): boolean;
}

/** A message to the client, until the acknowledgement that ends it. */
interface Owed {
  readonly sequence: number;
  readonly message: Message;
  /** Once it is in flight. */
  packetIdentifier: number | undefined;
  wasSent: boolean;
  /** QoS 2: PUBREC came, so that PUBREL is owed and not PUBLISH. */
  isReceived: boolean;
}

/** Messages and their bytes that a broker holds in all. */
export interface Holdings {
  messages: number;
  bytes: number;
}

/** What an object costs around a payload, about. */
const MESSAGE_BYTES = 320;

export function sizeOf(message: Message): number {
  return MESSAGE_BYTES + message.topic.length + message.payload.length;
}

export interface SessionOptions {
  readonly clientId: string;
  readonly isKept: boolean;
  readonly holdings: Holdings;
  /** Left out: nothing is written down. */
  readonly recorder?: ChangeRecorder | undefined;
}

export class Session {
  readonly clientId: string;
  readonly isKept: boolean;
  readonly subscriptions = new Map<string, Qos>();
  /** What the subscriptions cost. */
  subscribedBytes = 0;
  /** Set while a connection serves the session. */
  outlet: Outlet | undefined;
  /** A message was lost since the client last had caught up. */
  hasOverflowed = false;
  readonly #holdings: Holdings;
  readonly #recorder: ChangeRecorder | undefined;
  /** Identifiers of QoS 2 whose message was taken and whose PUBREL has not come. */
  readonly #taken = new Set<number>();
  /** By sequence, which is their order; those in flight come first. */
  readonly #owed = new Map<number, Owed>();
  readonly #inFlight = new Map<number, Owed>();
  #owedBytes = 0;
  #lastSequence = 0;
  /** All up to it were put into flight. */
  #lastInFlight = 0;
  #lastIdentifier = 0;

  constructor({ clientId, isKept, holdings, recorder }: SessionOptions) {
    this.clientId = clientId;
    this.isKept = isKept;
    this.#holdings = holdings;
    this.#recorder = isKept ? recorder : undefined;
  }

  /** Messages that the client has not acknowledged to the end, those that wait among them. */
  get owedCount(): number {
    return this.#owed.size;
  }

  /** At QoS 0. False: it is lost, for too much waits already. */
  send(outgoing: Outgoing): boolean {
    if (!this.outlet) return true;
    if (!this.outlet.hasRoom()) return false;
    this.outlet.send(outgoing);
    return true;
  }

  /** At QoS 1 or 2: sends, now or later. False: it is lost, for too much waits already. */
  owe(message: Message): boolean {
    const { clientId } = this;
    if (this.#owed.size >= QUEUED_MESSAGES_MAX || this.#owedBytes + sizeOf(message) > QUEUED_BYTES_MAX)
      return false;
    const sequence = this.#lastSequence + 1;
    this.#keep(sequence, message);
    this.#record({ kind: "owed", clientId, sequence, message });
    this.pump();
    return true;
  }

  #keep(sequence: number, message: Message): void {
    const sizeBytes = sizeOf(message);
    this.#lastSequence = sequence;
    this.#owed.set(sequence, {
      sequence,
      message,
      packetIdentifier: undefined,
      wasSent: false,
      isReceived: false,
    });
    this.#owedBytes += sizeBytes;
    this.#holdings.messages++;
    this.#holdings.bytes += sizeBytes;
  }

  /** Puts into flight what may be: called when there is room again. */
  pump(): void {
    while (this.outlet && this.#inFlight.size < IN_FLIGHT_MAX && this.#lastInFlight < this.#lastSequence) {
      if (!this.outlet.hasRoom()) return;
      const owed = this.#owed.get(++this.#lastInFlight);
      if (owed) this.#launch(owed);
    }
    this.hasOverflowed &&= this.#owed.size > 0;
  }

  #launch(owed: Owed): void {
    const packetIdentifier = this.#takeIdentifier();
    owed.packetIdentifier = packetIdentifier;
    this.#inFlight.set(packetIdentifier, owed);
    this.#record({ kind: "sent", clientId: this.clientId, sequence: owed.sequence, packetIdentifier });
    this.#sendOwed(owed, packetIdentifier);
  }

  /** On a new connection: all that is not acknowledged, in order [MQTT-4.4.0-1, MQTT-4.6.0-1]. */
  sendAgain(): void {
    for (const [packetIdentifier, owed] of this.#inFlight) this.#sendOwed(owed, packetIdentifier);
    this.pump();
  }

  #sendOwed(owed: Owed, packetIdentifier: number): void {
    const { isReceived, wasSent, message } = owed;
    if (!this.outlet) return;
    owed.wasSent = true;
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
   * PUBACK, PUBREC or PUBCOMP came. An identifier that is not in flight does no harm, and PUBREC is answered.
   * @throws ProtocolViolation where the message has another QoS, or another packet's turn it is [MQTT-4.8.0-1].
   */
  acknowledge(type: "puback" | "pubrec" | "pubcomp", packetIdentifier: number): void {
    const owed = this.#inFlight.get(packetIdentifier);
    if (owed && !isExpected(type, owed)) {
      const words = `a message of QoS ${owed.message.qos} waits for another packet`;
      throw new ProtocolViolation(type.toUpperCase(), { words, clause: "MQTT-4.8.0-1" });
    }
    if (type === "pubrec") {
      if (owed && !owed.isReceived) {
        owed.isReceived = true;
        this.#record({ kind: "received", clientId: this.clientId, sequence: owed.sequence });
      }
      this.outlet?.send(new Outgoing({ type: "pubrel", packetIdentifier }));
    } else if (owed) {
      this.#forget(owed, packetIdentifier);
      this.#record({ kind: "settled", clientId: this.clientId, sequence: owed.sequence });
      this.pump();
    }
  }

  #forget(owed: Owed, packetIdentifier: number): void {
    const sizeBytes = sizeOf(owed.message);
    this.#inFlight.delete(packetIdentifier);
    this.#owed.delete(owed.sequence);
    this.#owedBytes -= sizeBytes;
    this.#holdings.messages--;
    this.#holdings.bytes -= sizeBytes;
  }

  /** Of a message of QoS 2. False: it was taken before [MQTT-4.3.3-2]. */
  take(packetIdentifier: number): boolean {
    if (this.#taken.has(packetIdentifier)) return false;
    this.#taken.add(packetIdentifier);
    this.#record({ kind: "taken", clientId: this.clientId, packetIdentifier });
    return true;
  }

  /** PUBREL came: its identifier is free again. */
  release(packetIdentifier: number): void {
    if (this.#taken.delete(packetIdentifier)) {
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

  /** It is gone, and what it held with it. */
  drop(): void {
    this.#holdings.messages -= this.#owed.size;
    this.#holdings.bytes -= this.#owedBytes;
  }

  /** The fewest changes that lead to the present state. */
  *changes(): Iterable<Change> {
    const { clientId } = this;
    yield { kind: "session", clientId };
    for (const [topicFilter, qos] of this.subscriptions) {
      yield { kind: "subscription", clientId, topicFilter, qos };
    }
    for (const packetIdentifier of this.#taken) yield { kind: "taken", clientId, packetIdentifier };
    for (const { sequence, message, packetIdentifier, isReceived } of this.#owed.values()) {
      yield { kind: "owed", clientId, sequence, message };
      if (packetIdentifier !== undefined) yield { kind: "sent", clientId, sequence, packetIdentifier };
      if (isReceived) yield { kind: "received", clientId, sequence };
    }
  }

  /** Plays a change of this session again. It had its effect once, and is not written down. */
  restore(change: Change): void {
    switch (change.kind) {
      case "subscription":
        this.subscriptions.set(change.topicFilter, change.qos);
        break;
      case "subscription ended":
        this.subscriptions.delete(change.topicFilter);
        break;
      case "taken":
        this.#taken.add(change.packetIdentifier);
        break;
      case "released":
        this.#taken.delete(change.packetIdentifier);
        break;
      case "owed":
        if (this.#owed.size === 0) this.#lastInFlight = change.sequence - 1;
        this.#keep(change.sequence, change.message);
        break;
      default:
        this.#restoreFlight(change);
    }
  }

  #restoreFlight(change: Change): void {
    if (change.kind !== "sent" && change.kind !== "received" && change.kind !== "settled") return;
    const owed = this.#owed.get(change.sequence);
    if (!owed) return;
    if (change.kind === "sent") {
      owed.packetIdentifier = change.packetIdentifier;
      // It may have left, and so it is marked as a repetition.
      owed.wasSent = true;
      this.#inFlight.set(change.packetIdentifier, owed);
      this.#lastInFlight = change.sequence;
      this.#lastIdentifier = change.packetIdentifier;
    } else if (change.kind === "received") {
      owed.isReceived = true;
    } else if (owed.packetIdentifier !== undefined) {
      this.#forget(owed, owed.packetIdentifier);
    }
  }

  #record(change: Change): void {
    this.#recorder?.record(change);
  }
}

/** [MQTT-4.3.2-2, MQTT-4.3.3-2]. A PUBREC may come twice. */
function isExpected(type: "puback" | "pubrec" | "pubcomp", { message, isReceived }: Owed): boolean {
  if (type === "puback") return message.qos === 1;
  return message.qos === 2 && (type === "pubrec" || isReceived);
}
