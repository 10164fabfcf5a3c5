/** One place that sees every packet of a broker, and may harm it: where tests and people watch and throw faults. */
import type { ClientPacket } from "./client-packets.ts";
import type { HubPacket } from "./hub-packets.ts";

/** `in`: from a client. */
export type Direction = "in" | "out";

export interface PacketFate {
  readonly action: "drop" | "double" | "delay";
  /** For `delay`: the packets behind it overtake. It is lost if its connection ends before. */
  readonly delayMs?: number;
}

export interface PacketGate {
  /** Called before a packet has its effect or leaves. Connections are counted from 1. Undefined: it passes. */
  meet(connection: number, direction: Direction, packet: ClientPacket | HubPacket): PacketFate | undefined;
}
