/**
 * What is under way between client and hub: messages of QoS 1 and 2 both ways, subscriptions that are asked for, and the packet
 * identifiers of all [2.3.1, 4.3]. It knows no socket and no time.
 */

import { asDuplicate, encodePacket } from "../../mqtt/encode.ts";
import { PACKET_IDENTIFIER_MAX, type Qos, SUBACK_FAILURE } from "../../mqtt/packet-types.ts";
import type { AcknowledgementType, HubPacket, PublishPacket } from "../../mqtt/packets.ts";
import { ProtocolViolation } from "../../mqtt/protocol-violation.ts";
import { RULES } from "../../mqtt/rules.ts";

/** A message, as it is to be published. */
export type Publication = Omit<PublishPacket, "type" | "dup" | "packetIdentifier">;

export interface ExchangeOptions {
  send(frame: Uint8Array<ArrayBuffer>): void;
  /** Of QoS 2 each once. */
  onMessage(message: PublishPacket): void;
}

const UNDER_WAY_MAX = 1_000;

/** What the client waits for an answer to. */
type UnderWay =
  | {
      readonly kind: "publish";
      readonly frame: Uint8Array;
      readonly qos: Qos;
      /** QoS 2: PUBREC came, so that PUBREL is sent again and not PUBLISH. */
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
  readonly #underWay = new Map<number, UnderWay>();
  /** Identifiers of QoS 2 whose message was taken and whose PUBREL has not come [MQTT-4.3.3-2]. */
  readonly #taken = new Set<number>();
  #lastIdentifier = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Resolves when the hub has it; at QoS 0 at once. Rejects with words. */
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
    ) => UnderWay,
  ): Promise<Result> {
    if (this.#underWay.size >= UNDER_WAY_MAX) {
      const why = `${UNDER_WAY_MAX} packets wait for the hub's answer already.`;
      return Promise.reject(new Error(why));
    }
    return new Promise((resolve, reject) => {
      const packetIdentifier = this.#freeIdentifier();
      this.#underWay.set(packetIdentifier, start(packetIdentifier, resolve, reject));
    });
  }

  #freeIdentifier(): number {
    do {
      this.#lastIdentifier = (this.#lastIdentifier % PACKET_IDENTIFIER_MAX) + 1;
    } while (this.#underWay.has(this.#lastIdentifier));
    return this.#lastIdentifier;
  }

  /**
   * A connection was accepted. Where the hub has kept the session, what it has not acknowledged is sent again, in order
   * [MQTT-4.4.0-1]; else it is lost.
   */
  begin(sessionPresent: boolean): void {
    if (!sessionPresent) {
      this.abandon("The hub has no session of before: whether it got the message is not known.");
      return;
    }
    for (const [packetIdentifier, each] of this.#underWay) {
      if (each.kind !== "publish") continue;
      if (each.isReceived) this.#answer("pubrel", packetIdentifier);
      else this.#options.send(asDuplicate(each.frame));
    }
  }

  /** The connection has ended. `isKept`: the hub keeps the session, so that messages wait for the next one. */
  suspend(isKept: boolean): void {
    const why = "The connection ended before the hub had answered.";
    if (!isKept) {
      this.abandon(why);
      return;
    }
    for (const [packetIdentifier, each] of this.#underWay) {
      if (each.kind === "publish") continue;
      this.#underWay.delete(packetIdentifier);
      each.reject(new Error(why));
    }
  }

  abandon(why: string): void {
    const underWay = [...this.#underWay.values()];
    this.#underWay.clear();
    this.#taken.clear();
    for (const { reject } of underWay) reject(new Error(why));
  }

  /** @throws ProtocolViolation the hub answers what was not asked. */
  take(packet: Exclude<HubPacket, { type: "connack" | "pingresp" }>): void {
    switch (packet.type) {
      case "publish":
        this.#takePublish(packet);
        break;
      case "pubrel":
        this.#taken.delete(packet.packetIdentifier);
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
    const isNew = qos < 2 || !this.#taken.has(packetIdentifier);
    if (qos === 2) this.#taken.add(packetIdentifier);
    if (isNew) this.#options.onMessage(message);
    if (qos > 0) this.#answer(qos === 1 ? "puback" : "pubrec", packetIdentifier);
  }

  #answer(type: AcknowledgementType, packetIdentifier: number): void {
    this.#options.send(encodePacket({ type, packetIdentifier }));
  }

  /** One that nothing waits for may be of a session before: it is passed over, and PUBREC is answered. */
  #takeAcknowledgement(type: "puback" | "pubrec" | "pubcomp", packetIdentifier: number): void {
    const found = this.#underWay.get(packetIdentifier);
    if (found && (found.kind !== "publish" || !isExpected(type, found))) {
      throw unexpected(type, `packet ${packetIdentifier} waits for another answer`);
    }
    if (type === "pubrec") {
      if (found) found.isReceived = true;
      this.#answer("pubrel", packetIdentifier);
    } else if (found) {
      this.#underWay.delete(packetIdentifier);
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
  ): Extract<UnderWay, { kind: Kind }> {
    const found = this.#underWay.get(packetIdentifier);
    if (found?.kind !== kind)
      throw unexpected(packet, `nothing with identifier ${packetIdentifier} waits for it`);
    this.#underWay.delete(packetIdentifier);
    return found as Extract<UnderWay, { kind: Kind }>;
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
  { qos, isReceived }: Extract<UnderWay, { kind: "publish" }>,
): boolean {
  if (type === "puback") return qos === 1;
  return qos === 2 && (type === "pubrec" || isReceived);
}
