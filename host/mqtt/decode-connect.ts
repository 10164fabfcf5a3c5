/** Decodes CONNECT [MQTT 3.1.1, 3.1], also that of MQTT 3.1. */
import type { FieldReader } from "./field-reader.ts";
import { CONNECT_FLAG, PROTOCOLS, QOS_MAX, type Qos, RETURN_CODE, WILL_QOS_SHIFT } from "./packet-types.ts";
import type { ConnectPacket, Will } from "./packets.ts";
import { RULES } from "./rules.ts";

const MQTT_5 = 5;

export function decodeConnect<Bytes extends Uint8Array>(fields: FieldReader<Bytes>): ConnectPacket<Bytes> {
  const protocolLevel = readProtocol(fields);
  const flags = fields.byte("the connect flags");
  judgeFlags(fields, flags, protocolLevel);
  const cleanSession = (flags & CONNECT_FLAG.cleanSession) !== 0;
  const keepAliveSeconds = fields.uint16("the keep alive");
  const clientIdentifier = fields.text("the client identifier");
  if (clientIdentifier === "") judgeUnnamed(fields, cleanSession, protocolLevel);
  const will = flags & CONNECT_FLAG.will ? readWill(fields, flags) : undefined;
  const userName = flags & CONNECT_FLAG.userName ? fields.text("the user name") : undefined;
  const password = flags & CONNECT_FLAG.password ? fields.binary("the password") : undefined;
  fields.end();
  return {
    type: "connect",
    protocolLevel,
    cleanSession,
    keepAliveSeconds,
    clientIdentifier,
    ...(will && { will }),
    ...(userName !== undefined && { userName }),
    ...(password && { password }),
  };
}

function readProtocol(fields: FieldReader<Uint8Array>): 3 | 4 {
  const name = String.fromCharCode(...fields.binary("the protocol name").subarray(0, 8));
  const expected = PROTOCOLS.get(name);
  if (!expected) throw fields.violation(RULES.protocolName);
  const level = fields.byte("the protocol level");
  if (level === expected.level) return expected.level;
  const words =
    level === MQTT_5 ? "the client uses MQTT 5, but this hub supports MQTT 3.1.1" : RULES.protocolLevel.words;
  const { clause } = RULES.protocolLevel;
  throw fields.violation({ words, clause }, RETURN_CODE.unacceptableProtocolVersion);
}

function judgeFlags(fields: FieldReader<Uint8Array>, flags: number, protocolLevel: 3 | 4): void {
  // MQTT 3.1 does not restrict the bit.
  if (protocolLevel === 4 && flags & CONNECT_FLAG.reserved) throw fields.violation(RULES.reservedFlag);
  const willQos = (flags & CONNECT_FLAG.willQos) >> WILL_QOS_SHIFT;
  if (willQos > QOS_MAX) throw fields.violation(RULES.willQos);
  if (!(flags & CONNECT_FLAG.will)) {
    if (willQos > 0) throw fields.violation(RULES.willQosWithoutWill);
    if (flags & CONNECT_FLAG.willRetain) throw fields.violation(RULES.willRetainWithoutWill);
  }
  if (!(flags & CONNECT_FLAG.userName) && flags & CONNECT_FLAG.password) {
    throw fields.violation(RULES.passwordAlone);
  }
}

/** Checks whether the client identifier may be empty [MQTT-3.1.3-8]. */
function judgeUnnamed(fields: FieldReader<Uint8Array>, cleanSession: boolean, protocolLevel: 3 | 4): void {
  if (cleanSession && protocolLevel === 4) return;
  const rule = protocolLevel === 3 ? RULES.noIdentifierIn31 : RULES.noIdentifier;
  throw fields.violation(rule, RETURN_CODE.identifierRejected);
}

function readWill<Bytes extends Uint8Array>(fields: FieldReader<Bytes>, flags: number): Will<Bytes> {
  return {
    topicName: fields.topicName("the will topic", "in"),
    payload: fields.binary("the will message"),
    qos: ((flags & CONNECT_FLAG.willQos) >> WILL_QOS_SHIFT) as Qos,
    retain: (flags & CONNECT_FLAG.willRetain) !== 0,
  };
}
