/**
 * Passes packets into a broker and out of it, through a gate that may inject a fault into each of them. It does not look at
 * their contents.
 */
import { RETURN_CODE } from "../mqtt/packet-types.ts";
import type { Connection } from "./connection.ts";
import { type Passage, packetFaultKind } from "./packet-fault.ts";
import type { GateFault, PacketGate } from "./packet-gate.ts";
import type { ClientPacket, Outgoing } from "./packets.ts";
import type { Policy, Refusal } from "./policy.ts";

interface Delayed {
  readonly dueMs: number;
  readonly run: () => void;
}

/** The refusal that a fault demands while a client's packet is handled. */
interface Refusing {
  readonly returnCode: number;
  readonly isFor: (topic: string) => boolean;
}

export interface GatedTrafficOptions {
  /** If undefined, every packet passes. */
  readonly gate: PacketGate | undefined;
  readonly nowMs: () => number;
  /** Called when a client's packet has passed. A fault can make that never, later, or twice. */
  readonly handle: (connection: Connection, packet: ClientPacket) => void;
  /** Called when a fault ends the connection. */
  readonly cut: (connection: Connection) => void;
}

export class GatedTraffic {
  readonly #gate: PacketGate | undefined;
  readonly #nowMs: () => number;
  readonly #handle: (connection: Connection, packet: ClientPacket) => void;
  readonly #cut: (connection: Connection) => void;
  #delayed: Delayed[] = [];
  #refusing: Refusing | undefined;

  constructor({ gate, nowMs, handle, cut }: GatedTrafficOptions) {
    this.#gate = gate;
    this.#nowMs = nowMs;
    this.#handle = handle;
    this.#cut = cut;
  }

  receive(connection: Connection, packet: ClientPacket): void {
    const fault = this.#gate?.onPacket(connection, {
      direction: "in",
      packet,
      frame: () => connection.frame(),
    });
    const run = () => this.#handle(connection, packet);
    if (fault) this.#applyFault(connection, fault, run);
    else if (connection.isOpen) run();
  }

  send(connection: Connection, outgoing: Outgoing): void {
    const { packet } = outgoing;
    const fault = this.#gate?.onPacket(connection, { direction: "out", packet, frame: () => outgoing.bytes });
    if (fault) this.#applyFault(connection, fault, () => connection.write(outgoing));
    else if (connection.isOpen) connection.write(outgoing);
  }

  /** Reports a violation of MQTT to the gate. */
  onViolation(connection: Connection, reason: string): void {
    this.#gate?.onViolation?.(connection, connection.frame(), reason);
  }

  #applyFault(connection: Connection, fault: GateFault, run: () => void): void {
    const pass = () => {
      if (connection.isOpen) run();
    };
    const passage: Passage = {
      pass,
      passLater: (delayMs) => void this.#delayed.push({ dueMs: this.#nowMs() + delayMs, run: pass }),
      passRefused: (returnCode = RETURN_CODE.serverUnavailable) => {
        this.#refusing = { returnCode, isFor: fault.isFor ?? (() => true) };
        try {
          pass();
        } finally {
          this.#refusing = undefined;
        }
      },
      cut: () => this.#cut(connection),
    };
    packetFaultKind(fault.action).apply(passage, fault);
  }

  /** Wraps a policy so that it also refuses what the current fault demands. */
  refusing(policy: Policy): Policy {
    return {
      connect: (request) => {
        // The policy is asked in any case, because it counts connections.
        const verdict = policy.connect(request);
        if (!this.#refusing || "refusal" in verdict) return verdict;
        return { returnCode: this.#refusing.returnCode, refusal: REFUSED };
      },
      publish: (client, message) => this.#refusal(message.topic) ?? policy.publish(client, message),
      subscribe: (client, topicFilter, qos) =>
        this.#refusal(topicFilter) ?? policy.subscribe(client, topicFilter, qos),
    };
  }

  #refusal(topic: string): Refusal | undefined {
    return this.#refusing?.isFor(topic) ? REFUSED : undefined;
  }

  /** The time at which the next delayed packet passes; Infinity if there is none. */
  nextDueMs(): number {
    return this.#delayed.reduce(
      (soonestMs, { dueMs }) => Math.min(soonestMs, dueMs),
      Number.POSITIVE_INFINITY,
    );
  }

  /** Passes the delayed packets whose time has come. */
  tick(): void {
    const nowMs = this.#nowMs();
    const due = this.#delayed.filter(({ dueMs }) => dueMs <= nowMs);
    if (due.length > 0) this.#delayed = this.#delayed.filter(({ dueMs }) => dueMs > nowMs);
    for (const { run } of due) run();
  }

  /** Drops all delayed packets. */
  clear(): void {
    this.#delayed = [];
  }
}

const REFUSED: Refusal = {
  rule: "an injected fault refuses it",
  remedy: "Remove the fault in the inspector of the hub's page, or in the test that injects it.",
};
