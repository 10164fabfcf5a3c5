import type { QoS } from "mqtt-packet";

/** A message as it was published: what a broker takes, keeps and gives on. */
export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
}
