/**
 * The packets of a transcript, one line each: those that each board sent and received at its network interface. A packet has
 * the virtual time of its last byte; the chunks of its bytes are not shown. A violation ends the output of its stream.
 */
import { formatPacket } from "../mock-hub/frame-log.ts";
import { decodeClientPacket, decodeHubPacket, judgeFirstByte, judgeLength } from "../mqtt/decode.ts";
import { FrameSplitter, type StreamMemory } from "../mqtt/frame-splitter.ts";
import type { Direction } from "../mqtt/packet-types.ts";
import type { Packet } from "../mqtt/packets.ts";
import { ProtocolViolation } from "../mqtt/protocol-violation.ts";

/** A line such as `12 dev #1 > 101400…`, or for a connection `12 dev #1 opened`. */
const BYTES_LINE = /^(\d+(?:\.\d+)?) (.+) #(\d+) ([<>]) ([0-9a-f]*)$/;
const OPENED_LINE = /^(\d+(?:\.\d+)?) (.+) #(\d+) opened$/;

/** A line such as `12.050 s dev #2 > publish 7 qos1 home/x 2 B "on"`. */
export function packetTrace(transcript: string): string[] {
  const trace: string[] = [];
  const streams = new Map<string, Stream>();
  let when = "";
  for (const line of transcript.split("\n")) {
    const [, atMs, device, connection, direction, bytes] =
      BYTES_LINE.exec(line) ?? OPENED_LINE.exec(line) ?? [];
    if (atMs === undefined) continue;
    when = `${(Number(atMs) / 1000).toFixed(3)} s`;
    if (bytes === undefined) trace.push(`${when} ${device} #${connection} opened`);
    else {
      const stream = `${device} #${connection} ${direction}`;
      const known = streams.get(stream) ?? new Stream(direction === ">" ? "in" : "out");
      streams.set(stream, known);
      known.read(Buffer.from(bytes, "hex"), (words) => trace.push(`${when} ${stream} ${words}`));
    }
  }
  return trace;
}

const BUFFERS: StreamMemory<Buffer> = { nothing: Buffer.alloc(0), allocate: Buffer.allocUnsafe };

class Stream {
  readonly #direction: Direction;
  readonly #splitter: FrameSplitter<Buffer>;
  #isBroken = false;

  constructor(direction: Direction) {
    this.#direction = direction;
    this.#splitter = new FrameSplitter<Buffer>(BUFFERS, {
      judgeFirstByte: (firstByte) => judgeFirstByte(firstByte, direction),
      judgeLength,
      judgePart: () => undefined,
    });
  }

  read(bytes: Buffer, tell: (words: string) => void): void {
    if (this.#isBroken) return;
    const decode = this.#direction === "in" ? decodeClientPacket : decodeHubPacket;
    try {
      this.#splitter.read(bytes, (firstByte, body) => tell(describe(decode(firstByte, body))));
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.#isBroken = true;
      tell(`violation: ${error.message}`);
    }
  }
}

function describe(packet: Packet): string {
  if (packet.type !== "publish") return formatPacket(packet);
  const payload = Buffer.from(packet.payload).toString("latin1");
  return `${formatPacket(packet)} ${JSON.stringify(payload)}`;
}
