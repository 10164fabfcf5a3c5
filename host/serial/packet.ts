/**
 * Espruino's binary packets (releases from 2v25 on).
 *
 *     DLE SOH  tttlllll llllllll  data      t: type, l: length of data, at most 8191 bytes
 *
 * There is no checksum. The board answers a packet with ACK or NAK; EVAL with ACK and a packet RESPONSE, or with NAK and the
 * error's text. A packet that is incomplete after 5 s (1 s in 2v25) is answered with NAK. Bytes of a packet are never commands:
 * Ctrl-C inside one does nothing on a board.
 *
 * FILE_SEND contains JSON, `{"fn": name, "s": total bytes}`. DATA packets follow until all bytes have come; the first erases a
 * file with that name. ACK means that DATA was received, not that it was written: a full flash is reported as text after the
 * ACK.
 */
import { bytesOf } from "./bytes.ts";

export const DLE = "\x10";
export const ACK = "\x06";
export const NAK = "\x15";
const SOH = "\x01";

/** The packet types, in the upper three bits of the first length byte. */
export const PACKET_TYPE = { response: 0x0000, eval: 0x2000, fileSend: 0x6000, data: 0x8000 } as const;
export type PacketType = keyof typeof PACKET_TYPE;

export const PACKET_BYTES_MAX = 0x1fff;
export const PACKET_HEADER_BYTES = 4;
const TYPE_MASK = 0xe000;
/** The size of the blocks in which an ESP32 reads its UART. It waits for the rest of a block. */
export const READ_BLOCK_BYTES = 256;

/** Encodes a packet. Throws a RangeError above PACKET_BYTES_MAX; the caller has to split the data. */
export function encodePacket(type: PacketType, data: Uint8Array): Uint8Array {
  if (data.length > PACKET_BYTES_MAX) throw new RangeError(`A packet cannot contain ${data.length} bytes.`);
  const packet = new Uint8Array(PACKET_HEADER_BYTES + data.length);
  const head = PACKET_TYPE[type] | data.length;
  packet.set(bytesOf(DLE + SOH));
  packet[2] = head >> 8;
  packet[3] = head & 255;
  packet.set(data, PACKET_HEADER_BYTES);
  return packet;
}

/** Finds the first complete RESPONSE in the bytes of a board. */
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

/** Pads a text with spaces, so that its packet fills whole blocks of a board. */
export function wholeBlocks(text: string): string {
  const blocks = Math.ceil((text.length + PACKET_HEADER_BYTES) / READ_BLOCK_BYTES);
  return text.padEnd(Math.min(blocks * READ_BLOCK_BYTES - PACKET_HEADER_BYTES, PACKET_BYTES_MAX));
}

/**
 * The next length whose lower byte is not a command to Espruino for Linux, which ends at 03 and 04 even in a packet's header.
 * Packet data for it must not contain these bytes either. A board accepts any.
 */
export function safeLength(length: number): number {
  const lower = length & 255;
  return lower === 3 || lower === 4 ? length + 5 - lower : length;
}
