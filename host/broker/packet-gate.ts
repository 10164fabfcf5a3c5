/** One place that sees every packet of a broker, and may harm it: where tests and people watch and throw faults. */
import type { Direction } from "../mqtt/packet-types.ts";
import type { ClientPacket, HubPacket } from "./packets.ts";
import type { Client, Link } from "./policy.ts";

export interface PacketFate {
  /** `cut`: the packet is lost, and its connection ends. */
  readonly action: "drop" | "double" | "delay" | "cut";
  /** For `delay`: the packets behind it overtake. It is lost if its connection ends before. */
  readonly delayMs?: number;
}

export interface GatedConnection {
  /** Counted from 1. */
  readonly number: number;
  /** Once CONNECT was accepted. */
  readonly client: Client | undefined;
  readonly wire: { readonly link: Link };
}

export interface GatedPacket {
  readonly direction: Direction;
  readonly packet: ClientPacket | HubPacket;
  /** Its bytes on the wire, valid during the call. */
  frame(): Uint8Array;
}

export interface PacketGate {
  /** Called before a packet has its effect or leaves. Undefined: it passes. */
  meet(connection: GatedConnection, gated: GatedPacket): PacketFate | undefined;
  /** The packet of a client that was met last has had its effect, or has none now. */
  handled?(): void;
  /** Something came that breaks MQTT, for the reason given, and the connection ends by it. `frame`: as much of it as came. */
  meetViolation?(connection: GatedConnection, frame: Uint8Array, reason: string): void;
}
