/** Frames: 0xAA, type, length, payload, CRC-16 (low byte first). */
const SYNC = 0xaa;

export const FrameType = { Temperature: 1, Acceleration: 2, Text: 3 } as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

export type Reading =
  | { type: "temperature"; celsius: number; sensor: number }
  | { type: "acceleration"; axes: [x: number, y: number, z: number] }
  | { type: "text"; text: string }
  | { type: "unknown"; code: number; bytes: number[] };

export function crc16(bytes: ArrayLike<number>, seed = 0xffff): number {
  let crc = seed;
  for (let i = 0; i < bytes.length; i++) {
    crc ^= bytes[i] ?? 0;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

const crcTable = Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

export const crc32 = (text: string): number =>
  ~[...text].reduce((crc, one) => (crcTable[(crc ^ one.charCodeAt(0)) & 0xff] ?? 0) ^ (crc >>> 8), -1) >>> 0;

export function encode(type: number, payload: readonly number[] | Uint8Array): Uint8Array {
  const head = [type, payload.length, ...payload];
  const crc = crc16(head);
  return new Uint8Array([SYNC, ...head, crc & 0xff, crc >> 8]);
}

export function toReading(type: number, payload: Uint8Array): Reading {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  switch (type) {
    case FrameType.Temperature: {
      const sensor = view.getUint8(0);
      return { type: "temperature", sensor, celsius: view.getInt16(1, true) / 100 };
    }
    case FrameType.Acceleration: {
      const axes = [0, 2, 4].map((at) => view.getInt16(at)) as [number, number, number];
      return { type: "acceleration", axes };
    }
    case FrameType.Text:
      return { type: "text", text: String.fromCharCode(...payload) };
    default:
      return { type: "unknown", code: type, bytes: [...payload] };
  }
}

export class FrameParser {
  #bytes: number[] = [];
  errors = 0;

  /** Takes what came in, in pieces of any size. */
  *feed(chunk: Iterable<number>): Generator<Reading, number> {
    this.#bytes.push(...chunk);
    let found = 0;
    search: while (this.#bytes.length >= 5) {
      while (this.#bytes[0] !== SYNC) {
        this.#bytes.shift();
        if (this.#bytes.length < 5) break search;
      }
      const [, type = 0, length = 0] = this.#bytes;
      if (this.#bytes.length < length + 5) break;
      const body = this.#bytes.slice(1, length + 3);
      const [low = 0, high = 0] = this.#bytes.slice(length + 3);
      if (crc16(body) !== (low | (high << 8))) {
        this.errors += 1;
        this.#bytes.shift();
        continue;
      }
      this.#bytes.splice(0, length + 5);
      found++;
      yield toReading(type, Uint8Array.from(body.slice(2)));
    }
    return found;
  }

  get pending(): number {
    return this.#bytes.length;
  }
}
