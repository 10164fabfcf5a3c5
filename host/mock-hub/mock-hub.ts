/**
 * A hub for tests. It uses the local hub's broker, logs all packets, and does not authenticate clients. A test may inject
 * faults into single packets, make the hub refuse, stop responding, and restart it.
 *
 * The test calls `tick` when the time `nextDueMs` has come. Time never goes back.
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

/** What the hub refuses, beyond what MQTT forbids. */
export interface HubRules {
  /** Returns the return code of CONNACK; 0 or undefined accepts. */
  readonly refuseConnect?: (connect: ConnectRequest) => number | undefined;
  /** If it returns true, SUBACK has 0x80. */
  readonly refuseSubscription?: (clientId: string, topicFilter: string) => boolean;
  /** The highest QoS that is granted; the default is 2. */
  readonly grantedQosMax?: Qos;
}

/** A message that the hub accepted from a client, once for each message of QoS 2. */
export interface AcceptedMessage extends Message {
  readonly clientId: string;
  readonly atMs: number;
}

/** The hub's end of a byte stream. Its calls do not throw, and the hub makes none after `close`. */
export interface HubWire {
  send(bytes: Uint8Array): void;
  /** Closes the stream after the bytes that were sent before. */
  close(): void;
}

/** A connection, as the test drives it. */
export interface MockHubConnection {
  receive(bytes: Uint8Array, nowMs: number): void;
  /** Reports that the stream ended or broke. May be called again, and after the hub has closed. */
  closed(nowMs: number): void;
}

/** The link of a test's stream, which has no real address. */
const NO_LINK = { kind: "tcp", address: "test", port: 0 } as const;

export class MockHub {
  /** Can be replaced at any time. */
  rules: HubRules = {};
  readonly log = new FrameLog();
  readonly faults = new PacketFaults();
  /** The last messages from clients, in the order in which they were accepted, without wills. */
  readonly messages: AcceptedMessage[] = [];
  #broker: Broker;
  /** The number of connections of the brokers before the last restart. */
  #earlierConnections = 0;
  /** The calls that came while the hub is silent; undefined while it is not. */
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
        onPacket: ({ number }, { direction, packet }) => {
          const fault = this.faults.next(direction, packet.type);
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

  /** Restores the state of an earlier hub. To be called before the first connection. */
  restore(changes: Iterable<Change>): void {
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
    const brokerConnection = this.#broker.open(wire, nowMs);
    return {
      receive: (bytes, atMs) =>
        this.#unlessSilent(atMs, () => brokerConnection.receive(Buffer.from(bytes), this.#nowMs)),
      closed: (atMs) => this.#unlessSilent(atMs, () => brokerConnection.closed(this.#nowMs)),
    };
  }

  /** The next time at which `tick` has something to do; Infinity if there is none. */
  nextDueMs(): number {
    return this.#unread ? Number.POSITIVE_INFINITY : this.#broker.nextDueMs();
  }

  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    if (!this.#unread) this.#broker.tick(nowMs);
  }

  /** Publishes a message in the name of the hub. */
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

  /** Stops reading and writing with its connections open, like a stopped process. */
  goSilent(): void {
    this.#unread ??= [];
  }

  /** Resumes after `goSilent`, beginning with the calls that came meanwhile. */
  speak(nowMs: number): void {
    this.#nowMs = nowMs;
    const unread = this.#unread ?? [];
    this.#unread = undefined;
    for (const run of unread) run();
    this.tick(nowMs);
  }

  /** Ends all connections without wills. Persistent sessions and retained messages are kept only if `keepsState`. */
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
  const refusal = { rule: "the rules of the test refuse it", remedy: "Change `rules` of the mock hub." };
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
