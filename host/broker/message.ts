import type { Qos } from "../mqtt/packet-types.ts";

/** A published message, as a broker receives, stores and forwards it. */
export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
}
