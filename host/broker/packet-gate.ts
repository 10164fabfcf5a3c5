/** One place that sees every packet of a broker, and may inject a fault: where tests and people watch and break things. */
import type { Direction } from "../mqtt/packet-types.ts";
import type { PacketFault } from "./packet-fault.ts";
import type { ClientPacket, HubPacket } from "./packets.ts";
import type { Client, Link } from "./policy.ts";

/** What a gate has done to a packet. */
export interface GateFault extends PacketFault {
  /** Where a packet names several topics, whether the fault is for one of them. Left out: it is for all. */
  readonly isFor?: (topic: string) => boolean;
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
  meet(connection: GatedConnection, gated: GatedPacket): GateFault | undefined;
  /** Something came that breaks MQTT, for the reason given, and the connection ends by it. `frame`: as much of it as came. */
  meetViolation?(connection: GatedConnection, frame: Uint8Array, reason: string): void;
}
