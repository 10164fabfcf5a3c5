/**
 * The packets of a transcript, decoded by mqtt-packet: what each board wrote and got at its edge of the network, a line
 * each. A packet has the virtual time of its last byte; how its bytes came in pieces is not told.
 */
import { type Packet, parser } from "mqtt-packet";
import { formatPacket } from "../mock-hub/frame-log.ts";

/** `12 dev #1 > 101400…`, and of a connection `12 dev #1 opened`. */
const BYTES_LINE = /^(\d+(?:\.\d+)?) (.+) #(\d+) ([<>]) ([0-9a-f]*)$/;
const OPENED_LINE = /^(\d+(?:\.\d+)?) (.+) #(\d+) opened$/;

/** `12.050 s dev #2 > publish 7 qos1 home/x 2 B "on"`. */
export function packetTrace(transcript: string): string[] {
  const trace: string[] = [];
  const parsers = new Map<string, ReturnType<typeof parser>>();
  let when = "";
  const parserOf = (stream: string) => {
    const created = parser();
    created.on("packet", (packet) => trace.push(`${when} ${stream} ${describe(packet)}`));
    created.on("error", (error) => trace.push(`${when} ${stream} no packet: ${error.message}`));
    return created;
  };
  for (const line of transcript.split("\n")) {
    const [, atMs, device, connection, direction, bytes] =
      BYTES_LINE.exec(line) ?? OPENED_LINE.exec(line) ?? [];
    if (atMs === undefined) continue;
    when = `${(Number(atMs) / 1000).toFixed(3)} s`;
    if (bytes === undefined) trace.push(`${when} ${device} #${connection} opened`);
    else {
      const stream = `${device} #${connection} ${direction}`;
      const known = parsers.get(stream) ?? parserOf(stream);
      parsers.set(stream, known);
      known.parse(Buffer.from(bytes, "hex"));
    }
  }
  return trace;
}

function describe(packet: Packet): string {
  if (packet.cmd !== "publish") return formatPacket(packet);
  const payload = Buffer.from(packet.payload).toString("latin1");
  return `${formatPacket(packet)} ${JSON.stringify(payload)}`;
}
