/** What goes over the wires of a hub, and the faults that a person injects: as the page asks for and follows it. */
import type { PacketFate, PacketFault } from "../broker/packet-fault.ts";
import type { Direction, PacketType } from "../mqtt/packet-types.ts";

/** Without a client: of all but the page's own connections. */
export interface WireWatch {
  readonly clientId?: string | undefined;
}

/** What was done with a frame; `violation`: it broke MQTT 3.1.1, and ended its connection. */
export type FrameFate = "passed" | PacketFate | "violation";

/** A control packet, whole. */
export interface WireFrame {
  readonly kind: "frame";
  /** Counts up over the hub's life, over frames and notes. */
  readonly serial: number;
  /** As `Date.now`. */
  readonly atMs: number;
  /** Counted from 1. */
  readonly connection: number;
  /** Empty before CONNECT was accepted. */
  readonly clientId: string;
  readonly direction: Direction;
  /** In base64: its first bytes where it is long. Those of a password are asterisks. */
  readonly bytes: string;
  readonly sizeBytes: number;
  readonly fate: FrameFate;
}

/** A connection came, ended or was turned away, something was refused, or frames were too many to be told. */
export interface WireNote {
  readonly kind: "note";
  readonly serial: number;
  readonly atMs: number;
  /** 0 where it is of no connection. */
  readonly connection: number;
  readonly clientId: string;
  readonly text: string;
}

/** The faults that are injected from now on. */
export interface WireFaults {
  readonly kind: "faults";
  readonly faults: readonly Fault[];
}

export type WireEvent = WireFrame | WireNote | WireFaults;

/** What is to be done to packets. The first fault that fits a packet strikes it. */
export interface FaultRequest extends PacketFault {
  readonly direction: Direction | "both";
  /** Left out: every packet. */
  readonly packet?: PacketType | undefined;
  /** The client that it is for. Left out: all but the page's own connections. */
  readonly clientId?: string | undefined;
  /** For PUBLISH on topics that match, and for SUBSCRIBE and UNSUBSCRIBE with a topic filter that it covers; no others. */
  readonly topicFilter?: string | undefined;
  /** How many packets it strikes; left out: until it is taken away. */
  readonly times?: number | undefined;
}

export interface Fault extends FaultRequest {
  readonly id: number;
  /** Packets that it has struck. */
  readonly struck: number;
}
