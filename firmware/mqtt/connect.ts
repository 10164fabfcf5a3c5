/** CONNECT [MQTT 3.1.1, 3.1]: the first packet of a connection, from the client. */
import { encodeString, encodeUint16, toBytes } from "./bytes.ts";
import { encodePacket } from "./packet.ts";
import { CONNECT } from "./packet-types.ts";

export interface Will {
  readonly topicName: string;
  readonly payload: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

export interface ConnectFields {
  readonly clientId: string;
  /** 0 turns keep alive off; at most 65,535. */
  readonly keepAliveSeconds: number;
  /** False: the hub keeps subscriptions and messages in flight from one connection to the next. */
  readonly cleanSession: boolean;
  readonly will?: Will | undefined;
  /** Bytes, as is the password. */
  readonly username?: string | undefined;
  /** Only with a user name [MQTT-3.1.2-22]. */
  readonly password?: string | undefined;
  /** 4 (the default) is MQTT 3.1.1, 3 is MQTT 3.1. */
  readonly protocolVersion?: 3 | 4 | undefined;
}

export function encodeConnect(fields: ConnectFields): string {
  let flags = fields.cleanSession ? 2 : 0;
  let payload = encodeString(fields.clientId);
  const will = fields.will;
  if (will) {
    flags |= 4 | (will.qos << 3) | (will.retain ? 32 : 0);
    payload += encodeString(will.topicName) + encodeString(will.payload);
  }
  if (fields.username !== undefined) {
    flags |= 128;
    payload += encodeString(fields.username);
    if (fields.password !== undefined) {
      flags |= 64;
      payload += encodeString(fields.password);
    }
  }
  return encodePacket(
    CONNECT,
    (fields.protocolVersion === 3 ? "\x00\x06MQIsdp\x03" : "\x00\x04MQTT\x04") +
      toBytes(flags) +
      encodeUint16(fields.keepAliveSeconds) +
      payload,
  );
}
