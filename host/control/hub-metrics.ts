/** What a hub counts, in all and for each client: as the page and Prometheus get it. */

export interface TrafficMetrics {
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** PUBLISH packets, repetitions among them. */
  readonly messagesIn: number;
  readonly messagesOut: number;
}

/** Why a client's packet was refused the last time. */
export interface LastRefusal {
  readonly rule: string;
  readonly remedy: string;
  /** As `Date.now`. */
  readonly atMs: number;
  /** The packet, such as `publish`. */
  readonly packet: string;
}

export type LinkKind = "tcp" | "tls" | "websocket" | "secure websocket";

export interface ClientMetrics extends TrafficMetrics {
  readonly clientId: string;
  readonly isConnected: boolean;
  /** When it last connected, as `Date.now`; undefined for who was only refused. */
  readonly connectedMs: number | undefined;
  /** When its last connection ended, as `Date.now`. */
  readonly endedMs: number | undefined;
  /** By which way it came the last time, or was refused. */
  readonly linkKind: LinkKind | undefined;
  /** Who runs the hub: its page. */
  readonly isOwner: boolean;
  readonly connects: number;
  /** Of CONNECT. */
  readonly refusals: number;
  /** Of PUBLISH, SUBSCRIBE and wills. */
  readonly denials: number;
  readonly lastRefusal: LastRefusal | undefined;
}

export interface HubMetrics extends TrafficMetrics {
  readonly uptimeSeconds: number;
  readonly connections: number;
  readonly sessions: number;
  readonly retained: { readonly messages: number; readonly bytes: number };
  /** Messages of QoS 1 and 2 that clients have not acknowledged. */
  readonly owed: { readonly messages: number; readonly bytes: number };
  readonly connects: number;
  readonly refusals: number;
  readonly denials: number;
  readonly overflows: number;
  /** Counts up with each change of the devices that the hub knows. */
  readonly deviceRevision: number;
  readonly clients: readonly ClientMetrics[];
}
