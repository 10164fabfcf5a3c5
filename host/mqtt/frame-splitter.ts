/**
 * Splits a stream of one direction, in chunks of any size, into control packets. A judge checks the bytes as they come, before
 * more is buffered. The splitter buffers at most one incomplete packet, and does not decode contents.
 */
import { FixedHeader } from "./fixed-header.ts";
import { packetTypeOf } from "./packet-types.ts";
import { ProtocolViolation } from "./protocol-violation.ts";
import { RULES } from "./rules.ts";

/** The first size of the buffer of a packet in pieces. It grows with the bytes that come, because a length is only a claim. */
const FIRST_ROOM_BYTES = 512;

/** Checks parts of a packet. Each call may throw ProtocolViolation, which ends the stream. */
export interface StreamJudge<Bytes extends Uint8Array> {
  /** Called with the first byte of a packet. */
  judgeFirstByte(firstByte: number): void;
  /** Called when the remaining length is complete. */
  judgeLength(firstByte: number, remainingLength: number): void;
  /** Called when some, and not all, of the bytes after the fixed header have come. */
  judgePart(firstByte: number, part: Bytes, remainingLength: number): void;
}

/** Values that all streams of a program share, because there may be many thousand streams. */
export interface StreamMemory<Bytes extends Uint8Array> {
  /** An empty buffer. */
  readonly nothing: Bytes;
  /** Allocates bytes, which need not be zeroed. */
  readonly allocate: (sizeBytes: number) => Bytes;
}

export class FrameSplitter<Bytes extends Uint8Array> {
  readonly #memory: StreamMemory<Bytes>;
  readonly #judge: StreamJudge<Bytes>;
  readonly #header = new FixedHeader();
  #isInBody = false;
  /** The received part of the body of a packet that comes in pieces. */
  #body: Bytes;
  #bodyBytes = 0;
  /** The chunk that is being read. */
  #chunk: Bytes;
  /** The offset in the chunk at which the packet began; -1 if it began in an earlier chunk. */
  #startOffset = 0;
  #offset = 0;

  constructor(memory: StreamMemory<Bytes>, judge: StreamJudge<Bytes>) {
    this.#memory = memory;
    this.#judge = judge;
    this.#body = memory.nothing;
    this.#chunk = memory.nothing;
  }

  /**
   * The bytes of the packet that `onFrame` is being called with, or the received bytes of a packet that is a violation or
   * incomplete. A view of the chunk if the packet lies in one chunk.
   */
  frame(): Bytes {
    if (this.#startOffset >= 0) return this.#chunk.subarray(this.#startOffset, this.#offset) as Bytes;
    const { sizeBytes } = this.#header;
    const whole = this.#memory.allocate(sizeBytes + this.#bodyBytes);
    this.#header.writeTo(whole);
    whole.set(this.#body.subarray(0, this.#bodyBytes), sizeBytes);
    return whole;
  }

  /** The bytes that are buffered of an incomplete packet. */
  get unfinishedBytes(): number {
    return this.#body.length;
  }

  /**
   * Calls `onFrame` for each packet that these bytes complete, with the bytes after its fixed header: a view of `bytes` or of
   * its own buffer.
   * @throws ProtocolViolation after which it must not be called again.
   */
  read(bytes: Bytes, onFrame: (firstByte: number, body: Bytes) => void): void {
    this.#chunk = bytes;
    this.#offset = 0;
    this.#startOffset = -1;
    const header = this.#header;
    while (this.#offset < bytes.length) {
      if (!this.#isInBody) {
        if (header.sizeBytes === 0) this.#startOffset = this.#offset;
        this.#readHeaderByte(bytes[this.#offset++] as number);
        if (this.#isInBody && header.remainingLength === 0) this.#finish(this.#memory.nothing, onFrame);
        continue;
      }
      const { remainingLength } = header;
      const end = Math.min(bytes.length, this.#offset + remainingLength - this.#bodyBytes);
      const piece = bytes.subarray(this.#offset, end) as Bytes;
      this.#offset = end;
      if (piece.length === remainingLength) {
        this.#body = piece;
        this.#bodyBytes = piece.length;
        this.#finish(piece, onFrame);
        continue;
      }
      this.#keep(piece, remainingLength);
      if (this.#bodyBytes === remainingLength) this.#finish(this.#body, onFrame);
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

  #finish(body: Bytes, onFrame: (firstByte: number, body: Bytes) => void): void {
    onFrame(this.#header.firstByte, body);
    this.#header.reset();
    this.#isInBody = false;
    this.#body = this.#memory.nothing;
    this.#bodyBytes = 0;
  }

  /** Drops the chunk, which belongs to the caller. The bytes of an incomplete packet are buffered elsewhere. */
  #forgetChunk(): void {
    this.#chunk = this.#memory.nothing;
    this.#startOffset = -1;
  }
}
