/** The packet types that a broker uses, whose payloads are Buffers. */
import { encodePacket } from "../mqtt/encode.ts";
import type { Qos } from "../mqtt/packet-types.ts";
import type {
  ClientPacket as AnyClientPacket,
  ConnectPacket as AnyConnectPacket,
  HubPacket as AnyHubPacket,
  PublishPacket as AnyPublishPacket,
} from "../mqtt/packets.ts";
import type { Message } from "./message.ts";

export type ClientPacket = AnyClientPacket<Buffer>;
export type ConnectPacket = AnyConnectPacket<Buffer>;
export type PublishPacket = AnyPublishPacket<Buffer>;
export type HubPacket = AnyHubPacket<Buffer>;

export function publishOf(
  { topic, payload, retain }: Message,
  qos: Qos,
  dup = false,
  packetIdentifier = 0,
): PublishPacket {
  return { type: "publish", topicName: topic, payload, qos, dup, retain, packetIdentifier };
}

/** A packet to one or many clients. It is encoded once, when its bytes are first needed. */
export class Outgoing {
  readonly packet: HubPacket;
  #bytes: Buffer | undefined;

  constructor(packet: HubPacket) {
    this.packet = packet;
  }

  get bytes(): Buffer {
    this.#bytes ??= encodePacket(this.packet, Buffer.allocUnsafe);
    return this.#bytes;
  }
}
