/**
 * The packets that a hub sends, as the page's client takes them. What the specification forbids is judged by the words that
 * the inspector has for it: nothing wrong passes, and the person reads why.
 */
import { explainFrame } from "../../wire/explain-frame.ts";
import { readFixedHeader } from "../../wire/frame-splitter.ts";
import type { Qos } from "../model/message.ts";
import type { AcknowledgementKind } from "./packets-to-hub.ts";

export interface IncomingPublish {
  readonly kind: "publish";
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
  /** 0 at QoS 0. */
  readonly packetIdentifier: number;
}

export type HubPacket =
  | { readonly kind: "connack"; readonly returnCode: number; readonly sessionPresent: boolean }
  | IncomingPublish
  | { readonly kind: AcknowledgementKind; readonly packetIdentifier: number }
  | { readonly kind: "suback"; readonly packetIdentifier: number; readonly returnCodes: readonly number[] }
  | { readonly kind: "unsuback"; readonly packetIdentifier: number }
  | { readonly kind: "pingresp" };

/** The hub does what MQTT 3.1.1 forbids: the connection has to end [MQTT-4.8.0-1]. */
export class HubFault extends Error {}

const decoder = new TextDecoder();

/** Of a whole frame. @throws HubFault */
export function decodeHubPacket(frame: Uint8Array): HubPacket {
  const { packet, fault } = explainFrame(frame, "out");
  if (fault !== undefined) throw new HubFault(`${packet}: ${fault}`);
  const header = readFixedHeader(frame) as Exclude<ReturnType<typeof readFixedHeader>, string>;
  const body = frame.subarray(header.headerBytes);
  const number = (offset: number): number => ((body[offset] ?? 0) << 8) | (body[offset + 1] ?? 0);
  switch (packet) {
    case "CONNACK":
      return { kind: "connack", sessionPresent: body[0] === 1, returnCode: body[1] ?? 0 };
    case "PUBLISH":
      return decodePublish(frame[0] ?? 0, body, number(0));
    case "SUBACK":
      return { kind: "suback", packetIdentifier: number(0), returnCodes: [...body.subarray(2)] };
    case "UNSUBACK":
      return { kind: "unsuback", packetIdentifier: number(0) };
    case "PINGRESP":
      return { kind: "pingresp" };
    default:
      return { kind: packet.toLowerCase() as AcknowledgementKind, packetIdentifier: number(0) };
  }
}

function decodePublish(firstByte: number, body: Uint8Array, topicBytes: number): IncomingPublish {
  const qos = ((firstByte >> 1) & 3) as Qos;
  const topicEnd = 2 + topicBytes;
  const payloadStart = topicEnd + (qos > 0 ? 2 : 0);
  return {
    kind: "publish",
    topic: decoder.decode(body.subarray(2, topicEnd)),
    payload: body.subarray(payloadStart),
    qos,
    retain: (firstByte & 1) === 1,
    dup: (firstByte & 8) !== 0,
    packetIdentifier: qos > 0 ? ((body[topicEnd] ?? 0) << 8) | (body[topicEnd + 1] ?? 0) : 0,
  };
}
