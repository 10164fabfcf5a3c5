/** What happens at a broker, as it tells whoever runs it. */
import type { Traffic } from "./connection.ts";
import type { Message } from "./message.ts";
import type { Client, Link, Refusal } from "./policy.ts";

/** Why a connection that was accepted ended. */
export type EndCause =
  /** DISCONNECT came. */
  | "disconnected"
  /** The stream ended or broke. */
  | "lost"
  /** Nothing came for 1.5 keep alive periods. */
  | "keep alive"
  /** A new connection of the same client identifier. */
  | "taken over"
  /** It broke MQTT: `reason` says how. */
  | "violation"
  /** The hub ended it: `reason` says why. */
  | "evicted"
  | "hub closed";

/** `connection`: its number, counted from 1. */
export type BrokerEvent =
  | {
      readonly kind: "connected";
      readonly connection: number;
      readonly client: Client;
      readonly link: Link;
      readonly sessionPresent: boolean;
    }
  /** Before or by CONNECT: a stream that is no MQTT, a time-out, or a policy's refusal. */
  | {
      readonly kind: "turned away";
      /** Left out: the broker was not asked. */
      readonly connection?: number;
      readonly link: Link;
      readonly clientId?: string;
      readonly refusal: Refusal;
    }
  /** Told by who drives the broker: a client is served, but does what it should not. */
  | {
      readonly kind: "warned";
      readonly link: Link;
      readonly clientId: string;
      readonly refusal: Refusal;
    }
  | {
      readonly kind: "ended";
      readonly connection: number;
      readonly client: Client;
      /** All that went over the connection. */
      readonly traffic: Readonly<Traffic>;
      readonly cause: EndCause;
      readonly reason?: string;
    }
  /** A message was taken from a client. Who keeps its payload copies it. */
  | {
      readonly kind: "published";
      readonly client: Client;
      readonly message: Message;
      readonly isWill: boolean;
    }
  | {
      readonly kind: "denied";
      readonly client: Client;
      readonly packet: "publish" | "subscribe" | "will";
      /** Its topic name or topic filter. */
      readonly topic: string;
      readonly refusal: Refusal;
    }
  /** Messages to a client were lost, for more are waiting for it than is allowed. Told once until it has caught up. */
  | { readonly kind: "overflowed"; readonly client: Client };
