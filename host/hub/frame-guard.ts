/**
 * Stands before the broker and looks at each packet's head before the broker has got a byte of it: the fixed header, and
 * what follows but for the payload of PUBLISH. It refuses what the broker would accept or answer wrongly, and what is too
 * large, before that is buffered. It keeps no payload, knows no topics and does no I/O.
 *
 *     fixed header      type and flags (1 byte), remaining length (1 to 4 bytes, 7 bits each, low end first)
 */
import {
  type Fault,
  faultOfHead,
  faultOfLength,
  faultOfType,
  PACKET,
  publishHeadBytes,
} from "./packet-rules.ts";

/** Of every packet but PUBLISH: a client identifier and its like have up to 64 KiB, and nobody subscribes to so much at once. */
export const HEAD_BYTES_MAX = 64 * 1024;
export const PACKET_BYTES_MAX = 4 * 1024 * 1024;

const REMAINING_LENGTH_BYTES_MAX = 4;

export type Verdict =
  /** So many bytes of what came, with those kept back before, may reach the broker; the rest waits. */
  { readonly kind: "pass"; readonly bytes: number } | Fault;

export class FrameGuard {
  #type = 0;
  #flags = 0;
  /** Bytes of the fixed header that were read; 0 between packets. */
  #headerBytes = 0;
  #remainingLength = 0;
  /** Bytes of the current packet that follow its fixed header and have not arrived. */
  #bodyBytesLeft = 0;
  #hasConnected = false;
  /** The current packet's head as far as it arrived; undefined once it was judged, and between packets. */
  #head: Uint8Array | undefined;
  /** Of the current packet while it is judged, from its first byte. */
  #unjudgedBytes = 0;

  /** Judges the next bytes of the stream, cut anywhere. After a fault it must not be asked again. */
  judge(bytes: Uint8Array): Verdict {
    const waitingBytes = this.#unjudgedBytes;
    let offset = 0;
    while (offset < bytes.length) {
      const isHeader = this.#bodyBytesLeft === 0;
      const end = isHeader ? offset + 1 : Math.min(bytes.length, offset + this.#bodyBytesLeft);
      const fault = isHeader
        ? this.#readHeaderByte(bytes[offset] as number)
        : this.#readBody(bytes.subarray(offset, end));
      if (fault) return fault;
      offset = end;
    }
    return { kind: "pass", bytes: waitingBytes + bytes.length - this.#unjudgedBytes };
  }

  #readHeaderByte(byte: number): Fault | undefined {
    this.#unjudgedBytes++;
    if (this.#headerBytes === 0) {
      this.#type = byte >> 4;
      this.#flags = byte & 15;
      this.#headerBytes = 1;
      this.#remainingLength = 0;
      return this.#judgeType();
    }
    if (this.#headerBytes > REMAINING_LENGTH_BYTES_MAX) return close("a remaining length of five bytes");
    this.#remainingLength += (byte & 0x7f) * 128 ** (this.#headerBytes - 1);
    this.#headerBytes++;
    return byte & 0x80 ? undefined : this.#beginBody();
  }

  #judgeType(): Fault | undefined {
    const isConnect = this.#type === PACKET.connect;
    // [MQTT-3.1.0-1]
    if (!this.#hasConnected && !isConnect) return close("a first packet that is not CONNECT");
    // [MQTT-3.1.0-2]
    if (this.#hasConnected && isConnect) return close("a second CONNECT");
    this.#hasConnected = true;
    return faultOfType(this.#type, this.#flags);
  }

  #beginBody(): Fault | undefined {
    const bytesMax = this.#type === PACKET.publish ? PACKET_BYTES_MAX : HEAD_BYTES_MAX;
    if (this.#remainingLength > bytesMax) {
      return close(`a packet of ${this.#remainingLength} bytes, more than the ${bytesMax} that are allowed`);
    }
    const fault = faultOfLength(this.#type, this.#remainingLength);
    if (fault) return fault;
    this.#headerBytes = 0;
    this.#bodyBytesLeft = this.#remainingLength;
    this.#head = NOTHING;
    return this.#remainingLength === 0 ? this.#judgeHead(NOTHING) : undefined;
  }

  #readBody(bytes: Uint8Array): Fault | undefined {
    this.#bodyBytesLeft -= bytes.length;
    if (!this.#head) return undefined;
    const seen = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const headBytes = this.#headBytes(seen);
    if (seen.length >= headBytes) return this.#judgeHead(seen.subarray(0, headBytes));
    this.#unjudgedBytes += bytes.length;
    // A copy: what it was cut from may be reused.
    this.#head = Uint8Array.from(seen);
    return undefined;
  }

  /** As far as it is known: of a PUBLISH, the length of its topic comes first. */
  #headBytes(seen: Uint8Array): number {
    if (this.#type !== PACKET.publish) return this.#remainingLength;
    if (seen.length < 2) return Math.min(2, this.#remainingLength);
    const topicBytes = (seen[0] as number) * 256 + (seen[1] as number);
    return Math.min(publishHeadBytes(topicBytes, this.#flags), this.#remainingLength);
  }

  #judgeHead(head: Uint8Array): Fault | undefined {
    this.#head = undefined;
    this.#unjudgedBytes = 0;
    return faultOfHead(this.#type, this.#flags, head);
  }
}

const NOTHING = new Uint8Array(0);

function close(reason: string): Fault {
  return { kind: "close", reason };
}
