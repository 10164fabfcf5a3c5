/**
 * What a broker has to remember over a restart, one change at a time. Played again in their order, the changes give the
 * same state; `Broker.changes()` gives the fewest that lead to the present one.
 */
import type { Qos } from "../mqtt/packet-types.ts";
import type { Message } from "./message.ts";

export type Change =
  /** A session that is to be kept began, empty. */
  | { readonly kind: "session"; readonly clientId: string }
  | { readonly kind: "session ended"; readonly clientId: string }
  | {
      readonly kind: "subscription";
      readonly clientId: string;
      readonly topicFilter: string;
      readonly qos: Qos;
    }
  | { readonly kind: "subscription ended"; readonly clientId: string; readonly topicFilter: string }
  /** A message is owed to the client. `sequence` is its number in the session, which only grows. */
  | { readonly kind: "owed"; readonly clientId: string; readonly sequence: number; readonly message: Message }
  /** It left for the first time, by this packet identifier. */
  | {
      readonly kind: "sent";
      readonly clientId: string;
      readonly sequence: number;
      readonly packetIdentifier: number;
    }
  /** Its PUBREC came: PUBREL is owed, and no longer PUBLISH. */
  | { readonly kind: "received"; readonly clientId: string; readonly sequence: number }
  /** It was acknowledged to the end, or given up. */
  | { readonly kind: "settled"; readonly clientId: string; readonly sequence: number }
  /** A message of QoS 2 was taken from the client, whose PUBREL is to come. */
  | { readonly kind: "taken"; readonly clientId: string; readonly packetIdentifier: number }
  | { readonly kind: "released"; readonly clientId: string; readonly packetIdentifier: number }
  | { readonly kind: "retained"; readonly message: Message }
  | { readonly kind: "retained ended"; readonly topic: string };

/** Takes changes down. `record` returns before they are safe; whoever drives the broker lets no byte out until they are. */
export interface ChangeRecorder {
  record(change: Change): void;
}
