/** Explains CONNECT [3.1]. */
import { CONNECT_FLAG as FLAG, PROTOCOLS, QOS_MAX, qosText, WILL_QOS_SHIFT } from "../mqtt/packet-types.ts";
import { RULES, ruleText } from "../mqtt/rules.ts";
import { brokenNameShapeRule } from "../mqtt/topics.ts";
import { type BitField, type FieldCursor, hex, shorten } from "./field-cursor.ts";

/** Explains the fields of CONNECT, and returns the summary without the packet's name. */
export function explainConnect(cursor: FieldCursor): string {
  const protocolName = cursor.takeText({ name: "Protocol name", clause: "3.1.2.1" }, (name) =>
    PROTOCOLS.has(name) ? undefined : RULES.protocolName,
  );
  const protocol = PROTOCOLS.get(protocolName ?? "");
  cursor.takeByte({ name: "Protocol level", clause: "3.1.2.2" }, (level) => ({
    value: protocol?.level === level ? `${level} (${protocol.version})` : String(level),
    violation: protocol && protocol.level !== level ? ruleText(RULES.protocolLevel) : undefined,
  }));
  const flags = cursor.takeBits(connectFlags(cursor), { name: "Connect flags", clause: "3.1.2.3" }) ?? 0;
  const keepAliveSeconds = cursor.takeNumber({ name: "Keep alive", clause: "3.1.2.10" }, (seconds) => ({
    value: seconds === 0 ? "off" : `${seconds} s`,
  }));
  const clientId = cursor.takeText({ name: "Client identifier", clause: "3.1.3.1" }, (text) =>
    text === "" && !(flags & FLAG.cleanSession) ? RULES.noIdentifier : undefined,
  );
  if (flags & FLAG.will) takeWill(cursor);
  if (flags & FLAG.userName) cursor.takeText({ name: "User name", clause: "3.1.3.4" });
  if (flags & FLAG.password) {
    cursor.takeBinary({ name: "Password", clause: "3.1.3.5" }, ({ length }) => ({
      value: `${length} ${length === 1 ? "byte" : "bytes"}, not shown`,
    }));
  }
  const words = [
    clientId ? shorten(clientId) : "(no identifier)",
    flags & FLAG.cleanSession ? "clean session" : "persistent session",
    keepAliveSeconds ? `keep alive ${keepAliveSeconds} s` : "no keep alive",
  ];
  if (flags & FLAG.will) words.push("will");
  if (flags & FLAG.userName) words.push("user name");
  return words.join(" · ");
}

function takeWill(cursor: FieldCursor): void {
  cursor.takeText({ name: "Will topic", clause: "3.1.3.2" }, brokenNameShapeRule);
  cursor.takeBinary({ name: "Will message", clause: "3.1.3.3" }, (bytes) => ({ value: showBytes(bytes) }));
}

/** The connect flags. The rules relate flags to each other, so each field checks all of them. */
function connectFlags(cursor: FieldCursor): readonly BitField[] {
  const flags = cursor.peek() ?? 0;
  const yesNo = (value: number): string => (value ? "yes" : "no");
  const willQos = (flags >> WILL_QOS_SHIFT) & 3;
  const hasWill = (flags & FLAG.will) !== 0;
  return [
    { name: "User name flag", clause: "3.1.2.8", high: 7, low: 7, read: (bit) => ({ value: yesNo(bit) }) },
    {
      name: "Password flag",
      clause: "3.1.2.9",
      high: 6,
      low: 6,
      read: (bit) => ({
        value: yesNo(bit),
        violation: bit && !(flags & FLAG.userName) ? ruleText(RULES.passwordAlone) : undefined,
      }),
    },
    {
      name: "Will retain",
      clause: "3.1.2.7",
      high: 5,
      low: 5,
      read: (bit) => ({
        value: yesNo(bit),
        violation: bit && !hasWill ? ruleText(RULES.willRetainWithoutWill) : undefined,
      }),
    },
    {
      name: "Will QoS",
      clause: "3.1.2.6",
      high: 4,
      low: 3,
      read: () => ({
        value: hasWill ? qosText(willQos) : String(willQos),
        violation: willQosViolation(willQos, hasWill),
      }),
    },
    { name: "Will flag", clause: "3.1.2.5", high: 2, low: 2, read: (bit) => ({ value: yesNo(bit) }) },
    { name: "Clean session", clause: "3.1.2.4", high: 1, low: 1, read: (bit) => ({ value: yesNo(bit) }) },
    {
      name: "Reserved",
      clause: "3.1.2.3",
      high: 0,
      low: 0,
      read: (bit) => ({
        value: String(bit),
        violation: bit ? ruleText(RULES.reservedFlag) : undefined,
      }),
    },
  ];
}

function willQosViolation(qos: number, hasWill: boolean): string | undefined {
  if (qos > QOS_MAX) return ruleText(RULES.willQos);
  return qos > 0 && !hasWill ? ruleText(RULES.willQosWithoutWill) : undefined;
}

function showBytes(bytes: Uint8Array): string {
  return bytes.length === 0 ? "empty" : hex(bytes);
}
