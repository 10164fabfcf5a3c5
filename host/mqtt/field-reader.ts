/** Reads the fields of a packet in order [MQTT 3.1.1, 1.5]. A missing or invalid field is a ProtocolViolation. */
import type { Direction } from "./packet-types.ts";
import { ProtocolViolation } from "./protocol-violation.ts";
import { cutOffRule, RULES, type Rule, TOO_LONG_RULE } from "./rules.ts";
import { brokenCharacterRule, brokenFilterShapeRule, brokenNameShapeRule } from "./topics.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Whether all bytes are printable ASCII: the common case, in which no character needs a check. */
function isPlain(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number;
    if (byte < 0x20 || byte >= 0x7f) return false;
  }
  return true;
}

/** A reader of fields. `Bytes` is the type of the buffer and of the views that it returns. */
export class FieldReader<Bytes extends Uint8Array> {
  readonly #bytes: Bytes;
  readonly #packet: string;
  #offset = 0;

  /** `packet` is the packet's name for error messages. */
  constructor(bytes: Bytes, packet: string) {
    this.#bytes = bytes;
    this.#packet = packet;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  byte(what: string): number {
    const value = this.#bytes[this.#offset++];
    if (value === undefined) throw this.violation(cutOffRule(what));
    return value;
  }

  uint16(what: string): number {
    return this.byte(what) * 256 + this.byte(what);
  }

  /** Reads a binary field, which begins with its length. */
  binary(what: string): Bytes {
    const start = this.#offset + 2;
    const end = start + this.uint16(what);
    if (end > this.#bytes.length) throw this.violation(cutOffRule(what));
    this.#offset = end;
    return this.#bytes.subarray(start, end) as Bytes;
  }

  /** Reads a text. `what` names it for error messages, such as "the user name". */
  text(what: string, direction: Direction = "in"): string {
    const bytes = this.binary(what);
    return isPlain(bytes) ? decoder.decode(bytes) : this.#uncommonText(bytes, direction);
  }

  #uncommonText(bytes: Bytes, direction: Direction): string {
    let text: string;
    try {
      text = decoder.decode(bytes);
    } catch {
      throw this.violation(RULES.notUtf8);
    }
    this.#require(brokenCharacterRule(text, direction));
    return text;
  }

  topicName(what: string, direction: Direction): string {
    const topicName = this.text(what, direction);
    this.#require(brokenNameShapeRule(topicName, direction));
    return topicName;
  }

  topicFilter(): string {
    const topicFilter = this.text("the topic filter");
    this.#require(brokenFilterShapeRule(topicFilter));
    return topicFilter;
  }

  packetIdentifier(): number {
    const identifier = this.uint16("the packet identifier");
    if (identifier === 0) throw this.violation(RULES.packetIdentifier);
    return identifier;
  }

  /** Returns all bytes that are left. */
  rest(): Bytes {
    return this.#bytes.subarray(this.#offset) as Bytes;
  }

  end(): void {
    if (!this.isAtEnd) throw this.violation(TOO_LONG_RULE);
  }

  #require(broken: Rule | undefined): void {
    if (broken) throw this.violation(broken);
  }

  violation(rule: Rule, returnCode?: number): ProtocolViolation {
    return new ProtocolViolation(this.#packet, rule, returnCode);
  }
}
