/**
 * A policy decides who may connect, publish and subscribe. The broker asks it before it acts on a packet. The broker enforces
 * the rules of MQTT; a policy forbids more, and gives the reason and the fix in words for a person.
 */
import type { Qos } from "../mqtt/packet-types.ts";
import type { Message } from "./message.ts";

export type LinkKind = "tcp" | "tls" | "websocket" | "secure websocket";

/** The network connection of a client. */
export interface Link {
  readonly kind: LinkKind;
  /** The peer's IP address, and port. */
  readonly address: string;
  readonly port: number;
  /** The client's certificate, with mutual TLS. */
  readonly certificate?: PeerCertificate;
}

export interface PeerCertificate {
  /** The certificate's SHA-256 as `node:tls` writes it: pairs of capital hexadecimal digits, separated by colons. */
  readonly fingerprint: string;
  readonly commonName: string;
  /** Signed by the hub's own CA, and valid now. */
  readonly isTrusted: boolean;
}

/** The fields of CONNECT that a policy sees. */
export interface ConnectRequest {
  /** Empty if the client leaves its identifier to the hub. */
  readonly clientId: string;
  readonly userName?: string;
  readonly password?: Buffer;
  readonly cleanSession: boolean;
  readonly will?: Message;
  readonly link: Link;
}

/** The identity of an accepted connection. */
export interface Client {
  /** The key of its session. A second connection with the same identifier takes over from the first. */
  readonly id: string;
  /** Several connections may have the identifier at once. Each has its own session, which ends with it. */
  readonly allowsMultiple?: boolean;
  /** The client is the hub's page, which may do everything. */
  readonly isOwner?: boolean;
}

/** The reason of a refusal: `rule` forbids it, and `remedy` is how to fix it, as a full sentence. */
export interface Refusal {
  readonly rule: string;
  readonly remedy: string;
}

export type ConnectVerdict =
  | { readonly client: Client }
  | {
      /** The return code of CONNACK: 2 to 5 [MQTT 3.1.1, table 3.1]. */
      readonly returnCode: number;
      readonly refusal: Refusal;
      /** The name that the client gave, if that is not its client identifier. */
      readonly clientId?: string;
    };

export interface Policy {
  connect(request: ConnectRequest): ConnectVerdict;
  /** A refused message is acknowledged and dropped, because MQTT 3.1.1 has no negative answer. Also called for wills. */
  publish(client: Client, message: Message): Refusal | undefined;
  /** A refusal is answered with 0x80 in SUBACK. */
  subscribe(client: Client, topicFilter: string, qos: Qos): { readonly grantedQos: Qos } | Refusal;
}
