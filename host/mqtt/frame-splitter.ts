/**
 * Cuts a stream of one direction, in whatever pieces it comes, into control packets. What it splits is judged as it comes, by
 * who asked for it, and before more is kept. It keeps at most one packet that has not wholly come, and knows no content.
 */
import { FixedHeader } from "./fixed-header.ts";
import { packetTypeOf } from "./packet-types.ts";
import { ProtocolViolation } from "./protocol-violation.ts";
import { RULES } from "./rules.ts";

/** A packet that comes in pieces gets room as it comes, for a length is quickly claimed. */
const FIRST_ROOM_BYTES = 512;

/** Each call may throw ProtocolViolation, which ends the stream. */
export interface StreamJudge<Bytes extends Uint8Array> {
  /** The first byte has come, of a packet that is to come. */
  judgeFirstByte(firstByte: number): void;
  /** The remaining length has come. */
  judgeLength(firstByte: number, remainingLength: number): void;
  /** A part of what follows the fixed header has come, and more is to come. */
  judgePart(firstByte: number, part: Bytes, remainingLength: number): void;
}

/** What all streams of a program share: they may be many thousand. */
export interface StreamMemory<Bytes extends Uint8Array> {
  /** Of no bytes. */
  readonly nothing: Bytes;
  /** Gives room for so many bytes, whatever stands in it. */
  readonly allocate: (sizeBytes: number) => Bytes;
}

export class FrameSplitter<Bytes extends Uint8Array> {
  readonly #memory: StreamMemory<Bytes>;
  readonly #judge: StreamJudge<Bytes>;
  readonly #header = new FixedHeader();
  #isInBody = false;
  /** The body of a packet that comes in pieces, as far as it came. */
  #body: Bytes;
  #bodyBytes = 0;
  /** What is being read, and where in it the packet began; -1 where that was in bytes before these. */
  #chunk: Bytes;
  #startOffset = 0;
  #offset = 0;

  constructor(memory: StreamMemory<Bytes>, judge: StreamJudge<Bytes>) {
    this.#memory = memory;
    this.#judge = judge;
    this.#body = memory.nothing;
    this.#chunk = memory.nothing;
  }

  /**
   * The bytes of the packet that is just given to `take`, or as much as came of the one that was violated or has not wholly
   * come. A view of what is read where it lies in one piece.
   */
  frame(): Bytes {
    if (this.#startOffset >= 0) return this.#chunk.subarray(this.#startOffset, this.#offset) as Bytes;
    const { sizeBytes } = this.#header;
    const whole = this.#memory.allocate(sizeBytes + this.#bodyBytes);
    this.#header.writeTo(whole);
    whole.set(this.#body.subarray(0, this.#bodyBytes), sizeBytes);
    return whole;
  }

  /** What is kept of a packet that has not wholly come. */
  get unfinishedBytes(): number {
    return this.#body.length;
  }

  /**
   * Gives what follows the fixed header of each packet that these bytes complete to `take`: a view of `bytes`, or of a buffer
   * of its own.
   * @throws ProtocolViolation after which it must not be asked again.
   */
  read(bytes: Bytes, take: (firstByte: number, body: Bytes) => void): void {
    this.#chunk = bytes;
    this.#offset = 0;
    this.#startOffset = -1;
    const header = this.#header;
    while (this.#offset < bytes.length) {
      if (!this.#isInBody) {
        if (header.sizeBytes === 0) this.#startOffset = this.#offset;
        this.#readHeaderByte(bytes[this.#offset++] as number);
        if (this.#isInBody && header.remainingLength === 0) this.#finish(this.#memory.nothing, take);
        continue;
      }
      const { remainingLength } = header;
      const end = Math.min(bytes.length, this.#offset + remainingLength - this.#bodyBytes);
      const piece = bytes.subarray(this.#offset, end) as Bytes;
      this.#offset = end;
      if (piece.length === remainingLength) {
        this.#body = piece;
        this.#bodyBytes = piece.length;
        this.#finish(piece, take);
        continue;
      }
      this.#keep(piece, remainingLength);
      if (this.#bodyBytes === remainingLength) this.#finish(this.#body, take);
      else {
        const part = this.#body.subarray(0, this.#bodyBytes) as Bytes;
        this.#judge.judgePart(header.firstByte, part, remainingLength);
      }
    }
    this.#forgetChunk();
  }

  #readHeaderByte(byte: number): void {
    const header = this.#header;
    const progress = header.push(byte);
    if (header.sizeBytes === 1) this.#judge.judgeFirstByte(byte);
    if (progress === "begun") return;
    if (progress === "malformed") {
      throw new ProtocolViolation(packetTypeOf(header.firstByte)?.name ?? "reserved", RULES.remainingLength);
    }
    this.#judge.judgeLength(header.firstByte, header.remainingLength);
    this.#isInBody = true;
  }

  #keep(piece: Bytes, remainingLength: number): void {
    const wanted = this.#bodyBytes + piece.length;
    if (wanted > this.#body.length) {
      const room = Math.max(wanted, FIRST_ROOM_BYTES, this.#body.length * 2);
      const roomier = this.#memory.allocate(Math.min(room, remainingLength));
      roomier.set(this.#body.subarray(0, this.#bodyBytes));
      this.#body = roomier;
    }
    this.#body.set(piece, this.#bodyBytes);
    this.#bodyBytes = wanted;
  }

  #finish(body: Bytes, take: (firstByte: number, body: Bytes) => void): void {
    take(this.#header.firstByte, body);
    this.#header.reset();
    this.#isInBody = false;
    this.#body = this.#memory.nothing;
    this.#bodyBytes = 0;
  }

  /** What it read is not its own: of a packet that has begun all is kept elsewhere. */
  #forgetChunk(): void {
    this.#chunk = this.#memory.nothing;
    this.#startOffset = -1;
  }
}
