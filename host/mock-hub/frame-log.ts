/** What went over the wires of a mock hub, packet by packet. */
import type { Packet } from "mqtt-packet";
import type { PacketFate } from "../broker/packet-fault.ts";
import type { Direction } from "../broker/packet-gate.ts";

/** What a fault did to a packet; `passed` where there was none. */
export type Fate = "passed" | PacketFate;

export interface Frame {
  readonly atMs: number;
  /** Connections are counted from 1. */
  readonly connection: number;
  readonly direction: Direction;
  readonly packet: Packet;
  readonly fate: Fate;
}

/** Beyond it the older half is forgotten. */
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

  /** The packets of one kind that went in one direction, those that a fault dropped among them. */
  of<Kind extends Packet["cmd"]>(direction: Direction, kind: Kind): Extract<Packet, { cmd: Kind }>[] {
    return this.#frames
      .filter((frame) => frame.direction === direction && frame.packet.cmd === kind)
      .map((frame) => frame.packet as Extract<Packet, { cmd: Kind }>);
  }

  /** The last frames, a line each: `12.050 s  #2 > publish 7 qos1 dup devices/a/event/x 3 B`. */
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
  const words: Array<string | number> = [packet.cmd];
  if (packet.messageId !== undefined) words.push(packet.messageId);
  if (packet.cmd === "publish") {
    words.push(`qos${packet.qos}`);
    if (packet.dup) words.push("dup");
    if (packet.retain) words.push("retain");
    words.push(packet.topic, `${packet.payload.length} B`);
  }
  if (packet.cmd === "connect") words.push(packet.clientId, packet.clean ? "clean" : "kept");
  if (packet.cmd === "connack")
    words.push(`code ${packet.returnCode}`, packet.sessionPresent ? "present" : "new");
  if (packet.cmd === "subscribe") words.push(packet.subscriptions.map(({ topic }) => topic).join(" "));
  if (packet.cmd === "suback") words.push(packet.granted.join(" "));
  return words.join(" ");
}
