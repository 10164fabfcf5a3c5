/**
 * A hub for tests: the broker that serves as the local hub too, with all packets written down, and with faults. A test may
 * inject faults into single packets, and have it refuse, fall silent, and restart. It asks nobody who he is.
 *
 * Who drives it calls `tick` when `nextDueMs` has come. Time never goes back.
 */

import { Broker } from "../broker/broker.ts";
import type { BrokerEvent } from "../broker/broker-event.ts";
import type { Change } from "../broker/change.ts";
import type { Wire } from "../broker/connection.ts";
import type { Message } from "../broker/message.ts";
import { packetFaultKind } from "../broker/packet-fault.ts";
import type { ConnectRequest, Policy } from "../broker/policy.ts";
import type { Session } from "../broker/session.ts";
import type { Qos } from "../mqtt/packet-types.ts";
import { FrameLog } from "./frame-log.ts";
import { PacketFaults } from "./packet-faults.ts";

const MESSAGES_MAX = 100_000;

/** What a hub refuses beyond what the protocol forbids. */
export interface HubRules {
  /** The return code of CONNACK; 0 or undefined accepts. */
  readonly refuseConnect?: (connect: ConnectRequest) => number | undefined;
  /** True: SUBACK says 0x80. */
  readonly refuseSubscription?: (clientId: string, topicFilter: string) => boolean;
  /** The highest QoS that is granted; 2 without it. */
  readonly grantedQosMax?: Qos;
}

/** A message that the hub took from a client. At QoS 2 each once. */
export interface AcceptedMessage extends Message {
  readonly clientId: string;
  readonly atMs: number;
}

/** The hub's end of a byte stream. Neither call throws; after `close` none is made. */
export interface HubWire {
  send(bytes: Uint8Array): void;
  /** Closes; the peer gets what was sent before. */
  close(): void;
}

/** The end of a connection that is the driver's. */
export interface MockHubConnection {
  receive(bytes: Uint8Array, nowMs: number): void;
  /** The stream ended or broke. May be called again, and after the hub has closed. */
  closed(nowMs: number): void;
}

/** A stream of a test has no address, and takes at once what it is sent. */
const NO_LINK = { kind: "tcp", address: "test", port: 0 } as const;

export class MockHub {
  /** May be exchanged at any time. */
  rules: HubRules = {};
  readonly log = new FrameLog();
  readonly faults = new PacketFaults();
  /** The last messages from clients, in the order in which they were taken; wills are not among them. */
  readonly messages: AcceptedMessage[] = [];
  #broker: Broker;
  /** Of the brokers before a restart. */
  #earlierConnections = 0;
  /** What came while the hub is silent. */
  #unread: (() => void)[] | undefined;
  #nowMs = 0;

  constructor() {
    this.#broker = this.#createBroker([]);
  }

  #createBroker(changes: Iterable<Change>): Broker {
    return new Broker({
      policy: policyOf(() => this.rules),
      changes,
      onEvent: (event) => this.#keepMessage(event),
      gate: {
        meet: ({ number }, { direction, packet }) => {
          const fault = this.faults.meet(direction, packet.type);
          const connection = this.#earlierConnections + number;
          const fate = fault ? packetFaultKind(fault.action).fate : "passed";
          this.log.add({ atMs: this.#nowMs, connection, direction, packet, fate });
          return fault;
        },
      },
    });
  }

  get sessions(): ReadonlyMap<string, Session> {
    return this.#broker.exchange.sessions;
  }

  retained(topicName: string): Message | undefined {
    return this.#broker.exchange.retainedMessage(topicName);
  }

  /** Before the first connection: what the hub knows of an earlier life. */
  remember(changes: Iterable<Change>): void {
    this.#broker.exchange.restore(changes);
  }

  open(hubWire: HubWire, nowMs: number): MockHubConnection {
    this.#nowMs = nowMs;
    const wire: Wire = {
      link: NO_LINK,
      send: (bytes) => hubWire.send(bytes),
      close: () => hubWire.close(),
      hasRoom: () => true,
    };
    const entrance = this.#broker.open(wire, nowMs);
    return {
      receive: (bytes, atMs) =>
        this.#unlessSilent(atMs, () => entrance.receive(Buffer.from(bytes), this.#nowMs)),
      closed: (atMs) => this.#unlessSilent(atMs, () => entrance.closed(this.#nowMs)),
    };
  }

  /** The next moment at which the hub has something to do by itself; Infinity where there is none. */
  nextDueMs(): number {
    return this.#unread ? Number.POSITIVE_INFINITY : this.#broker.nextDueMs();
  }

  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    if (!this.#unread) this.#broker.tick(nowMs);
  }

  /** A message of the hub's own. */
  publish(message: Message, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#broker.publish(message, nowMs);
  }

  isConnected(clientId: string): boolean {
    return this.#broker.isConnected(clientId);
  }

  /** Ends a client's connection. */
  disconnect(clientId: string, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#broker.evict(clientId, "the test ended it", nowMs);
  }

  /** Reads nothing and writes nothing from now on, with its connections open, as a stopped process. */
  goSilent(): void {
    this.#unread ??= [];
  }

  /** Goes on, beginning with what came meanwhile. */
  speak(nowMs: number): void {
    this.#nowMs = nowMs;
    const unread = this.#unread ?? [];
    this.#unread = undefined;
    for (const run of unread) run();
    this.tick(nowMs);
  }

  /** All connections end, without wills. Kept sessions and retained messages stay only where `keepsState`. */
  restart(keepsState: boolean, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#unread = undefined;
    this.#broker.close(nowMs);
    this.#earlierConnections += this.#broker.connectionCount;
    this.#broker = this.#createBroker(keepsState ? this.#broker.exchange.changes() : []);
  }

  #unlessSilent(nowMs: number, run: () => void): void {
    this.#nowMs = nowMs;
    if (this.#unread) this.#unread.push(run);
    else run();
  }

  #keepMessage(event: BrokerEvent): void {
    if (event.kind !== "published" || event.isWill) return;
    if (this.messages.length === MESSAGES_MAX) this.messages.splice(0, MESSAGES_MAX / 2);
    const payload = Buffer.from(event.message.payload);
    this.messages.push({ ...event.message, payload, clientId: event.client.id, atMs: this.#nowMs });
  }
}

function policyOf(rules: () => HubRules): Policy {
  const refusal = { rule: "the test's rules", remedy: "Change the test's rules." };
  return {
    connect(request) {
      const returnCode = rules().refuseConnect?.(request) ?? 0;
      return returnCode === 0 ? { client: { id: request.clientId } } : { returnCode, refusal };
    },
    publish: () => undefined,
    subscribe({ id }, topicFilter, qos) {
      const { refuseSubscription, grantedQosMax = 2 } = rules();
      if (refuseSubscription?.(id, topicFilter)) return refusal;
      return { grantedQos: Math.min(qos, grantedQosMax) as Qos };
    },
  };
}
