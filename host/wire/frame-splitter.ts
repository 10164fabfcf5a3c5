/**
 * Cuts a stream of MQTT 3.1.1, of one direction, into control packets, in whatever pieces it comes. It judges lengths
 * alone, and no packet's content.
 *
 *     fixed header      type and flags (1 byte), remaining length (1 to 4 bytes, 7 bits each, low end first) [2.2]
 */

/** Of a packet, with its fixed header. The protocol would allow 256 MiB. */
export const FRAME_BYTES_MAX = 5 * 1024 * 1024;

const LENGTH_BYTES_MAX = 4;

export interface FixedHeader {
  readonly headerBytes: number;
  readonly remainingLength: number;
}

/** "cut off": it has not wholly come. "malformed": its fourth byte says that a fifth follows [2.2.3]. */
export function readFixedHeader(bytes: Uint8Array): FixedHeader | "cut off" | "malformed" {
  let remainingLength = 0;
  for (let index = 0; index < LENGTH_BYTES_MAX; index++) {
    const byte = bytes[1 + index];
    if (byte === undefined) return "cut off";
    remainingLength += (byte & 0x7f) * 128 ** index;
    if ((byte & 0x80) === 0) return { headerBytes: 2 + index, remainingLength };
  }
  return "malformed";
}

export class FrameSplitter {
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  /** Of the packet that is coming, once its fixed header is there. */
  #wantedBytes: number | undefined;
  #fault: string | undefined;

  /** Why the stream was given up; undefined while it is read. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** What has come of a packet that is not whole, or what was given up. */
  get unfinished(): Uint8Array {
    return joined(this.#kept, this.#keptBytes);
  }

  /** The packets that these bytes complete. A packet is a view of the bytes where it lies in one piece. */
  push(bytes: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = [];
    let rest = bytes;
    while (rest.length > 0 && this.#fault === undefined) {
      if (this.#wantedBytes === undefined && !this.#measure(rest)) break;
      const piece = rest.subarray(0, (this.#wantedBytes as number) - this.#keptBytes);
      rest = rest.subarray(piece.length);
      this.#keep(piece);
      if (this.#keptBytes === this.#wantedBytes) {
        frames.push(joined(this.#kept, this.#keptBytes));
        this.#forget();
      }
    }
    return frames;
  }

  /** False: the fixed header has not wholly come, or is a fault; what there is was kept. */
  #measure(rest: Uint8Array): boolean {
    const start = this.#keptBytes === 0 ? rest : joined([...this.#kept, rest.subarray(0, LENGTH_BYTES_MAX)]);
    const header = readFixedHeader(start);
    if (header === "malformed") this.#fault = "a remaining length of more than four bytes";
    else if (header !== "cut off") {
      this.#wantedBytes = header.headerBytes + header.remainingLength;
      if (this.#wantedBytes > FRAME_BYTES_MAX) this.#fault = `a packet of ${this.#wantedBytes} bytes`;
    }
    if (this.#fault === undefined && header !== "cut off") return true;
    this.#keep(rest);
    return false;
  }

  #keep(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#kept.push(piece);
    this.#keptBytes += piece.length;
  }

  #forget(): void {
    this.#kept = [];
    this.#keptBytes = 0;
    this.#wantedBytes = undefined;
  }
}

function joined(pieces: readonly Uint8Array[], lengthBytes = sumOf(pieces)): Uint8Array {
  const [first] = pieces;
  if (first && pieces.length === 1) return first;
  const whole = new Uint8Array(lengthBytes);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

function sumOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
