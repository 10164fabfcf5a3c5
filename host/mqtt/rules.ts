/**
 * The rules of MQTT 3.1.1 that a packet or a text can break, each in the words that hub, page and inspector say of it, and
 * with its conformance statement, or its section where it has none.
 */

export interface Rule {
  /** What is wrong, or what would be right; a part of a sentence. */
  readonly words: string;
  /** `MQTT-3.3.1-4`, `2.2.1`. */
  readonly clause: string;
}

/** As a person reads it: `there is no QoS 3 [MQTT-3.3.1-4]`. */
export function ruleText({ words, clause }: Rule): string {
  return `${words} [${clause}]`;
}

export const RULES = {
  notUtf8: { words: "it is not UTF-8", clause: "MQTT-1.5.3-1" },
  noSuchPacket: { words: "there is no such packet", clause: "2.2.1" },
  onlyClientSends: { words: "only a client sends it", clause: "2.2.1" },
  onlyHubSends: { words: "only a hub sends it", clause: "2.2.1" },
  remainingLength: { words: "the remaining length has up to four bytes", clause: "2.2.3" },
  packetIdentifier: { words: "the packet identifier is never 0", clause: "MQTT-2.3.1-1" },
  notConnectFirst: { words: "the first packet is not CONNECT", clause: "MQTT-3.1.0-1" },
  secondConnect: { words: "a second CONNECT came", clause: "MQTT-3.1.0-2" },
  protocolName: { words: "it is no name of MQTT", clause: "MQTT-3.1.2-1" },
  protocolLevel: { words: "the protocol name has another level", clause: "MQTT-3.1.2-2" },
  reservedFlag: { words: "the reserved flag is set", clause: "MQTT-3.1.2-3" },
  willQosWithoutWill: { words: "there is no will that the will QoS could be for", clause: "MQTT-3.1.2-13" },
  willQos: { words: "there is no QoS 3", clause: "MQTT-3.1.2-14" },
  willRetainWithoutWill: { words: "there is no will to retain", clause: "MQTT-3.1.2-15" },
  passwordAlone: { words: "a password goes with a user name", clause: "MQTT-3.1.2-22" },
  noIdentifier: {
    words: "without a client identifier only a clean session can be had",
    clause: "MQTT-3.1.3-7",
  },
  noIdentifierIn31: { words: "MQTT 3.1 has no empty client identifier", clause: "MQTT 3.1, 3.1" },
  connackReserved: { words: "the reserved bits are not 0", clause: "3.2.2.1" },
  connackReturnCode: { words: "there is no such return code", clause: "3.2.2.3" },
  sessionWhereRefused: { words: "who is refused has no session", clause: "MQTT-3.2.2-4" },
  sessionWhereClean: {
    words: "a clean session was asked for, and another is present",
    clause: "MQTT-3.2.2-1",
  },
  notConnackFirst: { words: "the first packet is not CONNACK", clause: "MQTT-3.2.0-1" },
  secondConnack: { words: "a second CONNACK came", clause: "3.2" },
  dupAtQos0: { words: "at QoS 0 nothing is sent again", clause: "MQTT-3.3.1-2" },
  publishQos: { words: "there is no QoS 3", clause: "MQTT-3.3.1-4" },
  noFilterToSubscribe: { words: "it has no topic filter", clause: "MQTT-3.8.3-3" },
  requestedQos: { words: "the requested QoS is 0, 1 or 2", clause: "MQTT-3.8.3-4" },
  noFilterToUnsubscribe: { words: "it has no topic filter", clause: "MQTT-3.10.3-2" },
  subackCount: { words: "it has not one return code for each topic filter", clause: "MQTT-3.8.4-5" },
  subackReturnCode: { words: "a return code is 0, 1, 2 or 0x80", clause: "MQTT-3.9.3-2" },
  textFrame: { words: "a text frame came in the place of a binary one", clause: "MQTT-6.0.0-1" },
} as const satisfies Record<string, Rule>;

export function flagsRule(wanted: number): Rule {
  return { words: `the flags have to be ${wanted}`, clause: "MQTT-2.2.2-2" };
}

export function lengthRule(wantedBytes: number, actualBytes: number): Rule {
  return {
    words: `${countBytes(actualBytes)} ${actualBytes === 1 ? "follows" : "follow"} the fixed header, where this packet has ${wantedBytes}`,
    clause: "2.2.3",
  };
}

export function cutOffRule(what: string): Rule {
  return { words: `${what} is cut off`, clause: "2.2.3" };
}

export const TOO_LONG_RULE: Rule = { words: "it has more than belongs to the packet", clause: "2.2.3" };

function countBytes(count: number): string {
  return `${count} ${count === 1 ? "byte" : "bytes"}`;
}
