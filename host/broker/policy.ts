/**
 * Who may connect, and what he may say and hear: what a broker asks before it does what a packet wants. The broker keeps
 * the protocol's own rules; a policy forbids beyond them, and says why in words for the person who has to mend it.
 */
import type { Qos } from "../mqtt/packet-types.ts";
import type { Message } from "./message.ts";

export type LinkKind = "tcp" | "tls" | "websocket" | "secure websocket";

/** The way by which a client came. */
export interface Link {
  readonly kind: LinkKind;
  /** The peer's IP address, and port. */
  readonly address: string;
  readonly port: number;
  /** Of mutual TLS: what the client proved to have the key of. */
  readonly certificate?: PeerCertificate;
}

export interface PeerCertificate {
  /** SHA-256 of the certificate, as `node:tls` writes it: capital hexadecimal digits in pairs with colons between. */
  readonly fingerprint: string;
  readonly commonName: string;
  /** Signed by the hub's own CA, and valid now. */
  readonly isTrusted: boolean;
}

/** CONNECT, as a policy sees it. */
export interface ConnectRequest {
  /** Empty where the client leaves it to the hub. */
  readonly clientId: string;
  readonly userName?: string;
  readonly password?: Buffer;
  readonly cleanSession: boolean;
  readonly will?: Message;
  readonly link: Link;
}

/** Who a connection was found to be. */
export interface Client {
  /** By it sessions are kept, and a second connection takes the first one's place. */
  readonly id: string;
  /** Several connections of the identifier may stand at once, each with a session of its own that ends with it. */
  readonly allowsMultiple?: boolean;
  /** Who runs the hub: its page. He may do all. */
  readonly isOwner?: boolean;
}

/** Why something was refused: the rule that forbids it, and what to do. */
export interface Refusal {
  readonly rule: string;
  readonly remedy: string;
}

export type ConnectVerdict =
  | { readonly client: Client }
  | {
      /** Of CONNACK: 2 to 5 [MQTT 3.1.1, table 3.1]. */
      readonly returnCode: number;
      readonly refusal: Refusal;
      /** Who it said to be, where that is not its client identifier. */
      readonly clientId?: string;
    };

export interface Policy {
  connect(request: ConnectRequest): ConnectVerdict;
  /** A refusal drops the message; it is acknowledged all the same, for MQTT 3.1.1 has no other answer. Wills are asked too. */
  publish(client: Client, message: Message): Refusal | undefined;
  /** A refusal is answered by 0x80 in SUBACK. */
  subscribe(client: Client, topicFilter: string, qos: Qos): { readonly grantedQos: Qos } | Refusal;
}
