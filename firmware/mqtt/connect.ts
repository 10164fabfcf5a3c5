/** CONNECT [MQTT 3.1.1, 3.1]: the first packet of a connection, from the client. */
import { encodeString, encodeUint16 } from "./bytes.ts";
import { encodePacket } from "./packet.ts";

export interface Will {
  readonly topicName: string;
  readonly payload: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

export interface ConnectFields {
  readonly clientIdentifier: string;
  /** 0 turns keep alive off; at most 65,535. */
  readonly keepAliveSeconds: number;
  readonly cleanSession: boolean;
  readonly will?: Will | undefined;
  readonly username?: string | undefined;
  /** Bytes. Only with a user name [MQTT-3.1.2-22]. */
  readonly password?: string | undefined;
}

export function encodeConnect(fields: ConnectFields): string {
  let flags = fields.cleanSession ? 2 : 0;
  let payload = encodeString(fields.clientIdentifier);
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
  const header = "\x00\x04MQTT\x04" + String.fromCharCode(flags) + encodeUint16(fields.keepAliveSeconds);
  return encodePacket(0x10, header + payload);
}
