/**
 * Espruino's binary packets (releases from 2v25 on), as bytes.
 *
 *     DLE SOH  tttlllll llllllll  data      t: type, l: length of data, at most 8191 bytes
 *
 * There is no checksum. The board answers a packet with ACK or NAK; to EVAL it answers ACK and a packet RESPONSE, or NAK
 * and the error's text. A packet that is not whole after 5 s (1 s in 2v25) is answered with NAK. Bytes of a packet are
 * never commands: Ctrl-C within one does nothing on a board.
 *
 * FILE_SEND holds JSON, `{"fn": name, "s": bytes in all}`; DATA packets follow until all bytes are there, the first of
 * which erases a file of that name. ACK says that DATA was taken, not that it was written: a full flash is told of in
 * text, after the ACK.
 */
import { bytesOf } from "./bytes.ts";

export const DLE = "\x10";
export const ACK = "\x06";
export const NAK = "\x15";
const SOH = "\x01";

/** In the upper three bits of the first length byte. */
export const PACKET_TYPE = { response: 0x0000, eval: 0x2000, fileSend: 0x6000, data: 0x8000 } as const;
export type PacketType = keyof typeof PACKET_TYPE;

export const PACKET_BYTES_MAX = 0x1fff;
export const PACKET_HEADER_BYTES = 4;
const TYPE_MASK = 0xe000;
/** An ESP32 reads its UART in blocks of this size, and waits for the rest of one. */
export const READ_BLOCK_BYTES = 256;

/** Throws a RangeError above PACKET_BYTES_MAX: the caller cuts. */
export function encodePacket(type: PacketType, data: Uint8Array): Uint8Array {
  if (data.length > PACKET_BYTES_MAX) throw new RangeError(`A packet holds no ${data.length} bytes.`);
  const packet = new Uint8Array(PACKET_HEADER_BYTES + data.length);
  const head = PACKET_TYPE[type] | data.length;
  packet.set(bytesOf(DLE + SOH));
  packet[2] = head >> 8;
  packet[3] = head & 255;
  packet.set(data, PACKET_HEADER_BYTES);
  return packet;
}

/** Where the first whole RESPONSE lies in what a board sent. */
export function findResponse(text: string): { start: number; end: number } | undefined {
  const start = text.indexOf(DLE + SOH);
  if (start < 0 || text.length < start + PACKET_HEADER_BYTES) return undefined;
  const head = (text.charCodeAt(start + 2) << 8) | text.charCodeAt(start + 3);
  const end = start + PACKET_HEADER_BYTES + (head & ~TYPE_MASK);
  return text.length < end ? undefined : { start, end };
}

/** The data of a packet that `findResponse` found. */
export function packetData(packet: string): string {
  return packet.slice(PACKET_HEADER_BYTES);
}

/** A text to be sent as a packet, which then fills whole blocks of a board's reading. */
export function wholeBlocks(text: string): string {
  const blocks = Math.ceil((text.length + PACKET_HEADER_BYTES) / READ_BLOCK_BYTES);
  return text.padEnd(Math.min(blocks * READ_BLOCK_BYTES - PACKET_HEADER_BYTES, PACKET_BYTES_MAX));
}
