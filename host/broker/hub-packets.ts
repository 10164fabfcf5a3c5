/**
 * The packets that a hub sends, in bytes [MQTT 3.1.1, 3]. One packet may go to many clients: it is encoded once, and only
 * where somebody takes its bytes.
 */
import type {
  IConnackPacket,
  IPingrespPacket,
  IPublishPacket,
  ISubackPacket,
  IUnsubackPacket,
} from "mqtt-packet";
import { type Acknowledgement, PACKET } from "./client-packets.ts";

export type HubPacket =
  | (IConnackPacket & { readonly returnCode: number })
  | (IPublishPacket & { readonly payload: Buffer })
  | Acknowledgement
  | (ISubackPacket & { readonly messageId: number; readonly granted: number[] })
  | (IUnsubackPacket & { readonly messageId: number })
  | IPingrespPacket;

export class Outgoing {
  readonly packet: HubPacket;
  #bytes: Buffer | undefined;

  constructor(packet: HubPacket) {
    this.packet = packet;
  }

  get bytes(): Buffer {
    this.#bytes ??= encode(this.packet);
    return this.#bytes;
  }
}

function encode(packet: HubPacket): Buffer {
  switch (packet.cmd) {
    case "connack":
      return Buffer.from([0x20, 2, packet.sessionPresent ? 1 : 0, packet.returnCode]);
    case "publish":
      return encodePublish(packet);
    case "puback":
    case "pubrec":
    case "pubcomp":
      return encodeIdentifier(PACKET[packet.cmd] << 4, packet.messageId);
    // [MQTT-3.6.1-1]
    case "pubrel":
      return encodeIdentifier((PACKET.pubrel << 4) | 2, packet.messageId);
    case "suback":
      return encodeSuback(packet.messageId, packet.granted);
    case "unsuback":
      return encodeIdentifier(0xb0, packet.messageId);
    case "pingresp":
      return Buffer.from([0xd0, 0]);
  }
}

function encodeIdentifier(firstByte: number, messageId: number): Buffer {
  return Buffer.from([firstByte, 2, messageId >> 8, messageId & 0xff]);
}

function encodeSuback(messageId: number, granted: readonly number[]): Buffer {
  const body = [messageId >> 8, messageId & 0xff, ...granted];
  return Buffer.from([0x90, ...remainingLength(body.length), ...body]);
}

function encodePublish(packet: IPublishPacket & { readonly payload: Buffer }): Buffer {
  const { topic, payload, qos, dup, retain, messageId = 0 } = packet;
  const topicBytes = Buffer.byteLength(topic);
  const length = remainingLength(2 + topicBytes + (qos > 0 ? 2 : 0) + payload.length);
  const bytes = Buffer.allocUnsafe(1 + length.length + 2 + topicBytes + (qos > 0 ? 2 : 0) + payload.length);
  bytes[0] = (PACKET.publish << 4) | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  bytes.set(length, 1);
  let offset = bytes.writeUInt16BE(topicBytes, 1 + length.length);
  offset += bytes.write(topic, offset);
  if (qos > 0) offset = bytes.writeUInt16BE(messageId, offset);
  payload.copy(bytes, offset);
  return bytes;
}

/** [MQTT 3.1.1, 2.2.3] */
function remainingLength(lengthBytes: number): number[] {
  const digits: number[] = [];
  let rest = lengthBytes;
  do {
    const more = rest >= 128 ? 0x80 : 0;
    digits.push((rest & 0x7f) | more);
    rest = rest >> 7;
  } while (rest > 0);
  return digits;
}
