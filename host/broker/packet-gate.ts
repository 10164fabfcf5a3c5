/** The gate sees every packet of a broker and may inject a fault. Tests and the page's inspector use it. */
import type { Direction } from "../mqtt/packet-types.ts";
import type { PacketFault } from "./packet-fault.ts";
import type { ClientPacket, HubPacket } from "./packets.ts";
import type { Client, Link } from "./policy.ts";

/** The fault that a gate injects into a packet. */
export interface GateFault extends PacketFault {
  /** Whether the fault applies to a topic of a packet that names several. If undefined, it applies to all. */
  readonly isFor?: (topic: string) => boolean;
}

export interface GatedConnection {
  /** Counted from 1. */
  readonly number: number;
  /** Set once CONNECT was accepted. */
  readonly client: Client | undefined;
  readonly wire: { readonly link: Link };
}

export interface GatedPacket {
  readonly direction: Direction;
  readonly packet: ClientPacket | HubPacket;
  /** The packet's bytes on the wire, valid during the call. */
  frame(): Uint8Array;
}

export interface PacketGate {
  /** Called before a packet has its effect or leaves. Returns the fault to inject, or undefined to let it pass. */
  onPacket(connection: GatedConnection, gated: GatedPacket): GateFault | undefined;
  /** Called when a client broke MQTT, before its connection ends. `frame`: the bytes of the packet that have come. */
  onViolation?(connection: GatedConnection, frame: Uint8Array, reason: string): void;
}
