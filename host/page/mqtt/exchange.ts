/**
 * The packets in flight between client and hub: messages of QoS 1 and 2 in both directions, SUBSCRIBE and UNSUBSCRIBE, and
 * their packet identifiers [2.3.1, 4.3]. It uses neither sockets nor time.
 */

import { asDuplicate, encodePacket } from "../../mqtt/encode.ts";
import { PACKET_IDENTIFIER_MAX, type Qos, SUBACK_FAILURE } from "../../mqtt/packet-types.ts";
import type { AcknowledgementType, HubPacket, PublishPacket } from "../../mqtt/packets.ts";
import { ProtocolViolation } from "../../mqtt/protocol-violation.ts";
import { RULES } from "../../mqtt/rules.ts";

/** A message to publish. */
export type Publication = Omit<PublishPacket, "type" | "dup" | "packetIdentifier">;

export interface ExchangeOptions {
  send(frame: Uint8Array<ArrayBuffer>): void;
  /** Called exactly once for each message of QoS 2. */
  onMessage(message: PublishPacket): void;
}

const IN_FLIGHT_MAX = 1_000;

/** A packet that the hub has not answered yet. */
type InFlight =
  | {
      readonly kind: "publish";
      readonly frame: Uint8Array;
      readonly qos: Qos;
      /** QoS 2: PUBREC was received, so PUBREL and not PUBLISH is sent again. */
      isReceived: boolean;
      readonly resolve: () => void;
      readonly reject: (error: Error) => void;
    }
  | {
      readonly kind: "subscribe";
      readonly resolve: (granted: Qos | "refused") => void;
      readonly reject: (error: Error) => void;
    }
  | {
      readonly kind: "unsubscribe";
      readonly resolve: () => void;
      readonly reject: (error: Error) => void;
    };

export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #inFlight = new Map<number, InFlight>();
  /** Packet identifiers of received messages of QoS 2 whose PUBREL has not arrived [MQTT-4.3.3-2]. */
  readonly #received = new Set<number>();
  #lastIdentifier = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Resolves when the hub has the message, or at once for QoS 0. Rejects with a text for the user. */
  publish(message: Publication): Promise<void> {
    const { qos } = message;
    if (qos === 0) {
      this.#options.send(encodePublish(message, 0));
      return Promise.resolve();
    }
    return this.#begin((packetIdentifier, resolve: () => void, reject) => {
      const frame = encodePublish(message, packetIdentifier);
      this.#options.send(frame);
      return { kind: "publish", frame, qos, isReceived: false, resolve, reject };
    });
  }

  subscribe(topicFilter: string, qos: Qos): Promise<Qos | "refused"> {
    return this.#begin((packetIdentifier, resolve: (granted: Qos | "refused") => void, reject) => {
      const subscriptions = [{ topicFilter, qos }];
      this.#options.send(encodePacket({ type: "subscribe", packetIdentifier, subscriptions }));
      return { kind: "subscribe", resolve, reject };
    });
  }

  unsubscribe(topicFilter: string): Promise<void> {
    return this.#begin((packetIdentifier, resolve: () => void, reject) => {
      const topicFilters = [topicFilter];
      this.#options.send(encodePacket({ type: "unsubscribe", packetIdentifier, topicFilters }));
      return { kind: "unsubscribe", resolve, reject };
    });
  }

  #begin<Result>(
    start: (
      packetIdentifier: number,
      resolve: (result: Result) => void,
      reject: (error: Error) => void,
    ) => InFlight,
  ): Promise<Result> {
    if (this.#inFlight.size >= IN_FLIGHT_MAX) {
      const reason = `The hub has not answered ${IN_FLIGHT_MAX} packets yet. Try again later.`;
      return Promise.reject(new Error(reason));
    }
    return new Promise((resolve, reject) => {
      const packetIdentifier = this.#freeIdentifier();
      this.#inFlight.set(packetIdentifier, start(packetIdentifier, resolve, reject));
    });
  }

  #freeIdentifier(): number {
    do {
      this.#lastIdentifier = (this.#lastIdentifier % PACKET_IDENTIFIER_MAX) + 1;
    } while (this.#inFlight.has(this.#lastIdentifier));
    return this.#lastIdentifier;
  }

  /**
   * Begins a connection that the hub accepted. If the hub has the session, unacknowledged packets are sent again in order
   * [MQTT-4.4.0-1]. Otherwise they are lost.
   */
  begin(sessionPresent: boolean): void {
    if (!sessionPresent) {
      this.abandon("The hub has lost the session, so it is not known whether it received the message.");
      return;
    }
    for (const [packetIdentifier, each] of this.#inFlight) {
      if (each.kind !== "publish") continue;
      if (each.isReceived) this.#answer("pubrel", packetIdentifier);
      else this.#options.send(asDuplicate(each.frame));
    }
  }

  /** The connection has ended. In a persistent session the messages wait for the next connection. */
  suspend(isPersistent: boolean): void {
    const reason = "The connection ended before the hub answered.";
    if (!isPersistent) {
      this.abandon(reason);
      return;
    }
    for (const [packetIdentifier, each] of this.#inFlight) {
      if (each.kind === "publish") continue;
      this.#inFlight.delete(packetIdentifier);
      each.reject(new Error(reason));
    }
  }

  /** Rejects all packets in flight with this reason. */
  abandon(reason: string): void {
    const inFlight = [...this.#inFlight.values()];
    this.#inFlight.clear();
    this.#received.clear();
    for (const { reject } of inFlight) reject(new Error(reason));
  }

  /** @throws ProtocolViolation if the hub answers a packet that was not sent. */
  take(packet: Exclude<HubPacket, { type: "connack" | "pingresp" }>): void {
    switch (packet.type) {
      case "publish":
        this.#takePublish(packet);
        break;
      case "pubrel":
        this.#received.delete(packet.packetIdentifier);
        this.#answer("pubcomp", packet.packetIdentifier);
        break;
      case "puback":
      case "pubrec":
      case "pubcomp":
        this.#takeAcknowledgement(packet.type, packet.packetIdentifier);
        break;
      case "suback":
        this.#takeSuback(packet.packetIdentifier, packet.returnCodes);
        break;
      case "unsuback":
        this.#settle(packet.packetIdentifier, "unsubscribe", "unsuback").resolve();
        break;
    }
  }

  #takePublish(message: PublishPacket): void {
    const { qos, packetIdentifier } = message;
    const isNew = qos < 2 || !this.#received.has(packetIdentifier);
    if (qos === 2) this.#received.add(packetIdentifier);
    if (isNew) this.#options.onMessage(message);
    if (qos > 0) this.#answer(qos === 1 ? "puback" : "pubrec", packetIdentifier);
  }

  #answer(type: AcknowledgementType, packetIdentifier: number): void {
    this.#options.send(encodePacket({ type, packetIdentifier }));
  }

  /** An acknowledgement that no packet waits for may belong to an earlier session. It is ignored, but PUBREC is answered. */
  #takeAcknowledgement(type: "puback" | "pubrec" | "pubcomp", packetIdentifier: number): void {
    const found = this.#inFlight.get(packetIdentifier);
    if (found && (found.kind !== "publish" || !isExpected(type, found))) {
      throw unexpected(type, `packet ${packetIdentifier} waits for another answer`);
    }
    if (type === "pubrec") {
      if (found) found.isReceived = true;
      this.#answer("pubrel", packetIdentifier);
    } else if (found) {
      this.#inFlight.delete(packetIdentifier);
      found.resolve();
    }
  }

  #takeSuback(packetIdentifier: number, returnCodes: readonly number[]): void {
    const [code, ...more] = returnCodes;
    if (code === undefined || more.length > 0) throw new ProtocolViolation("SUBACK", RULES.subackCount);
    const { resolve } = this.#settle(packetIdentifier, "subscribe", "suback");
    resolve(code === SUBACK_FAILURE ? "refused" : (code as Qos));
  }

  #settle<Kind extends "subscribe" | "unsubscribe">(
    packetIdentifier: number,
    kind: Kind,
    packet: string,
  ): Extract<InFlight, { kind: Kind }> {
    const found = this.#inFlight.get(packetIdentifier);
    if (found?.kind !== kind)
      throw unexpected(packet, `nothing with identifier ${packetIdentifier} waits for it`);
    this.#inFlight.delete(packetIdentifier);
    return found as Extract<InFlight, { kind: Kind }>;
  }
}

function encodePublish(message: Publication, packetIdentifier: number): Uint8Array<ArrayBuffer> {
  return encodePacket({ type: "publish", ...message, dup: false, packetIdentifier });
}

function unexpected(packet: string, words: string): ProtocolViolation {
  return new ProtocolViolation(packet.toUpperCase(), { words, clause: "MQTT-4.8.0-1" });
}

function isExpected(
  type: "puback" | "pubrec" | "pubcomp",
  { qos, isReceived }: Extract<InFlight, { kind: "publish" }>,
): boolean {
  if (type === "puback") return qos === 1;
  return qos === 2 && (type === "pubrec" || isReceived);
}
