/** The metrics of a hub, in total and for each client, for the page and Prometheus. */

export interface TrafficMetrics {
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** PUBLISH packets, including those that are sent again. */
  readonly messagesIn: number;
  readonly messagesOut: number;
}

/** The last refusal of a client's packet. */
export interface LastRefusal {
  readonly rule: string;
  readonly remedy: string;
  /** The time as of `Date.now`. */
  readonly atMs: number;
  /** The packet, such as `publish`. */
  readonly packet: string;
}

export type LinkKind = "tcp" | "tls" | "websocket" | "secure websocket";

export interface ClientMetrics extends TrafficMetrics {
  readonly clientId: string;
  readonly isConnected: boolean;
  /** The time of the last accepted CONNECT, as of `Date.now`; undefined if the client was only refused. */
  readonly connectedMs: number | undefined;
  /** The time at which its last connection ended, as of `Date.now`. */
  readonly endedMs: number | undefined;
  /** The kind of its last connection, accepted or refused. */
  readonly linkKind: LinkKind | undefined;
  /** Whether the client is the hub's page. */
  readonly isOwner: boolean;
  readonly connects: number;
  /** The number of refused CONNECTs. */
  readonly refusals: number;
  /** The number of denied messages, topic filters and wills. */
  readonly denials: number;
  readonly lastRefusal: LastRefusal | undefined;
}

export interface HubMetrics extends TrafficMetrics {
  readonly uptimeSeconds: number;
  readonly connections: number;
  readonly sessions: number;
  readonly retained: { readonly messages: number; readonly bytes: number };
  /** Messages of QoS 1 and 2 that clients have not acknowledged. */
  readonly queued: { readonly messages: number; readonly bytes: number };
  readonly connects: number;
  readonly refusals: number;
  readonly denials: number;
  readonly overflows: number;
  /** A number that grows with each change of the hub's devices. */
  readonly deviceRevision: number;
  readonly clients: readonly ClientMetrics[];
}
