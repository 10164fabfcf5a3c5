/**
 * Reads a client's stream, cut anywhere, into packets, and is strict: what the specification forbids is a violation and never
 * a packet. Lengths, and all of a packet but the payload of PUBLISH, are judged as soon as they are there, before more is
 * kept. It knows no sessions, and does no I/O.
 */
import { decodeClientPacket, headBytes, judgeFirstByte, judgeLength } from "../mqtt/decode.ts";
import { FrameSplitter, type StreamJudge, type StreamMemory } from "../mqtt/frame-splitter.ts";
import { FIELD_BYTES_MAX, packetTypeOf, RETURN_CODE } from "../mqtt/packet-types.ts";
import { ProtocolViolation } from "../mqtt/protocol-violation.ts";
import { RULES } from "../mqtt/rules.ts";
import type { ClientPacket } from "./packets.ts";

/** Of every packet but PUBLISH: a topic filter or a will topic of the longest, with what stands beside it. */
export const HEAD_BYTES_MAX = FIELD_BYTES_MAX + 2 * 1024;
/** As at Scaleway IoT Hub. */
export const PAYLOAD_BYTES_MAX = 4 * 1024 * 1024;
/** Behind the fixed header: the longest topic name, a packet identifier, and the payload. */
export const PUBLISH_BYTES_MAX = 2 + FIELD_BYTES_MAX + 2 + PAYLOAD_BYTES_MAX;
/** The specification asks for 23 [MQTT-3.1.3-5]. A session's identifier is kept as long as the session. */
const CLIENT_IDENTIFIER_MAX = 1024;

const BUFFERS: StreamMemory<Buffer> = { nothing: Buffer.alloc(0), allocate: Buffer.allocUnsafe };

/** The splitter's judge is the reader itself: what each connection holds counts. */
export class PacketReader implements StreamJudge<Buffer> {
  readonly #splitter = new FrameSplitter<Buffer>(BUFFERS, this);
  #hasConnected = false;
  #isHeadJudged = false;

  /**
   * The bytes of the packet that is just given to `take`, or as much as came of the one that is a violation. A view of what is
   * read where it lies in one piece.
   */
  frame(): Buffer {
    return this.#splitter.frame();
  }

  /** What is kept of a packet that has not wholly come. */
  get unfinishedBytes(): number {
    return this.#splitter.unfinishedBytes;
  }

  /**
   * Gives each packet that these bytes complete to `take`. A payload is a view of `bytes`, or of a buffer of its own.
   * @throws ProtocolViolation after which it must not be asked again.
   */
  read(bytes: Buffer, take: (packet: ClientPacket) => void): void {
    this.#splitter.read(bytes, (firstByte, body) => {
      const packet = decodeClientPacket(firstByte, body);
      this.#isHeadJudged = false;
      if (packet.type === "publish") judgeSize("payload", packet.payload.length, PAYLOAD_BYTES_MAX);
      if (packet.type === "connect") judgeIdentifier(packet.clientIdentifier);
      take(packet);
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

  /** Once, as soon as the head is whole: a payload of megabytes is not waited for in vain. */
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
  const words = `${sizeBytes} bytes are more than the ${bytesMax} that are allowed`;
  throw new ProtocolViolation(what, { words, clause: LIMIT });
}

function judgeIdentifier(clientIdentifier: string): void {
  if (clientIdentifier.length <= CLIENT_IDENTIFIER_MAX) return;
  const words = `the client identifier has more than ${CLIENT_IDENTIFIER_MAX} characters`;
  throw new ProtocolViolation("CONNECT", { words, clause: LIMIT }, RETURN_CODE.identifierRejected);
}

/** In the place of a clause. */
const LIMIT = "a limit of this hub";
