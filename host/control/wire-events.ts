/** The packets of a hub and the faults that a person injects, as the page requests and follows them. */
import type { PacketFate, PacketFault } from "../broker/packet-fault.ts";
import type { Direction, PacketType } from "../mqtt/packet-types.ts";

/** The client to watch. If undefined, all connections except those of the page are watched. */
export interface WireWatch {
  readonly clientId?: string | undefined;
}

/** What happened to a frame. `violation`: it violated MQTT 3.1.1, which ended its connection. */
export type FrameFate = "passed" | PacketFate | "violation";

/** A control packet. */
export interface WireFrame {
  readonly kind: "frame";
  /** The number of the frame or note, counted over the life of the hub. */
  readonly serial: number;
  /** The time as of `Date.now`. */
  readonly atMs: number;
  /** The number of the connection, counted from 1. */
  readonly connection: number;
  /** Empty before CONNECT was accepted. */
  readonly clientId: string;
  readonly direction: Direction;
  /** The first bytes of the frame in base64. The bytes of a password are replaced by asterisks. */
  readonly bytes: string;
  readonly sizeBytes: number;
  readonly fate: FrameFate;
}

/** A note among the frames: a connection began, ended or was refused, a request was denied, or frames were omitted. */
export interface WireNote {
  readonly kind: "note";
  readonly serial: number;
  readonly atMs: number;
  /** 0 if the note is not about a connection. */
  readonly connection: number;
  readonly clientId: string;
  readonly text: string;
}

/** The faults that are injected now. */
export interface WireFaults {
  readonly kind: "faults";
  readonly faults: readonly Fault[];
}

export type WireEvent = WireFrame | WireNote | WireFaults;

/** A fault to inject. The first fault that matches a packet applies to it. */
export interface FaultRequest extends PacketFault {
  readonly direction: Direction | "both";
  /** The packet type; undefined for all. */
  readonly packet?: PacketType | undefined;
  /** The client; undefined for all connections except those of the page. */
  readonly clientId?: string | undefined;
  /** Limits the fault to PUBLISH on matching topics, and to SUBSCRIBE and UNSUBSCRIBE with covered topic filters. */
  readonly topicFilter?: string | undefined;
  /** The number of packets to which it applies; undefined until it is removed. */
  readonly times?: number | undefined;
}

export interface Fault extends FaultRequest {
  readonly id: number;
  /** The number of packets to which it has applied. */
  readonly appliedCount: number;
}
