/**
 * Reads a client's stream, cut anywhere, into packets, and is strict: what the specification forbids is a fault and never a
 * packet. Lengths, and all of a packet but the payload of PUBLISH, are judged as soon as they are there, before more is
 * kept. It keeps at most one packet that has not wholly come, knows no sessions, and does no I/O.
 *
 *     fixed header      type and flags (1 byte), remaining length (1 to 4 bytes, 7 bits each, low end first)
 */
import {
  type ClientPacket,
  decodePacket,
  headBytes,
  judgeLength,
  judgeType,
  PACKET,
} from "./client-packets.ts";
import { ProtocolFault } from "./fault.ts";

/** Of every packet but PUBLISH: a client identifier and its like have up to 64 KiB, and nobody subscribes to so much at once. */
export const HEAD_BYTES_MAX = 64 * 1024;
/** As at Scaleway IoT Hub. */
export const PAYLOAD_BYTES_MAX = 4 * 1024 * 1024;
/** Behind the fixed header: the longest topic name, a packet identifier, and the payload. */
export const PUBLISH_BYTES_MAX = 2 + 65_535 + 2 + PAYLOAD_BYTES_MAX;

const REMAINING_LENGTH_BYTES_MAX = 4;
/** Of a packet that comes in pieces; it grows with what has come, for a length is quickly claimed. */
const FIRST_ROOM_BYTES = 512;

export class PacketReader {
  #hasConnected = false;
  #type = 0;
  #flags = 0;
  /** Bytes of the fixed header that were read; 0 between packets. */
  #headerBytes = 0;
  #remainingLength = 0;
  #isInBody = false;
  /** The body of a packet that comes in pieces, as far as it came. */
  #body: Buffer = NOTHING;
  #bodyBytes = 0;
  #isHeadJudged = false;
  /** The fixed header as it came. */
  readonly #header = Buffer.alloc(1 + REMAINING_LENGTH_BYTES_MAX);
  /** What is being read, and where in it the packet began; -1 where that was in bytes before these. */
  #chunk: Buffer = NOTHING;
  #startOffset = 0;
  #offset = 0;

  /**
   * The bytes of the packet that is just given to `take`, or as much as came of the one that is a fault. A view of what is
   * read where it lies in one piece.
   */
  frame(): Buffer {
    if (this.#startOffset >= 0) return this.#chunk.subarray(this.#startOffset, this.#offset);
    const body = this.#body.subarray(0, this.#bodyBytes);
    return Buffer.concat([this.#header.subarray(0, this.#headerBytes), body]);
  }

  /** What is kept of a packet that has not wholly come. */
  get unfinishedBytes(): number {
    return this.#body.length;
  }

  /**
   * Gives each packet that these bytes complete to `take`. A payload is a view of `bytes`, or of a buffer of its own.
   * @throws ProtocolFault after which it must not be asked again.
   */
  read(bytes: Buffer, take: (packet: ClientPacket) => void): void {
    this.#chunk = bytes;
    this.#offset = 0;
    this.#startOffset = -1;
    while (this.#offset < bytes.length) {
      if (!this.#isInBody) {
        if (this.#headerBytes === 0) this.#startOffset = this.#offset;
        this.#readHeaderByte(bytes[this.#offset++] as number);
        if (this.#isInBody && this.#remainingLength === 0) this.#finish(NOTHING, take);
        continue;
      }
      const end = Math.min(bytes.length, this.#offset + this.#remainingLength - this.#bodyBytes);
      const piece = bytes.subarray(this.#offset, end);
      this.#offset = end;
      if (piece.length === this.#remainingLength) {
        this.#body = piece;
        this.#bodyBytes = piece.length;
        this.#finish(piece, take);
        continue;
      }
      this.#keep(piece);
      if (this.#bodyBytes === this.#remainingLength) this.#finish(this.#body, take);
      else this.#judgeHead();
    }
    this.#chunk = NOTHING;
  }

  #readHeaderByte(byte: number): void {
    if (this.#headerBytes === 0) {
      this.#type = byte >> 4;
      this.#flags = byte & 15;
      this.#header[0] = byte;
      this.#headerBytes = 1;
      this.#remainingLength = 0;
      this.#judgeOrder();
      judgeType(this.#type, this.#flags);
      return;
    }
    if (this.#headerBytes > REMAINING_LENGTH_BYTES_MAX) {
      throw new ProtocolFault("a remaining length of five bytes");
    }
    this.#remainingLength += (byte & 0x7f) * 128 ** (this.#headerBytes - 1);
    this.#header[this.#headerBytes++] = byte;
    if (byte & 0x80) return;
    this.#judgeLength();
    this.#isInBody = true;
  }

  #judgeOrder(): void {
    const isConnect = this.#type === PACKET.connect;
    // [MQTT-3.1.0-1]
    if (!this.#hasConnected && !isConnect) throw new ProtocolFault("a first packet that is not CONNECT");
    // [MQTT-3.1.0-2]
    if (this.#hasConnected && isConnect) throw new ProtocolFault("a second CONNECT");
    this.#hasConnected = true;
  }

  #judgeLength(): void {
    const bytesMax = this.#type === PACKET.publish ? PUBLISH_BYTES_MAX : HEAD_BYTES_MAX;
    judgeSize("packet", this.#remainingLength, bytesMax);
    judgeLength(this.#type, this.#remainingLength);
  }

  #keep(piece: Buffer): void {
    const wanted = this.#bodyBytes + piece.length;
    if (wanted > this.#body.length) {
      const room = Math.max(wanted, FIRST_ROOM_BYTES, this.#body.length * 2);
      const roomier = Buffer.allocUnsafe(Math.min(room, this.#remainingLength));
      this.#body.copy(roomier, 0, 0, this.#bodyBytes);
      this.#body = roomier;
    }
    piece.copy(this.#body, this.#bodyBytes);
    this.#bodyBytes = wanted;
  }

  /** Once, as soon as the head is whole: a payload of megabytes is not waited for in vain. */
  #judgeHead(): void {
    if (this.#isHeadJudged) return;
    const seen = this.#body.subarray(0, this.#bodyBytes);
    const wantedBytes = headBytes(this.#type, this.#flags, seen, this.#remainingLength);
    if (seen.length < wantedBytes) return;
    judgeSize("payload", this.#remainingLength - wantedBytes, PAYLOAD_BYTES_MAX);
    decodePacket(this.#type, this.#flags, seen.subarray(0, wantedBytes));
    this.#isHeadJudged = true;
  }

  #finish(body: Buffer, take: (packet: ClientPacket) => void): void {
    const packet = decodePacket(this.#type, this.#flags, body);
    if (packet.cmd === "publish") judgeSize("payload", packet.payload.length, PAYLOAD_BYTES_MAX);
    take(packet);
    this.#headerBytes = 0;
    this.#isInBody = false;
    this.#body = NOTHING;
    this.#bodyBytes = 0;
    this.#isHeadJudged = false;
  }
}

function judgeSize(what: string, sizeBytes: number, bytesMax: number): void {
  if (sizeBytes <= bytesMax) return;
  throw new ProtocolFault(`a ${what} of ${sizeBytes} bytes, more than the ${bytesMax} that are allowed`);
}

const NOTHING = Buffer.alloc(0);
