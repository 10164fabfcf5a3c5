/** Reads the fields of a packet in turn [MQTT 3.1.1, 1.5]; what is not there, or not right, is a ProtocolFault. */
import { ProtocolFault } from "./fault.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** As Mosquitto has it: nobody needs more, and what walks topics goes level by level. */
export const TOPIC_LEVELS_MAX = 200;

const PLUS = 0x2b;
const HASH = 0x23;
const SLASH = 0x2f;

/** A character of ASCII that is neither control nor delete: the common case, told without decoding. */
function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

/**
 * U+0000 [MQTT-1.5.3-2]; and the control and non-characters that a receiver may close the connection for (1.5.3), as
 * Mosquitto does.
 */
function isForbidden(codePoint: number): boolean {
  const isControl = codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0);
  const isNonCharacter = (codePoint >= 0xfdd0 && codePoint < 0xfdf0) || (codePoint & 0xfffe) === 0xfffe;
  return isControl || isNonCharacter;
}

export class FieldReader {
  readonly #bytes: Buffer;
  readonly #packet: string;
  #offset = 0;

  /** `packet` is its name, for what is said of it. */
  constructor(bytes: Buffer, packet: string) {
    this.#bytes = bytes;
    this.#packet = packet;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#offset++];
    if (value === undefined) throw this.#cutOff();
    return value;
  }

  uint16(): number {
    return this.byte() * 256 + this.byte();
  }

  /** With its length before it. */
  binary(): Buffer {
    const start = this.#offset + 2;
    const end = start + this.uint16();
    if (end > this.#bytes.length) throw this.#cutOff();
    this.#offset = end;
    return this.#bytes.subarray(start, end);
  }

  /** `what` it is, such as "a user name". */
  text(what: string): string {
    const bytes = this.binary();
    for (const byte of bytes) if (!isPlain(byte)) return decodeText(bytes, what);
    return bytes.toString("latin1");
  }

  topicName(what: string): string {
    const topic = this.text(what);
    // [MQTT-4.7.3-1]
    if (topic === "") throw new ProtocolFault(`${what} without a topic`);
    // [MQTT-3.3.2-2]
    if (topic.includes("+") || topic.includes("#")) {
      throw new ProtocolFault(`${what} whose topic has wildcards`);
    }
    judgeLevels(topic, what);
    return topic;
  }

  topicFilter(): string {
    const start = this.#offset + 2;
    const filter = this.text("a topic filter");
    // [MQTT-4.7.3-1]
    if (filter === "") throw new ProtocolFault("an empty topic filter");
    const bytes = this.#bytes.subarray(start, this.#offset);
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index];
      if (byte !== PLUS && byte !== HASH) continue;
      const isAlone = (bytes[index - 1] ?? SLASH) === SLASH && (bytes[index + 1] ?? SLASH) === SLASH;
      // [MQTT-4.7.1-2], [MQTT-4.7.1-3]
      if (!isAlone || (byte === HASH && index < bytes.length - 1)) {
        throw new ProtocolFault("a topic filter that is none");
      }
    }
    judgeLevels(filter, "a topic filter");
    return filter;
  }

  /** [MQTT-2.3.1-1] */
  packetIdentifier(): number {
    const identifier = this.uint16();
    if (identifier === 0) throw new ProtocolFault("a packet identifier of 0");
    return identifier;
  }

  /** All that is left. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#offset);
  }

  end(): void {
    if (!this.isAtEnd) throw new ProtocolFault(`a ${this.#packet} with more than belongs to it`);
  }

  #cutOff(): ProtocolFault {
    return new ProtocolFault(`a ${this.#packet} that is cut off`);
  }
}

function judgeLevels(topic: string, what: string): void {
  // A level has a slash before it, so that most topics are too short to be asked.
  if (topic.length >= TOPIC_LEVELS_MAX && topic.split("/").length > TOPIC_LEVELS_MAX) {
    throw new ProtocolFault(`${what} of more than ${TOPIC_LEVELS_MAX} levels`);
  }
}

function decodeText(bytes: Buffer, what: string): string {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    // [MQTT-1.5.3-1]
    throw new ProtocolFault(`${what} that is not UTF-8`);
  }
  for (const character of text) {
    if (isForbidden(character.codePointAt(0) as number)) {
      throw new ProtocolFault(`${what} with control characters`);
    }
  }
  return text;
}
