/** The control packets of MQTT 3.1.1. The names of the fields are those of the specification. */
import type { Qos } from "./packet-types.ts";

/** The will in CONNECT. `Bytes` is the type of payloads, which are views of the buffer that the packet was read from. */
export interface Will<Bytes extends Uint8Array = Uint8Array> {
  readonly topicName: string;
  readonly payload: Bytes;
  readonly qos: Qos;
  readonly retain: boolean;
}

export interface ConnectPacket<Bytes extends Uint8Array = Uint8Array> {
  readonly type: "connect";
  /** 3 is MQTT 3.1, 4 is MQTT 3.1.1. */
  readonly protocolLevel: 3 | 4;
  readonly cleanSession: boolean;
  /** 0 turns keep alive off. */
  readonly keepAliveSeconds: number;
  /** Empty if the client leaves it to the hub. */
  readonly clientIdentifier: string;
  readonly will?: Will<Bytes>;
  readonly userName?: string;
  readonly password?: Bytes;
}

export interface ConnackPacket {
  readonly type: "connack";
  readonly sessionPresent: boolean;
  readonly returnCode: number;
}

export interface PublishPacket<Bytes extends Uint8Array = Uint8Array> {
  readonly type: "publish";
  readonly topicName: string;
  readonly payload: Bytes;
  readonly qos: Qos;
  readonly dup: boolean;
  readonly retain: boolean;
  /** 0 at QoS 0, which has none. */
  readonly packetIdentifier: number;
}

/** The packets that acknowledge a message of QoS 1 or 2 and consist of a packet identifier. */
export type AcknowledgementType = "puback" | "pubrec" | "pubrel" | "pubcomp";

export interface AcknowledgementPacket {
  readonly type: AcknowledgementType;
  readonly packetIdentifier: number;
}

export interface SubscriptionRequest {
  readonly topicFilter: string;
  readonly qos: Qos;
}

export interface SubscribePacket {
  readonly type: "subscribe";
  readonly packetIdentifier: number;
  readonly subscriptions: readonly SubscriptionRequest[];
}

export interface SubackPacket {
  readonly type: "suback";
  readonly packetIdentifier: number;
  /** The granted QoS, or SUBACK_FAILURE; in the order of SUBSCRIBE's topic filters. */
  readonly returnCodes: readonly number[];
}

export interface UnsubscribePacket {
  readonly type: "unsubscribe";
  readonly packetIdentifier: number;
  readonly topicFilters: readonly string[];
}

export interface UnsubackPacket {
  readonly type: "unsuback";
  readonly packetIdentifier: number;
}

export interface EmptyPacket<Type extends "pingreq" | "pingresp" | "disconnect"> {
  readonly type: Type;
}

/** The packets that a client sends. */
export type ClientPacket<Bytes extends Uint8Array = Uint8Array> =
  | ConnectPacket<Bytes>
  | PublishPacket<Bytes>
  | AcknowledgementPacket
  | SubscribePacket
  | UnsubscribePacket
  | EmptyPacket<"pingreq">
  | EmptyPacket<"disconnect">;

/** The packets that a hub sends. */
export type HubPacket<Bytes extends Uint8Array = Uint8Array> =
  | ConnackPacket
  | PublishPacket<Bytes>
  | AcknowledgementPacket
  | SubackPacket
  | UnsubackPacket
  | EmptyPacket<"pingresp">;

export type Packet<Bytes extends Uint8Array = Uint8Array> = ClientPacket<Bytes> | HubPacket<Bytes>;
