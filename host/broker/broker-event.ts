/** The events that a broker reports to the program that runs it. */
import type { Traffic } from "./connection.ts";
import type { Message } from "./message.ts";
import type { Client, Link, Refusal } from "./policy.ts";

/** Why a connection that was accepted ended. */
export type EndCause =
  /** The client sent DISCONNECT. */
  | "disconnected"
  /** The stream ended or broke. */
  | "lost"
  /** No packet came for 1.5 keep alive periods. */
  | "keep alive"
  /** A new connection has the same client identifier. */
  | "taken over"
  /** The client broke MQTT: `reason` says how. */
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
  /** The connection ended before CONNECT was accepted: it was not MQTT, CONNECT came too late, or a policy refused it. */
  | {
      readonly kind: "turned away";
      /** Undefined if the connection ended before it reached the broker. */
      readonly connection?: number;
      readonly link: Link;
      readonly clientId?: string;
      readonly refusal: Refusal;
    }
  /** Reported by the program around the broker: a client is served, but does something that it should not do. */
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
      /** The total traffic of the connection. */
      readonly traffic: Readonly<Traffic>;
      readonly cause: EndCause;
      readonly reason?: string;
    }
  /** A message was accepted from a client. A listener that keeps the payload has to copy it. */
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
  /** Messages to a client were dropped because its queue is full. Reported once until the client has caught up. */
  | { readonly kind: "overflowed"; readonly client: Client };
