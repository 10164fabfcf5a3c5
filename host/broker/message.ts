import type { Qos } from "../mqtt/packet-types.ts";

/** A message as it was published: what a broker takes, keeps and gives on. */
export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
}
