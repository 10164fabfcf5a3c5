/**
 * Packets on their way into a broker and out of it, through a gate that may lose, double or hold back each of them. It does
 * not know what they say.
 */
import type { Connection } from "./connection.ts";
import type { PacketFate, PacketGate } from "./packet-gate.ts";
import type { ClientPacket, Outgoing } from "./packets.ts";

interface Delayed {
  readonly dueMs: number;
  readonly run: () => void;
}

export interface GatedTrafficOptions {
  /** Left out: every packet passes. */
  readonly gate: PacketGate | undefined;
  readonly nowMs: () => number;
  /** A client's packet has passed: never, once, later, or twice. */
  readonly handle: (connection: Connection, packet: ClientPacket) => void;
  /** Its packet was lost, and it is to end. */
  readonly cut: (connection: Connection) => void;
}

export class GatedTraffic {
  readonly #gate: PacketGate | undefined;
  readonly #nowMs: () => number;
  readonly #handle: (connection: Connection, packet: ClientPacket) => void;
  readonly #cut: (connection: Connection) => void;
  #delayed: Delayed[] = [];

  constructor({ gate, nowMs, handle, cut }: GatedTrafficOptions) {
    this.#gate = gate;
    this.#nowMs = nowMs;
    this.#handle = handle;
    this.#cut = cut;
  }

  receive(connection: Connection, packet: ClientPacket): void {
    try {
      const fate = this.#gate?.meet(connection, { direction: "in", packet, frame: () => connection.frame() });
      if (fate) this.#strike(connection, fate, () => this.#handle(connection, packet));
      else if (connection.isOpen) this.#handle(connection, packet);
    } finally {
      this.#gate?.handled?.();
    }
  }

  send(connection: Connection, outgoing: Outgoing): void {
    const { packet } = outgoing;
    const fate = this.#gate?.meet(connection, { direction: "out", packet, frame: () => outgoing.bytes });
    if (fate) this.#strike(connection, fate, () => connection.write(outgoing));
    else if (connection.isOpen) connection.write(outgoing);
  }

  /** Something came that breaks MQTT. */
  meetViolation(connection: Connection, reason: string): void {
    this.#gate?.meetViolation?.(connection, connection.frame(), reason);
  }

  #strike(connection: Connection, fate: PacketFate, run: () => void): void {
    const runIfOpen = () => {
      if (connection.isOpen) run();
    };
    switch (fate.action) {
      case "drop":
        return;
      case "cut":
        this.#cut(connection);
        return;
      case "delay":
        this.#delayed.push({ dueMs: this.#nowMs() + (fate.delayMs ?? 0), run: runIfOpen });
        return;
      case "double":
        runIfOpen();
        runIfOpen();
    }
  }

  /** When the next one that is held back passes; Infinity where none is. */
  nextDueMs(): number {
    return this.#delayed.reduce(
      (soonestMs, { dueMs }) => Math.min(soonestMs, dueMs),
      Number.POSITIVE_INFINITY,
    );
  }

  /** Lets pass what was held back until now. */
  tick(): void {
    const nowMs = this.#nowMs();
    const due = this.#delayed.filter(({ dueMs }) => dueMs <= nowMs);
    if (due.length > 0) this.#delayed = this.#delayed.filter(({ dueMs }) => dueMs > nowMs);
    for (const { run } of due) run();
  }

  /** What is held back is lost. */
  clear(): void {
    this.#delayed = [];
  }
}
