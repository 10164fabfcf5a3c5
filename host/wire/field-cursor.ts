/**
 * Reads a frame field by field and collects the explanations. A missing field is a violation and never an exception; reading
 * after it returns undefined.
 */
import { cutOffRule, RULES, type Rule, ruleText, TOO_LONG_RULE } from "../mqtt/rules.ts";
import { brokenCharacterRule } from "../mqtt/topics.ts";
import type { FrameField } from "./frame-field.ts";

/** The limit on the characters of a text that are shown. */
const SHOWN_CHARACTERS_MAX = 120;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface FieldLabel {
  readonly name: string;
  readonly clause: string;
}

export interface BitField extends FieldLabel {
  readonly high: number;
  readonly low: number;
  /** Returns the meaning of a value. */
  read(value: number): { readonly value: string; readonly violation?: string | undefined };
}

export class FieldCursor {
  readonly fields: FrameField[] = [];
  readonly #bytes: Uint8Array;
  readonly #isBeginning: boolean;
  #offset = 0;
  #isLost = false;

  /** `isBeginning`: the frame has more bytes than these, so that a missing field is not a violation. */
  constructor(bytes: Uint8Array, isBeginning: boolean) {
    this.#bytes = bytes;
    this.#isBeginning = isBeginning;
  }

  get offset(): number {
    return this.#offset;
  }

  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  /** Whether a field was missing, so that the bytes after it cannot be explained. */
  get isLost(): boolean {
    return this.#isLost;
  }

  get violation(): string | undefined {
    return this.fields.find((field) => field.violation !== undefined)?.violation;
  }

  /** The byte at the cursor, which does not move. */
  peek(): number | undefined {
    return this.#bytes[this.#offset];
  }

  /** Adds a field of whole bytes. */
  take(length: number, { name, clause }: FieldLabel, value: string, violation?: string): void {
    this.#add({ offset: this.#offset, length, name, value, clause }, violation);
    this.#offset += length;
  }

  /** Reads a byte that consists of several fields, highest bits first. Returns undefined if it is missing. */
  takeBits(words: readonly BitField[], whole: FieldLabel): number | undefined {
    const byte = this.peek();
    if (byte === undefined) return this.#miss(whole);
    for (const { name, clause, high, low, read } of words) {
      const { value, violation } = read((byte >> low) & ((1 << (high - low + 1)) - 1));
      this.#add({ offset: this.#offset, length: 1, bits: { high, low }, name, value, clause }, violation);
    }
    this.#offset++;
    return byte;
  }

  takeByte(
    words: FieldLabel,
    read: (value: number) => { readonly value: string; readonly violation?: string | undefined },
  ): number | undefined {
    const byte = this.peek();
    if (byte === undefined) return this.#miss(words);
    const { value, violation } = read(byte);
    this.take(1, words, value, violation);
    return byte;
  }

  /** Reads a number of two bytes, high byte first [1.5.2]. */
  takeNumber(
    words: FieldLabel,
    read: (value: number) => { readonly value: string; readonly violation?: string | undefined },
  ): number | undefined {
    const [high, low] = this.#bytes.subarray(this.#offset, this.#offset + 2);
    if (high === undefined || low === undefined) return this.#miss(words);
    const number = high * 256 + low;
    const { value, violation } = read(number);
    this.take(2, words, value, violation);
    return number;
  }

  /** Reads a length of two bytes and that many bytes. Returns undefined if they are missing. */
  takeBinary(
    words: FieldLabel,
    show: (bytes: Uint8Array) => { readonly value: string; readonly violation?: string | undefined },
  ): Uint8Array | undefined {
    const length = this.takeNumber({ ...words, name: `${words.name}: length` }, (value) => ({
      value: `${value} ${value === 1 ? "byte" : "bytes"}`,
    }));
    if (length === undefined) return undefined;
    if (length > this.left) return this.#miss(words);
    const bytes = this.#bytes.subarray(this.#offset, this.#offset + length);
    const { value, violation } = show(bytes);
    if (length > 0) this.take(length, words, value, violation);
    // A text of no bytes has only its length to show a violation at.
    else if (violation !== undefined) this.blame(violation);
    return bytes;
  }

  /** Reads a length and a text of UTF-8 [1.5.3]. Returns undefined if it is missing or not valid. */
  takeText(
    words: FieldLabel,
    judge: (text: string) => Rule | undefined = () => undefined,
  ): string | undefined {
    const bytes = this.takeBinary(words, (found) => {
      const text = decodeText(found);
      if (text === undefined) return { value: hex(found), violation: ruleText(RULES.notUtf8) };
      const broken = brokenCharacterRule(text) ?? judge(text);
      return { value: JSON.stringify(shorten(text)), violation: broken && ruleText(broken) };
    });
    return bytes && decodeText(bytes);
  }

  /** Adds all bytes that are left as one field. */
  takeRest(words: FieldLabel, show: (bytes: Uint8Array) => string, violation?: string): Uint8Array {
    const rest = this.#bytes.subarray(this.#offset);
    if (rest.length > 0) this.take(rest.length, words, show(rest), violation);
    return rest;
  }

  /** Adds the bytes after the last field, which are a violation. */
  end(): void {
    const why = this.#isLost || this.#isBeginning ? undefined : ruleText(TOO_LONG_RULE);
    this.takeRest(NOT_UNDERSTOOD, hex, why);
  }

  /** Adds an incomplete field. */
  takeCutOff(words: FieldLabel): void {
    this.#miss(words);
  }

  #miss({ name }: FieldLabel): undefined {
    if (!this.#isLost && this.#isBeginning)
      this.takeRest({ name: `${name} (its beginning)`, clause: "" }, hex);
    else if (!this.#isLost) this.#blameRest(ruleText(cutOffRule(name)));
    this.#isLost = true;
    return undefined;
  }

  #blameRest(violation: string): void {
    if (this.left > 0) this.takeRest(NOT_UNDERSTOOD, hex, violation);
    else this.blame(violation);
  }

  /** Marks the last field as a violation, unless it already is one. */
  blame(violation: string): void {
    const last = this.fields.pop();
    if (last) this.fields.push({ ...last, violation: last.violation ?? violation });
  }

  #add(field: FrameField, violation: string | undefined): void {
    this.fields.push(violation === undefined ? field : { ...field, violation });
  }
}

const NOT_UNDERSTOOD: FieldLabel = { name: "Not understood", clause: "" };

export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

export function shorten(text: string): string {
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}

export function hex(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return bytes.length > 16 ? `${shown} …` : shown;
}
