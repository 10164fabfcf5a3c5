/** Splits the bytes from a hub into packets. Throws a ProtocolViolation for everything that MQTT 3.1.1 forbids. */
import { decodeHubPacket, judgeFirstByte, judgeLength } from "../../mqtt/decode.ts";
import { FrameSplitter, type StreamMemory } from "../../mqtt/frame-splitter.ts";
import { packetTypeOf } from "../../mqtt/packet-types.ts";
import type { HubPacket } from "../../mqtt/packets.ts";
import { ProtocolViolation } from "../../mqtt/protocol-violation.ts";

/** Limit of the bytes after the fixed header. The protocol allows 256 MiB. */
export const PACKET_BYTES_MAX = 5 * 1024 * 1024;

const MEMORY: StreamMemory<Uint8Array> = {
  nothing: new Uint8Array(0),
  allocate: (sizeBytes) => new Uint8Array(sizeBytes),
};

export class HubStream {
  readonly #splitter = new FrameSplitter<Uint8Array>(MEMORY, {
    judgeFirstByte: (firstByte) => judgeFirstByte(firstByte, "out"),
    judgeLength: (firstByte, remainingLength) => {
      judgeSize(firstByte, remainingLength);
      judgeLength(firstByte, remainingLength);
    },
    judgePart: () => undefined,
  });
  #isShown = false;

  /**
   * Calls `take` for each frame that the bytes complete, with a function that decodes its packet. A frame may be a view of
   * the bytes.
   * @throws ProtocolViolation, as the function does. The stream must not be used afterwards.
   */
  read(bytes: Uint8Array, take: (frame: Uint8Array, read: () => HubPacket) => void): void {
    this.#isShown = false;
    this.#splitter.read(bytes, (firstByte, body) => {
      this.#isShown = true;
      take(this.#splitter.frame(), () => decodeHubPacket(firstByte, body));
      this.#isShown = false;
    });
  }

  /** After a violation: the received part of the packet that broke MQTT, if `take` has not got it. */
  get unshown(): Uint8Array | undefined {
    return this.#isShown ? undefined : this.#splitter.frame();
  }
}

function judgeSize(firstByte: number, sizeBytes: number): void {
  if (sizeBytes <= PACKET_BYTES_MAX) return;
  const words = `its ${sizeBytes} bytes exceed the limit of ${PACKET_BYTES_MAX} bytes`;
  const name = packetTypeOf(firstByte)?.name ?? "packet";
  throw new ProtocolViolation(name, { words, clause: "a limit of this page" });
}
