/**
 * Stands before the broker and looks at frames only: the fixed header of every packet and the head of CONNECT.
 *
 *     fixed header      type and flags (1 byte), remaining length (1 to 4 bytes, 7 bits each, low end first)
 *     head of CONNECT   length of the protocol name (2), protocol name, protocol level (1), connect flags (1),
 *                       keep alive (2), length of the client identifier (2)
 *
 * It refuses what the broker would accept or answer wrongly, and it does so before the broker has buffered
 * anything. It keeps no payload, knows no topics and does no I/O.
 */
export const CONNECT_BYTES_MAX = 64 * 1024;
export const PACKET_BYTES_MAX = 4 * 1024 * 1024;

const REMAINING_LENGTH_BYTES_MAX = 4;
const PACKET_TYPE_CONNECT = 1;
const CONNECT_FLAG_RESERVED = 0x01;
const CONNECT_FLAG_CLEAN_SESSION = 0x02;
/** Protocol names that were ever given out, with the level that this hub speaks under that name. */
const PROTOCOL_LEVELS: ReadonlyMap<string, number> = new Map([
  ["MQTT", 4],
  ["MQIsdp", 3],
]);
const PROTOCOL_NAME_BYTES_MAX = 6;

export const RETURN_CODE_UNACCEPTABLE_PROTOCOL = 1;
export const RETURN_CODE_IDENTIFIER_REJECTED = 2;

export type Verdict =
  /** Nothing may reach the broker yet: the head of CONNECT is not complete. */
  | { readonly kind: "wait" }
  | { readonly kind: "pass" }
  /** To be answered by CONNACK with this return code, then closed. */
  | { readonly kind: "refuse"; readonly returnCode: number; readonly reason: string }
  /** To be closed without an answer. */
  | { readonly kind: "close"; readonly reason: string };

const WAIT: Verdict = { kind: "wait" };
const PASS: Verdict = { kind: "pass" };

export class FrameGuard {
  #packetType = 0;
  /** Bytes of the fixed header that were read; 0 between packets. */
  #headerBytes = 0;
  #remainingLength = 0;
  /** Bytes of the current packet that follow its fixed header and have not arrived. */
  #bodyBytesLeft = 0;
  #connectSeen = false;
  /** The head of CONNECT as far as it arrived; undefined once it was judged. */
  #connectHead: number[] | undefined = [];

  /** Judges the next bytes of the stream, cut anywhere. After "refuse" or "close" it must not be asked again. */
  judge(bytes: Uint8Array): Verdict {
    let offset = 0;
    while (offset < bytes.length) {
      if (this.#bodyBytesLeft === 0) {
        const fault = this.#readHeaderByte(bytes[offset] as number);
        if (fault) return fault;
        offset++;
        continue;
      }
      const end = Math.min(bytes.length, offset + this.#bodyBytesLeft);
      const fault = this.#connectHead && this.#readConnectHead(bytes, offset, end);
      if (fault) return fault;
      this.#bodyBytesLeft -= end - offset;
      offset = end;
      if (this.#bodyBytesLeft === 0 && this.#connectHead) return close("a CONNECT that is too short");
    }
    return this.#connectHead ? WAIT : PASS;
  }

  #readHeaderByte(byte: number): Verdict | undefined {
    if (this.#headerBytes === 0) {
      this.#packetType = byte >> 4;
      this.#headerBytes = 1;
      this.#remainingLength = 0;
      return this.#judgePacketType();
    }
    if (this.#headerBytes > REMAINING_LENGTH_BYTES_MAX) return close("a remaining length of five bytes");
    this.#remainingLength += (byte & 0x7f) * 128 ** (this.#headerBytes - 1);
    this.#headerBytes++;
    if (byte & 0x80) return undefined;
    this.#headerBytes = 0;
    this.#bodyBytesLeft = this.#remainingLength;
    return this.#judgeLength();
  }

  #judgePacketType(): Verdict | undefined {
    const isConnect = this.#packetType === PACKET_TYPE_CONNECT;
    // [MQTT-3.1.0-1]
    if (!this.#connectSeen && !isConnect) return close("a first packet that is not CONNECT");
    // [MQTT-3.1.0-2]
    if (this.#connectSeen && isConnect) return close("a second CONNECT");
    this.#connectSeen = true;
    return undefined;
  }

  #judgeLength(): Verdict | undefined {
    const bytesMax = this.#packetType === PACKET_TYPE_CONNECT ? CONNECT_BYTES_MAX : PACKET_BYTES_MAX;
    if (this.#remainingLength > bytesMax) {
      return close(`a packet of ${this.#remainingLength} bytes, more than the ${bytesMax} that are allowed`);
    }
    if (this.#connectHead && this.#remainingLength === 0) return close("an empty CONNECT");
    return undefined;
  }

  #readConnectHead(bytes: Uint8Array, start: number, end: number): Verdict | undefined {
    const head = this.#connectHead as number[];
    for (let offset = start; offset < end; offset++) {
      head.push(bytes[offset] as number);
      const nameLength = head.length < 2 ? 0 : uint16(head, 0);
      if (nameLength > PROTOCOL_NAME_BYTES_MAX) return close("a protocol that is not MQTT");
      if (head.length < 2 || head.length < nameLength + 8) continue;
      this.#connectHead = undefined;
      return judgeConnectHead(head, nameLength);
    }
    return undefined;
  }
}

function judgeConnectHead(head: readonly number[], nameLength: number): Verdict | undefined {
  const name = String.fromCharCode(...head.slice(2, 2 + nameLength));
  const level = head[2 + nameLength] as number;
  const flags = head[3 + nameLength] as number;
  const expectedLevel = PROTOCOL_LEVELS.get(name);
  // [MQTT-3.1.2-1]
  if (expectedLevel === undefined) return close("a protocol that is not MQTT");
  // [MQTT-3.1.2-2]
  if (level !== expectedLevel) {
    const reason = level === 5 ? "MQTT 5, where this hub speaks MQTT 3.1.1" : `${name} of level ${level}`;
    return { kind: "refuse", returnCode: RETURN_CODE_UNACCEPTABLE_PROTOCOL, reason };
  }
  // [MQTT-3.1.2-3]
  if (flags & CONNECT_FLAG_RESERVED) return close("a CONNECT whose reserved flag is set");
  // [MQTT-3.1.3-8]
  if (uint16(head, 6 + nameLength) === 0 && !(flags & CONNECT_FLAG_CLEAN_SESSION)) {
    const reason = "no client identifier, for a session that is to be kept";
    return { kind: "refuse", returnCode: RETURN_CODE_IDENTIFIER_REJECTED, reason };
  }
  return undefined;
}

function uint16(bytes: readonly number[], offset: number): number {
  return (bytes[offset] as number) * 256 + (bytes[offset + 1] as number);
}

function close(reason: string): Verdict {
  return { kind: "close", reason };
}
