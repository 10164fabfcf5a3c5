/**
 * What a hub keeps for one client identifier: subscriptions, messages of QoS 1 and 2 on their way to the client, and
 * identifiers of QoS 2 on their way from it [MQTT 3.1.1, 3.1.2.4]. It outlives connections unless it is clean.
 */
import type { IPublishPacket, Packet, QoS } from "mqtt-packet";
import { matchesFilter } from "./topics.ts";

const PACKET_IDENTIFIER_MAX = 65_535;

export interface HubMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** A message to the client, from its first sending to the acknowledgement that ends it. */
interface InFlight {
  readonly publish: IPublishPacket;
  wasSent: boolean;
  /** QoS 2: PUBREC came, so that PUBREL is owed and not PUBLISH. */
  isReceived: boolean;
}

/** False where there is no connection. */
type Send = (packet: Packet) => boolean;

export class Session {
  readonly clientId: string;
  readonly isClean: boolean;
  readonly subscriptions = new Map<string, QoS>();
  /** Identifiers of QoS 2 whose message was taken and whose PUBREL has not come. */
  readonly receivedIdentifiers = new Set<number>();
  /** Set by the connection that serves the session. */
  send: Send = () => false;
  readonly #inFlight = new Map<number, InFlight>();
  #lastIdentifier = 0;

  constructor(clientId: string, isClean: boolean) {
    this.clientId = clientId;
    this.isClean = isClean;
  }

  /** Messages that the client has not acknowledged to the end. */
  get inFlightCount(): number {
    return this.#inFlight.size;
  }

  /** The highest QoS of all subscriptions that match [MQTT-3.3.5-1]; undefined where none does. */
  grantedQos(topic: string): QoS | undefined {
    let granted: QoS | undefined;
    for (const [topicFilter, qos] of this.subscriptions) {
      if (matchesFilter(topicFilter, topic)) granted = Math.max(granted ?? 0, qos) as QoS;
    }
    return granted;
  }

  /** Sends, or keeps for the next connection what has a QoS above 0. */
  deliver(message: HubMessage): void {
    const publish: IPublishPacket = { cmd: "publish", dup: false, ...message };
    if (message.qos === 0) {
      this.send(publish);
      return;
    }
    publish.messageId = this.#takeIdentifier();
    const entry: InFlight = { publish, wasSent: false, isReceived: false };
    this.#inFlight.set(publish.messageId, entry);
    this.#sendEntry(publish.messageId, entry);
  }

  /** On a new connection: all that is not acknowledged, in order [MQTT-4.4.0-1, MQTT-4.6.0-1]. */
  sendAgain(): void {
    for (const [identifier, entry] of this.#inFlight) this.#sendEntry(identifier, entry);
  }

  /** PUBACK, PUBREC or PUBCOMP came. An identifier that is not in flight does no harm, and PUBREC is answered. */
  acknowledge(cmd: "puback" | "pubrec" | "pubcomp", messageId: number): void {
    const entry = this.#inFlight.get(messageId);
    if (cmd === "pubrec") {
      if (entry) entry.isReceived = true;
      this.send({ cmd: "pubrel", messageId });
    } else if (entry && entry.publish.qos === (cmd === "puback" ? 1 : 2)) {
      this.#inFlight.delete(messageId);
    }
  }

  #sendEntry(messageId: number, entry: InFlight): void {
    const dup = entry.wasSent;
    const packet: Packet = entry.isReceived ? { cmd: "pubrel", messageId } : { ...entry.publish, dup };
    if (this.send(packet)) entry.wasSent = true;
  }

  #takeIdentifier(): number {
    if (this.#inFlight.size === PACKET_IDENTIFIER_MAX) {
      throw new Error(`All packet identifiers of "${this.clientId}" are in flight.`);
    }
    do {
      this.#lastIdentifier = (this.#lastIdentifier % PACKET_IDENTIFIER_MAX) + 1;
    } while (this.#inFlight.has(this.#lastIdentifier));
    return this.#lastIdentifier;
  }
}
