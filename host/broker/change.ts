/**
 * The changes of a broker's state that have to survive a restart. Replayed in order they give the same state.
 * `Exchange.changes()` gives the shortest list that leads to the present state.
 */
import type { Qos } from "../mqtt/packet-types.ts";
import type { Message } from "./message.ts";

export type Change =
  /** A persistent session began, empty. */
  | { readonly kind: "session"; readonly clientId: string }
  | { readonly kind: "session ended"; readonly clientId: string }
  | {
      readonly kind: "subscription";
      readonly clientId: string;
      readonly topicFilter: string;
      readonly qos: Qos;
    }
  | { readonly kind: "subscription ended"; readonly clientId: string; readonly topicFilter: string }
  /** A message was queued for the client. `sequence` is its number in the session, which only grows. */
  | {
      readonly kind: "queued";
      readonly clientId: string;
      readonly sequence: number;
      readonly message: Message;
    }
  /** A queued message was sent for the first time, with this packet identifier. */
  | {
      readonly kind: "sent";
      readonly clientId: string;
      readonly sequence: number;
      readonly packetIdentifier: number;
    }
  /** PUBREC came for the message: from now on PUBREL is sent again, and not PUBLISH. */
  | { readonly kind: "received"; readonly clientId: string; readonly sequence: number }
  /** The message was fully acknowledged, or dropped. */
  | { readonly kind: "settled"; readonly clientId: string; readonly sequence: number }
  /** A message of QoS 2 was accepted from the client, whose PUBREL has not come yet. */
  | { readonly kind: "accepted"; readonly clientId: string; readonly packetIdentifier: number }
  | { readonly kind: "released"; readonly clientId: string; readonly packetIdentifier: number }
  | { readonly kind: "retained"; readonly message: Message }
  | { readonly kind: "retained ended"; readonly topic: string };

/**
 * Records changes. `record` returns before the change is safe. The program around the broker holds all outgoing bytes back
 * until it is.
 */
export interface ChangeRecorder {
  record(change: Change): void;
}
