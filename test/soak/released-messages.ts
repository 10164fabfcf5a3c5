/**
 * Counts the messages of QoS 2 that the hub delivers again though it has sent their PUBREL, which no client can know from
 * new ones. Mosquitto 2.0.11 does so when a connection ends amid what it sends again after a reconnection.
 */
import { type Packet, type Parser, parser } from "mqtt-packet";
import type { NetworkTap } from "../../host/simulator/virtual-network.ts";

export class ReleasedMessages implements NetworkTap {
  deliveredAgain = 0;
  readonly #released = new Set<number>();
  readonly #parsers = new Map<number, Parser>();

  opened(connection: number): void {
    const judge = parser({ protocolVersion: 4 });
    judge.on("packet", (packet) => this.#take(packet));
    this.#parsers.set(connection, judge);
  }

  written(): void {
    // What the device sends does not matter here.
  }

  delivered(connection: number, bytes: Uint8Array): void {
    this.#parsers.get(connection)?.parse(Buffer.from(bytes));
  }

  over(connection: number): void {
    this.#parsers.delete(connection);
  }

  #take(packet: Packet): void {
    if (packet.cmd === "pubrel") this.#released.add(packet.messageId as number);
    if (packet.cmd !== "publish" || packet.qos !== 2) return;
    if (!packet.dup) this.#released.delete(packet.messageId as number);
    else if (this.#released.has(packet.messageId as number)) this.deliveredAgain++;
  }
}
