/** The log of all packets of a mock hub. */
import type { PacketFate } from "../broker/packet-fault.ts";
import type { Direction, PacketType } from "../mqtt/packet-types.ts";
import type { Packet } from "../mqtt/packets.ts";

/** What a fault did to a packet; `passed` if there was none. */
export type Fate = "passed" | PacketFate;

export interface Frame {
  readonly atMs: number;
  /** Connections are counted from 1. */
  readonly connection: number;
  readonly direction: Direction;
  readonly packet: Packet;
  readonly fate: Fate;
}

/** Beyond this number the older half is dropped. */
const FRAMES_MAX = 100_000;

export class FrameLog {
  #frames: Frame[] = [];

  get frames(): readonly Frame[] {
    return this.#frames;
  }

  add(frame: Frame): void {
    if (this.#frames.length === FRAMES_MAX) this.#frames = this.#frames.slice(FRAMES_MAX / 2);
    this.#frames.push(frame);
  }

  /** The packets of one type and direction, including those that a fault dropped. */
  of<Type extends PacketType>(direction: Direction, type: Type): Extract<Packet, { type: Type }>[] {
    return this.#frames
      .filter((frame) => frame.direction === direction && frame.packet.type === type)
      .map((frame) => frame.packet as Extract<Packet, { type: Type }>);
  }

  /** Formats the last frames, one per line: `12.050 s  #2 > publish 7 qos1 dup devices/a/event/x 3 B`. */
  format(count: number): string {
    return this.#frames.slice(-count).map(formatFrame).join("\n");
  }
}

export function formatFrame({ atMs, connection, direction, packet, fate }: Frame): string {
  const words = [
    `${(atMs / 1000).toFixed(3)} s `,
    `#${connection}`,
    direction === "in" ? ">" : "<",
    formatPacket(packet),
  ];
  if (fate !== "passed") words.push(`(${fate})`);
  return words.join(" ");
}

export function formatPacket(packet: Packet): string {
  const words: Array<string | number> = [packet.type];
  if ("packetIdentifier" in packet && packet.packetIdentifier > 0) words.push(packet.packetIdentifier);
  if (packet.type === "publish") {
    words.push(`qos${packet.qos}`);
    if (packet.dup) words.push("dup");
    if (packet.retain) words.push("retain");
    words.push(packet.topicName, `${packet.payload.length} B`);
  }
  if (packet.type === "connect") words.push(packet.clientIdentifier, packet.cleanSession ? "clean" : "kept");
  if (packet.type === "connack")
    words.push(`code ${packet.returnCode}`, packet.sessionPresent ? "present" : "new");
  if (packet.type === "subscribe")
    words.push(packet.subscriptions.map(({ topicFilter }) => topicFilter).join(" "));
  if (packet.type === "suback") words.push(packet.returnCodes.join(" "));
  return words.join(" ");
}
