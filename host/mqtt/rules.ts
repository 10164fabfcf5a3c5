/**
 * The rules of MQTT 3.1.1 that a packet or a text can break. Each has the words that hub, page and inspector print, and its
 * conformance statement or, if it has none, its section.
 */

export interface Rule {
  /** The problem, as a clause of a sentence that follows the packet's name and a colon. */
  readonly words: string;
  /** The conformance statement or section, such as `MQTT-3.3.1-4` or `2.2.1`. */
  readonly clause: string;
}

/** Formats a rule for a person, such as `QoS 3 does not exist [MQTT-3.3.1-4]`. */
export function ruleText({ words, clause }: Rule): string {
  return `${words} [${clause}]`;
}

export const RULES = {
  notUtf8: { words: "the text is not valid UTF-8", clause: "MQTT-1.5.3-1" },
  noSuchPacket: { words: "the packet type does not exist", clause: "2.2.1" },
  onlyClientSends: { words: "only a client may send this packet", clause: "2.2.1" },
  onlyHubSends: { words: "only a hub may send this packet", clause: "2.2.1" },
  remainingLength: { words: "the remaining length has more than four bytes", clause: "2.2.3" },
  packetIdentifier: { words: "the packet identifier is 0, which is not allowed", clause: "MQTT-2.3.1-1" },
  notConnectFirst: { words: "the first packet is not CONNECT", clause: "MQTT-3.1.0-1" },
  secondConnect: { words: "a second CONNECT came", clause: "MQTT-3.1.0-2" },
  protocolName: { words: "the protocol name is not MQTT", clause: "MQTT-3.1.2-1" },
  protocolLevel: { words: "the protocol level does not match the protocol name", clause: "MQTT-3.1.2-2" },
  reservedFlag: { words: "the reserved flag is set", clause: "MQTT-3.1.2-3" },
  willQosWithoutWill: { words: "the will QoS is set without a will", clause: "MQTT-3.1.2-13" },
  willQos: { words: "the will QoS is 3, but QoS 3 does not exist", clause: "MQTT-3.1.2-14" },
  willRetainWithoutWill: { words: "the will retain flag is set without a will", clause: "MQTT-3.1.2-15" },
  passwordAlone: { words: "a password is set without a user name", clause: "MQTT-3.1.2-22" },
  noIdentifier: {
    words: "an empty client identifier requires a clean session",
    clause: "MQTT-3.1.3-7",
  },
  noIdentifierIn31: { words: "MQTT 3.1 does not allow an empty client identifier", clause: "MQTT 3.1, 3.1" },
  connackReserved: { words: "the reserved bits are not 0", clause: "3.2.2.1" },
  connackReturnCode: { words: "the return code does not exist", clause: "3.2.2.3" },
  sessionWhereRefused: {
    words: "the session present flag is set although the connection is refused",
    clause: "MQTT-3.2.2-4",
  },
  sessionWhereClean: {
    words: "the hub reports a present session, but the client asked for a clean session",
    clause: "MQTT-3.2.2-1",
  },
  notConnackFirst: { words: "the first packet is not CONNACK", clause: "MQTT-3.2.0-1" },
  secondConnack: { words: "a second CONNACK came", clause: "3.2" },
  dupAtQos0: { words: "the DUP flag is set at QoS 0", clause: "MQTT-3.3.1-2" },
  publishQos: { words: "QoS 3 does not exist", clause: "MQTT-3.3.1-4" },
  noFilterToSubscribe: { words: "the packet has no topic filter", clause: "MQTT-3.8.3-3" },
  requestedQos: { words: "the requested QoS is not 0, 1 or 2", clause: "MQTT-3.8.3-4" },
  noFilterToUnsubscribe: { words: "the packet has no topic filter", clause: "MQTT-3.10.3-2" },
  subackCount: {
    words: "the number of return codes does not match the number of topic filters",
    clause: "MQTT-3.8.4-5",
  },
  subackReturnCode: { words: "a return code is not 0, 1, 2 or 0x80", clause: "MQTT-3.9.3-2" },
  textFrame: { words: "a WebSocket text frame came instead of a binary frame", clause: "MQTT-6.0.0-1" },
} as const satisfies Record<string, Rule>;

export function flagsRule(wanted: number): Rule {
  return { words: `the flags must be ${wanted}`, clause: "MQTT-2.2.2-2" };
}

export function lengthRule(wantedBytes: number, actualBytes: number): Rule {
  return {
    words: `the remaining length is ${countBytes(actualBytes)}, but this packet must have ${wantedBytes}`,
    clause: "2.2.3",
  };
}

export function cutOffRule(what: string): Rule {
  return { words: `${what} is cut off`, clause: "2.2.3" };
}

export const TOO_LONG_RULE: Rule = { words: "the packet has bytes after its last field", clause: "2.2.3" };

function countBytes(count: number): string {
  return `${count} ${count === 1 ? "byte" : "bytes"}`;
}
