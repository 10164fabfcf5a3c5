/** The fields of a journal's records: integers, most significant byte first; texts and payloads after their length. */

const START_BYTES = 64 * 1024;

/** Writes fields into a buffer that is reused. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(START_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Valid until the next write. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** Reserves bytes, and returns their offset. */
  #claim(count: number): number {
    const place = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, place);
      this.#bytes = larger;
    }
    return place;
  }

  /** Writes an integer of `sizeBytes` bytes, at most 6. Throws a RangeError if the value does not fit. */
  uint(value: number, sizeBytes: number): void {
    const place = this.#claim(sizeBytes);
    this.#bytes.writeUIntBE(value, place, sizeBytes);
  }

  /** Writes a text of at most 65,535 bytes of UTF-8, as all texts of MQTT are [MQTT 3.1.1, 1.5.3]. */
  text(text: string): void {
    const sizeBytes = Buffer.byteLength(text);
    this.uint(sizeBytes, 2);
    const place = this.#claim(sizeBytes);
    this.#bytes.write(text, place);
  }

  payload(payload: Uint8Array): void {
    this.uint(payload.length, 4);
    const place = this.#claim(payload.length);
    this.#bytes.set(payload, place);
  }
}

/** A record whose bytes are not valid. */
export class MalformedRecord extends Error {}

export class ByteReader {
  readonly #bytes: Buffer;
  #place = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#place === this.#bytes.length;
  }

  #take(count: number): number {
    const place = this.#place;
    if (place + count > this.#bytes.length) throw new MalformedRecord("a record is incomplete");
    this.#place += count;
    return place;
  }

  uint(sizeBytes: number): number {
    return this.#bytes.readUIntBE(this.#take(sizeBytes), sizeBytes);
  }

  text(): string {
    const sizeBytes = this.uint(2);
    const place = this.#take(sizeBytes);
    return this.#bytes.toString("utf8", place, place + sizeBytes);
  }

  /** Reads a payload as a copy, so that it does not keep the whole read buffer in memory. */
  payload(): Buffer {
    const sizeBytes = this.uint(4);
    const place = this.#take(sizeBytes);
    return Buffer.from(this.#bytes.subarray(place, place + sizeBytes));
  }
}
