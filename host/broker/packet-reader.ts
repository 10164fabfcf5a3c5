/**
 * Reads a client's stream, in chunks of any size, into packets. It is strict: what the specification forbids is a violation and
 * never a packet. Lengths, and all of a packet except the payload of PUBLISH, are checked as soon as they have come, before
 * more is buffered. It has no sessions and does no I/O.
 */
import { decodeClientPacket, headBytes, judgeFirstByte, judgeLength } from "../mqtt/decode.ts";
import { FrameSplitter, type StreamJudge, type StreamMemory } from "../mqtt/frame-splitter.ts";
import { FIELD_BYTES_MAX, packetTypeOf, RETURN_CODE } from "../mqtt/packet-types.ts";
import { ProtocolViolation } from "../mqtt/protocol-violation.ts";
import { RULES } from "../mqtt/rules.ts";
import type { ClientPacket } from "./packets.ts";

/** The limit on every packet except PUBLISH: the longest topic filter or will topic, and the fields beside it. */
export const HEAD_BYTES_MAX = FIELD_BYTES_MAX + 2 * 1024;
/** The limit of Scaleway IoT Hub. */
export const PAYLOAD_BYTES_MAX = 4 * 1024 * 1024;
/** The limit on the remaining length of PUBLISH: the longest topic name, a packet identifier, and the payload. */
export const PUBLISH_BYTES_MAX = 2 + FIELD_BYTES_MAX + 2 + PAYLOAD_BYTES_MAX;
/** In characters. The specification asks for 23 [MQTT-3.1.3-5]. The identifier is kept as long as its session. */
const CLIENT_IDENTIFIER_MAX = 1024;

const BUFFERS: StreamMemory<Buffer> = { nothing: Buffer.alloc(0), allocate: Buffer.allocUnsafe };

/** The reader itself is the splitter's judge, because the memory of each connection counts. */
export class PacketReader implements StreamJudge<Buffer> {
  readonly #splitter = new FrameSplitter<Buffer>(BUFFERS, this);
  #hasConnected = false;
  #isHeadJudged = false;

  /**
   * The bytes of the packet that `onPacket` is being called with, or the received bytes of a packet that is a violation. A
   * view of the chunk if the packet lies in one chunk.
   */
  frame(): Buffer {
    return this.#splitter.frame();
  }

  /** The bytes that are buffered of an incomplete packet. */
  get unfinishedBytes(): number {
    return this.#splitter.unfinishedBytes;
  }

  /**
   * Calls `onPacket` with each packet that these bytes complete. A payload is a view of `bytes` or of its own buffer.
   * @throws ProtocolViolation after which it must not be called again.
   */
  read(bytes: Buffer, onPacket: (packet: ClientPacket) => void): void {
    this.#splitter.read(bytes, (firstByte, body) => {
      const packet = decodeClientPacket(firstByte, body);
      this.#isHeadJudged = false;
      if (packet.type === "publish") judgeSize("payload", packet.payload.length, PAYLOAD_BYTES_MAX);
      if (packet.type === "connect") judgeIdentifier(packet.clientIdentifier);
      onPacket(packet);
    });
  }

  judgeFirstByte(firstByte: number): void {
    const isConnect = packetTypeOf(firstByte)?.type === "connect";
    const name = packetTypeOf(firstByte)?.name ?? "reserved";
    if (!this.#hasConnected && !isConnect) throw new ProtocolViolation(name, RULES.notConnectFirst);
    if (this.#hasConnected && isConnect) throw new ProtocolViolation(name, RULES.secondConnect);
    this.#hasConnected = true;
    judgeFirstByte(firstByte, "in");
  }

  judgeLength(firstByte: number, remainingLength: number): void {
    const isPublish = packetTypeOf(firstByte)?.type === "publish";
    judgeSize("packet", remainingLength, isPublish ? PUBLISH_BYTES_MAX : HEAD_BYTES_MAX);
    judgeLength(firstByte, remainingLength);
  }

  /** Checks the head once, as soon as it is whole, so that a payload of megabytes is not read for nothing. */
  judgePart(firstByte: number, part: Buffer, remainingLength: number): void {
    if (this.#isHeadJudged) return;
    const wantedBytes = headBytes(firstByte, part, remainingLength);
    if (part.length < wantedBytes) return;
    judgeSize("payload", remainingLength - wantedBytes, PAYLOAD_BYTES_MAX);
    decodeClientPacket(firstByte, part.subarray(0, wantedBytes));
    this.#isHeadJudged = true;
  }
}

function judgeSize(what: string, sizeBytes: number, bytesMax: number): void {
  if (sizeBytes <= bytesMax) return;
  const words = `${sizeBytes} bytes are more than the limit of ${bytesMax} bytes`;
  throw new ProtocolViolation(what, { words, clause: LIMIT });
}

function judgeIdentifier(clientIdentifier: string): void {
  if (clientIdentifier.length <= CLIENT_IDENTIFIER_MAX) return;
  const words = `the client identifier has more than ${CLIENT_IDENTIFIER_MAX} characters`;
  throw new ProtocolViolation("CONNECT", { words, clause: LIMIT }, RETURN_CODE.identifierRejected);
}

/** Stands in the place of a clause of the specification. */
const LIMIT = "a limit of this hub";
