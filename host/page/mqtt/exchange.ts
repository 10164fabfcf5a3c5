/**
 * What is under way between client and hub: messages of QoS 1 and 2 both ways, subscriptions that are asked for, and the packet
 * identifiers of all [2.3.1, 4.3]. It knows no socket and no time.
 */
import type { Qos } from "../model/message.ts";
import { HubFault, type HubPacket, type IncomingPublish } from "./packets-from-hub.ts";
import {
  asDuplicate,
  encodeAcknowledgement,
  encodePublish,
  encodeSubscribe,
  encodeUnsubscribe,
  type PublishFields,
} from "./packets-to-hub.ts";

export interface ExchangeOptions {
  send(frame: Uint8Array<ArrayBuffer>): void;
  /** Of QoS 2 each once. */
  onMessage(message: IncomingPublish): void;
}

const PACKET_IDENTIFIER_MAX = 65_535;
const UNDER_WAY_MAX = 1_000;
const SUBACK_FAILURE = 0x80;

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
  publish(message: Omit<PublishFields, "packetIdentifier">): Promise<void> {
    const { qos } = message;
    if (qos === 0) {
      this.#options.send(encodePublish(message));
      return Promise.resolve();
    }
    return this.#begin((packetIdentifier, resolve: () => void, reject) => {
      const frame = encodePublish({ ...message, packetIdentifier });
      this.#options.send(frame);
      return { kind: "publish", frame, qos, isReceived: false, resolve, reject };
    });
  }

  subscribe(topicFilter: string, qos: Qos): Promise<Qos | "refused"> {
    return this.#begin((packetIdentifier, resolve: (granted: Qos | "refused") => void, reject) => {
      this.#options.send(encodeSubscribe(packetIdentifier, topicFilter, qos));
      return { kind: "subscribe", resolve, reject };
    });
  }

  unsubscribe(topicFilter: string): Promise<void> {
    return this.#begin((packetIdentifier, resolve: () => void, reject) => {
      this.#options.send(encodeUnsubscribe(packetIdentifier, topicFilter));
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
      if (each.isReceived) this.#options.send(encodeAcknowledgement("pubrel", packetIdentifier));
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

  /** @throws HubFault the hub answers what was not asked. */
  take(packet: Exclude<HubPacket, { kind: "connack" | "pingresp" }>): void {
    switch (packet.kind) {
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
        this.#takeAcknowledgement(packet.kind, packet.packetIdentifier);
        break;
      case "suback":
        this.#takeSuback(packet.packetIdentifier, packet.returnCodes);
        break;
      case "unsuback":
        this.#settle(packet.packetIdentifier, "unsubscribe", "UNSUBACK").resolve();
        break;
    }
  }

  #takePublish(message: IncomingPublish): void {
    const { qos, packetIdentifier } = message;
    const isNew = qos < 2 || !this.#taken.has(packetIdentifier);
    if (qos === 2) this.#taken.add(packetIdentifier);
    if (isNew) this.#options.onMessage(message);
    if (qos > 0) this.#answer(qos === 1 ? "puback" : "pubrec", packetIdentifier);
  }

  #answer(kind: "puback" | "pubrec" | "pubrel" | "pubcomp", packetIdentifier: number): void {
    this.#options.send(encodeAcknowledgement(kind, packetIdentifier));
  }

  /** One that nothing waits for may be of a session before: it is passed over, and PUBREC is answered. */
  #takeAcknowledgement(kind: "puback" | "pubrec" | "pubcomp", packetIdentifier: number): void {
    const found = this.#underWay.get(packetIdentifier);
    if (found && (found.kind !== "publish" || !isExpected(kind, found))) {
      throw new HubFault(`${kind.toUpperCase()}: packet ${packetIdentifier} waits for another answer`);
    }
    if (kind === "pubrec") {
      if (found) found.isReceived = true;
      this.#answer("pubrel", packetIdentifier);
    } else if (found) {
      this.#underWay.delete(packetIdentifier);
      found.resolve();
    }
  }

  #takeSuback(packetIdentifier: number, returnCodes: readonly number[]): void {
    const [code, ...more] = returnCodes;
    if (code === undefined || more.length > 0)
      throw new HubFault("SUBACK: it has not one return code for each filter [MQTT-3.8.4-5]");
    const { resolve } = this.#settle(packetIdentifier, "subscribe", "SUBACK");
    resolve(code === SUBACK_FAILURE ? "refused" : (code as Qos));
  }

  #settle<Kind extends "subscribe" | "unsubscribe">(
    packetIdentifier: number,
    kind: Kind,
    packet: string,
  ): Extract<UnderWay, { kind: Kind }> {
    const found = this.#underWay.get(packetIdentifier);
    if (found?.kind !== kind)
      throw new HubFault(`${packet}: nothing with identifier ${packetIdentifier} waits for it`);
    this.#underWay.delete(packetIdentifier);
    return found as Extract<UnderWay, { kind: Kind }>;
  }
}

function isExpected(
  kind: "puback" | "pubrec" | "pubcomp",
  { qos, isReceived }: Extract<UnderWay, { kind: "publish" }>,
): boolean {
  if (kind === "puback") return qos === 1;
  return qos === 2 && (kind === "pubrec" || isReceived);
}
