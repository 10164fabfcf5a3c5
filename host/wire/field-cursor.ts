/**
 * Walks through a frame, field by field, and writes down what it finds. What is missing is a fault and never an exception:
 * after it, reading gives nothing.
 */
import type { FrameField } from "./frame-field.ts";

/** Of a text, for a person. */
const SHOWN_CHARACTERS_MAX = 120;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface FieldWords {
  readonly name: string;
  readonly clause: string;
}

export interface BitWords extends FieldWords {
  readonly high: number;
  readonly low: number;
  /** What it means, by its value. */
  read(value: number): { readonly value: string; readonly fault?: string | undefined };
}

export class FieldCursor {
  readonly fields: FrameField[] = [];
  readonly #bytes: Uint8Array;
  readonly #isBeginning: boolean;
  #offset = 0;
  #isLost = false;

  /** `isBeginning`: the frame goes on behind these bytes, so that what is missing is no fault. */
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

  /** Something was missing: what follows cannot be told. */
  get isLost(): boolean {
    return this.#isLost;
  }

  get fault(): string | undefined {
    return this.fields.find((field) => field.fault !== undefined)?.fault;
  }

  /** The byte at the cursor, which stays. */
  peek(): number | undefined {
    return this.#bytes[this.#offset];
  }

  /** A field of whole bytes. */
  take(length: number, { name, clause }: FieldWords, value: string, fault?: string): void {
    this.#add({ offset: this.#offset, length, name, value, clause }, fault);
    this.#offset += length;
  }

  /** A byte that is made of several fields, the highest bits first. Gives the byte; undefined where it is missing. */
  takeBits(words: readonly BitWords[], whole: FieldWords): number | undefined {
    const byte = this.peek();
    if (byte === undefined) return this.#miss(whole);
    for (const { name, clause, high, low, read } of words) {
      const { value, fault } = read((byte >> low) & ((1 << (high - low + 1)) - 1));
      this.#add({ offset: this.#offset, length: 1, bits: { high, low }, name, value, clause }, fault);
    }
    this.#offset++;
    return byte;
  }

  takeByte(
    words: FieldWords,
    read: (value: number) => { readonly value: string; readonly fault?: string | undefined },
  ): number | undefined {
    const byte = this.peek();
    if (byte === undefined) return this.#miss(words);
    const { value, fault } = read(byte);
    this.take(1, words, value, fault);
    return byte;
  }

  /** Two bytes, the high one first [1.5.2]. */
  takeNumber(
    words: FieldWords,
    read: (value: number) => { readonly value: string; readonly fault?: string | undefined },
  ): number | undefined {
    const [high, low] = this.#bytes.subarray(this.#offset, this.#offset + 2);
    if (high === undefined || low === undefined) return this.#miss(words);
    const number = high * 256 + low;
    const { value, fault } = read(number);
    this.take(2, words, value, fault);
    return number;
  }

  /** A length of two bytes, and that many bytes. Undefined where they are missing. */
  takeBinary(
    words: FieldWords,
    show: (bytes: Uint8Array) => { readonly value: string; readonly fault?: string | undefined },
  ): Uint8Array | undefined {
    const length = this.takeNumber({ ...words, name: `${words.name}: length` }, (value) => ({
      value: `${value} ${value === 1 ? "byte" : "bytes"}`,
    }));
    if (length === undefined) return undefined;
    if (length > this.left) return this.#miss(words);
    const bytes = this.#bytes.subarray(this.#offset, this.#offset + length);
    const { value, fault } = show(bytes);
    if (length > 0) this.take(length, words, value, fault);
    // What is wrong with a text of no bytes is its length.
    else if (fault !== undefined) this.blame(fault);
    return bytes;
  }

  /** A text of UTF-8 behind its length [1.5.3]. Undefined where it is missing or no text. */
  takeText(
    words: FieldWords,
    judge: (text: string) => string | undefined = () => undefined,
  ): string | undefined {
    const bytes = this.takeBinary(words, (found) => {
      const text = decodeText(found);
      if (text === undefined) return { value: hex(found), fault: "it is not UTF-8 [MQTT-1.5.3-1]" };
      const fault = text.includes("\u0000") ? "it has a null character [MQTT-1.5.3-2]" : judge(text);
      return { value: JSON.stringify(shorten(text)), fault };
    });
    return bytes && decodeText(bytes);
  }

  /** All that is left. */
  takeRest(words: FieldWords, show: (bytes: Uint8Array) => string, fault?: string): Uint8Array {
    const rest = this.#bytes.subarray(this.#offset);
    if (rest.length > 0) this.take(rest.length, words, show(rest), fault);
    return rest;
  }

  /** What nobody asked for. */
  end(): void {
    const why = this.#isLost || this.#isBeginning ? undefined : "it is more than the packet has";
    this.takeRest(NOT_UNDERSTOOD, hex, why);
  }

  /** The field is not wholly there. */
  takeCutOff(words: FieldWords): void {
    this.#miss(words);
  }

  #miss({ name }: FieldWords): undefined {
    if (!this.#isLost && this.#isBeginning)
      this.takeRest({ name: `${name} (its beginning)`, clause: "" }, hex);
    else if (!this.#isLost) this.#blameRest(`${name} is cut off`);
    this.#isLost = true;
    return undefined;
  }

  #blameRest(fault: string): void {
    if (this.left > 0) this.takeRest(NOT_UNDERSTOOD, hex, fault);
    else this.blame(fault);
  }

  /** The field before is wrong, if it was not before. */
  blame(fault: string): void {
    const last = this.fields.pop();
    if (last) this.fields.push({ ...last, fault: last.fault ?? fault });
  }

  #add(field: FrameField, fault: string | undefined): void {
    this.fields.push(fault === undefined ? field : { ...field, fault });
  }
}

const NOT_UNDERSTOOD: FieldWords = { name: "Not understood", clause: "" };

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
