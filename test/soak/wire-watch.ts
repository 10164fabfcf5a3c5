/** Observes the hub's QoS 2 messages on the connections of the soak test. */
import { type Packet, type Parser, parser } from "mqtt-packet";
import type { NetworkTap } from "../../host/simulator/world/virtual-network.ts";

export class WireWatch implements NetworkTap {
  /**
   * Messages that the hub delivered again after it had sent their PUBREL, which a client cannot tell from new ones. Mosquitto
   * 2.0.11 does so if a connection ends while it resends packets after a reconnection.
   */
  deliveredAgain = 0;
  readonly #released = new Set<number>();
  readonly #unfinished = new Set<number>();
  readonly #parsers = new Map<number, readonly [up: Parser, down: Parser]>();

  /** Messages to the device whose PUBCOMP it has not sent yet. */
  get unfinished(): number {
    return this.#unfinished.size;
  }

  opened(connection: number): void {
    const up = parser({ protocolVersion: 4 });
    const down = parser({ protocolVersion: 4 });
    up.on("packet", (packet) => this.#takeUp(packet));
    down.on("packet", (packet) => this.#takeDown(packet));
    this.#parsers.set(connection, [up, down]);
  }

  written(connection: number, bytes: Uint8Array): void {
    this.#parsers.get(connection)?.[0].parse(Buffer.from(bytes));
  }

  delivered(connection: number, bytes: Uint8Array): void {
    this.#parsers.get(connection)?.[1].parse(Buffer.from(bytes));
  }

  over(connection: number): void {
    this.#parsers.delete(connection);
  }

  #takeUp(packet: Packet): void {
    if (packet.cmd === "pubcomp") this.#unfinished.delete(packet.messageId as number);
  }

  #takeDown(packet: Packet): void {
    const identifier = packet.messageId as number;
    if (packet.cmd === "pubrel") this.#released.add(identifier);
    if (packet.cmd !== "publish" || packet.qos !== 2) return;
    this.#unfinished.add(identifier);
    if (!packet.dup) this.#released.delete(identifier);
    else if (this.#released.has(identifier)) this.deliveredAgain++;
  }
}
