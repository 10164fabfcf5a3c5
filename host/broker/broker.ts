/**
 * An MQTT 3.1.1 hub: bytes in, bytes out, time passed in. It has no sockets, timers, files or randomness, so the same calls
 * give the same bytes. The local hub runs it behind sockets, and tests run it in virtual time.
 *
 * It supports QoS 0, 1 and 2 in both directions, retained messages, wills, clean and persistent sessions, takeover, wildcards
 * and keep alive. Every queue has a bound. A policy decides who may do what. There are no $SYS topics and no shared
 * subscriptions. A client whose subscriptions overlap gets a message once.
 *
 * The program around it calls `tick` when the time `nextDueMs` has come, or often. Time is in milliseconds and never goes
 * back. With a recorder, the program lets bytes leave only after all changes that were recorded before them are safe.
 */
import { RETURN_CODE } from "../mqtt/packet-types.ts";
import type { SubscribePacket, UnsubscribePacket } from "../mqtt/packets.ts";
import { ProtocolViolation } from "../mqtt/protocol-violation.ts";
import type { BrokerEvent, EndCause } from "./broker-event.ts";
import type { Change, ChangeRecorder } from "./change.ts";
import { connectRequest, willOf } from "./connect-request.ts";
import { CONNECT_MS_MAX, Connection, type Traffic, type Wire } from "./connection.ts";
import { Exchange } from "./exchange.ts";
import { GatedTraffic } from "./gated-traffic.ts";
import type { Message } from "./message.ts";
import type { PacketGate } from "./packet-gate.ts";
import {
  type ClientPacket,
  type ConnectPacket,
  type HubPacket,
  Outgoing,
  type PublishPacket,
} from "./packets.ts";
import type { Client, Link, Policy, Refusal } from "./policy.ts";
import { HUB_IS_FULL, NO_ROOM_FOR_WILL } from "./refusals.ts";
import type { Session } from "./session.ts";
import { SubscriptionHandler } from "./subscription-handler.ts";

export interface BrokerOptions {
  readonly policy: Policy;
  readonly onEvent?: (event: BrokerEvent) => void;
  readonly gate?: PacketGate;
  /** Receives each change of state that has to survive a restart. */
  readonly recorder?: ChangeRecorder;
  /** The changes that an earlier broker recorded. */
  readonly changes?: Iterable<Change>;
}

/** A connection, as the program around the broker drives it. */
export interface BrokerConnection {
  receive(bytes: Buffer, nowMs: number): void;
  /** Reports that the stream ended or broke. May be called again, and after the hub has closed. */
  closed(nowMs: number): void;
  /** Reports that the peer has read the bytes that were waiting. */
  drained(): void;
  /** Ends the connection for the reason given. */
  evict(refusal: Refusal, nowMs: number): void;
  /** The number of complete packets that were received. */
  readonly packetsRead: number;
  /** The bytes that are buffered of an incomplete packet. */
  readonly unfinishedBytes: number;
}

interface Ending {
  readonly cause: EndCause;
  readonly reason?: string;
}

export class Broker {
  readonly exchange: Exchange;
  readonly #policy: Policy;
  readonly #traffic: GatedTraffic;
  readonly #onEvent: (event: BrokerEvent) => void;
  readonly #subscriptions: SubscriptionHandler;
  readonly #connections = new Set<Connection>();
  readonly #serving = new Map<Session, Connection>();
  #connectionCount = 0;
  #nowMs = 0;

  constructor({ policy, onEvent = () => undefined, gate, recorder, changes = [] }: BrokerOptions) {
    this.#traffic = new GatedTraffic({
      gate,
      nowMs: () => this.#nowMs,
      handle: (connection, packet) =>
        this.#endingOnViolation(connection, () => this.#handle(connection, packet)),
      cut: (connection) => this.#end(connection, { cause: "evicted", reason: "a fault cut it off" }),
    });
    this.#policy = this.#traffic.refusing(policy);
    this.#onEvent = onEvent;
    this.exchange = new Exchange({ recorder, onOverflow: (session) => this.#reportOverflow(session) });
    this.exchange.restore(changes);
    this.#subscriptions = new SubscriptionHandler(this.#policy, this.exchange, onEvent);
  }

  /** The number of connections so far. */
  get connectionCount(): number {
    return this.#connectionCount;
  }

  /** `openedMs` is earlier than `nowMs` if the connection was open before it reached the broker. */
  open(wire: Wire, nowMs: number, openedMs = nowMs): BrokerConnection {
    this.#nowMs = nowMs;
    const connection = new Connection(++this.#connectionCount, wire, this.#traffic, openedMs);
    this.#connections.add(connection);
    return {
      receive: (bytes, atMs) => this.#read(connection, bytes, atMs),
      closed: (atMs) => {
        this.#nowMs = atMs;
        this.#end(connection, { cause: "lost" }, true);
      },
      drained: () => {
        const { session } = connection;
        if (!session) return;
        session.pump();
        this.exchange.resumeRetained(session);
      },
      evict: (refusal, atMs) => {
        this.#nowMs = atMs;
        if (connection.client) this.#end(connection, { cause: "evicted", reason: refusal.rule });
        else this.#turnAway(connection, refusal);
      },
      get packetsRead() {
        return connection.packetsRead;
      },
      get unfinishedBytes() {
        return connection.unfinishedBytes;
      },
    };
  }

  /** The next time at which `tick` has something to do; Infinity if there is none. */
  nextDueMs(): number {
    let dueMs = this.#traffic.nextDueMs();
    for (const { deadlineMs } of this.#connections) dueMs = Math.min(dueMs, deadlineMs);
    return dueMs;
  }

  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#traffic.tick();
    this.exchange.resumeAllRetained();
    for (const connection of this.#connections) {
      if (connection.deadlineMs <= nowMs) this.#endLate(connection);
    }
  }

  #endLate(connection: Connection): void {
    if (connection.client) this.#end(connection, { cause: "keep alive" });
    else {
      this.#turnAway(connection, {
        rule: `the client sent no CONNECT within ${CONNECT_MS_MAX / 1000} s`,
        remedy: "Send CONNECT as soon as the connection is open.",
      });
    }
  }

  /** Publishes a message in the name of the hub. */
  publish(message: Message, nowMs: number): void {
    this.#nowMs = nowMs;
    this.exchange.distribute(message);
  }

  /** The clients that are connected now. */
  *connected(): Iterable<{
    readonly client: Client;
    readonly link: Link;
    readonly traffic: Readonly<Traffic>;
  }> {
    for (const { client, wire, traffic } of this.#connections) {
      if (client) yield { client, link: wire.link, traffic };
    }
  }

  isConnected(clientId: string): boolean {
    for (const { client } of this.#connections) if (client?.id === clientId) return true;
    return false;
  }

  /** Ends a client's connections and publishes its will. */
  evict(clientId: string, reason: string, nowMs: number): void {
    this.#nowMs = nowMs;
    for (const connection of this.#connections) {
      if (connection.client?.id === clientId) this.#end(connection, { cause: "evicted", reason });
    }
  }

  /** Ends a client's connections and its session, and drops the messages that are queued for it. */
  forget(clientId: string, reason: string, nowMs: number): void {
    this.evict(clientId, reason, nowMs);
    const session = this.exchange.sessions.get(clientId);
    if (session) this.exchange.endSession(session);
  }

  /** Ends the subscriptions of one client, or of all, that the policy would now refuse. */
  review(clientId?: string): void {
    for (const session of this.exchange.sessions.values()) {
      const client = this.#serving.get(session)?.client ?? { id: session.clientId };
      if (clientId !== undefined && client.id !== clientId) continue;
      this.#subscriptions.review(session, client);
    }
  }

  /** Ends all connections without publishing wills, as when the hub's process ends. */
  close(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#traffic.clear();
    for (const connection of this.#connections) {
      this.#dropWill(connection);
      this.#end(connection, { cause: "hub closed" });
    }
  }

  #read(connection: Connection, bytes: Buffer, nowMs: number): void {
    this.#nowMs = nowMs;
    if (!connection.isOpen) return;
    this.#endingOnViolation(connection, () =>
      connection.read(bytes, (packet) => this.#receivePacket(connection, packet)),
    );
  }

  /** Ends the connection if `run` finds a violation in received bytes, or in a packet that a fault has delayed. */
  #endingOnViolation(connection: Connection, run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      if (!connection.isOpen) return;
      this.#traffic.onViolation(connection, error.message);
      this.#reject(connection, error);
    }
  }

  #reject(connection: Connection, { returnCode, message: rule }: ProtocolViolation): void {
    if (connection.client) this.#end(connection, { cause: "violation", reason: rule });
    else {
      const remedy = "The client does not follow MQTT 3.1.1. Fix or update its MQTT library.";
      this.#turnAway(connection, { rule, remedy }, returnCode);
    }
  }

  /** Ends a connection whose CONNECT was not accepted. */
  #turnAway(connection: Connection, refusal: Refusal, returnCode?: number, clientId?: string): void {
    const { link } = connection.wire;
    const who = clientId === undefined ? {} : { clientId };
    // [MQTT-3.2.2-4]
    if (returnCode !== undefined)
      this.#answer(connection, { type: "connack", returnCode, sessionPresent: false });
    this.#end(connection, { cause: returnCode === undefined ? "violation" : "evicted" });
    this.#onEvent({ kind: "turned away", connection: connection.number, link, refusal, ...who });
  }

  #receivePacket(connection: Connection, packet: ClientPacket): void {
    if (!connection.isOpen) return;
    connection.packetsRead++;
    connection.touch(this.#nowMs);
    this.#traffic.receive(connection, packet);
  }

  #answer(connection: Connection, packet: HubPacket): void {
    connection.send(new Outgoing(packet));
  }

  #handle(connection: Connection, packet: ClientPacket): void {
    const { session, client } = connection;
    const isConnect = packet.type === "connect";
    // The packet reader refuses this as a violation, but a gate may have doubled or delayed CONNECT [MQTT-3.1.0-1, MQTT-3.1.0-2].
    if (isConnect === (client !== undefined)) this.#end(connection, { cause: "violation" });
    else if (isConnect) this.#connect(connection, packet);
    else if (session && client) this.#serve(connection, session, client, packet);
  }

  #serve(
    connection: Connection,
    session: Session,
    client: Client,
    packet: Exclude<ClientPacket, ConnectPacket>,
  ): void {
    switch (packet.type) {
      case "publish":
        this.#receivePublish(connection, session, client, packet);
        break;
      case "subscribe":
        this.#subscribe(connection, session, client, packet);
        break;
      case "unsubscribe":
        this.#unsubscribe(connection, session, packet);
        break;
      case "puback":
      case "pubrec":
      case "pubcomp":
        session.acknowledge(packet.type, packet.packetIdentifier);
        break;
      case "pubrel":
        session.release(packet.packetIdentifier);
        this.#answer(connection, { type: "pubcomp", packetIdentifier: packet.packetIdentifier });
        break;
      case "pingreq":
        this.#answer(connection, { type: "pingresp" });
        break;
      case "disconnect":
        // [MQTT-3.14.4-3]
        this.#dropWill(connection);
        this.#end(connection, { cause: "disconnected" });
        break;
    }
  }

  #connect(connection: Connection, packet: ConnectPacket): void {
    const verdict = this.#policy.connect(connectRequest(connection.wire.link, packet));
    if (!("client" in verdict)) {
      const { refusal, returnCode, clientId = packet.clientIdentifier } = verdict;
      this.#turnAway(connection, refusal, returnCode, clientId);
      return;
    }
    const will = willOf(packet);
    if (will && !this.exchange.keepWill(will)) {
      this.#turnAway(connection, NO_ROOM_FOR_WILL, RETURN_CODE.serverUnavailable, packet.clientIdentifier);
      return;
    }
    const client: Client = verdict.client.id === "" ? { id: this.#unusedName(connection) } : verdict.client;
    const { session, isPresent } = this.#openSession(connection, client, packet);
    this.#serving.set(session, connection);
    session.outlet = connection;
    connection.session = session;
    connection.client = client;
    connection.will = will;
    connection.setKeepAlive(packet.keepAliveSeconds, this.#nowMs);
    this.#answer(connection, {
      type: "connack",
      returnCode: RETURN_CODE.accepted,
      sessionPresent: isPresent,
    });
    const { number, wire } = connection;
    const sessionPresent = isPresent;
    this.#onEvent({ kind: "connected", connection: number, client, link: wire.link, sessionPresent });
    session.sendAgain();
  }

  #openSession(
    connection: Connection,
    client: Client,
    packet: ConnectPacket,
  ): { readonly session: Session; readonly isPresent: boolean } {
    const earlier = this.exchange.sessions.get(client.id);
    const rival = earlier && this.#serving.get(earlier);
    if (rival && client.allowsMultiple) {
      // No policy returns a client identifier with a slash in it.
      return this.exchange.openSession(`${client.id}/${connection.number}`, false);
    }
    // [MQTT-3.1.4-2]
    if (rival) this.#end(rival, { cause: "taken over" });
    return this.exchange.openSession(client.id, !packet.cleanSession);
  }

  /** A client identifier for a client that sent an empty one [MQTT-3.1.3-6]. */
  #unusedName({ number }: Connection): string {
    let name = `unnamed-${number}`;
    while (this.exchange.sessions.has(name)) name += "-";
    return name;
  }

  #receivePublish(connection: Connection, session: Session, client: Client, packet: PublishPacket): void {
    const { topicName, payload, qos, retain, packetIdentifier } = packet;
    connection.traffic.messagesIn++;
    const accept = () => this.#accept(client, { topic: topicName, payload, qos, retain }, false);
    if (qos < 2) accept();
    // [MQTT-4.3.3-2]: a message whose identifier is known was accepted already.
    const isNew = qos === 2 && session.acceptIdentifier(packetIdentifier);
    if (qos > 0) this.#answer(connection, { type: qos === 1 ? "puback" : "pubrec", packetIdentifier });
    // A publisher that has subscribed to the topic gets the message after PUBREC, as from hubs that wait for PUBREL.
    if (isNew) accept();
  }

  #accept(client: Client, message: Message, isWill: boolean): void {
    const refusal =
      this.#policy.publish(client, message) ?? (this.exchange.distribute(message) ? undefined : HUB_IS_FULL);
    if (refusal) {
      const packet = isWill ? "will" : "publish";
      this.#onEvent({ kind: "denied", client, packet, topic: message.topic, refusal });
    } else this.#onEvent({ kind: "published", client, message, isWill });
  }

  #subscribe(connection: Connection, session: Session, client: Client, packet: SubscribePacket): void {
    const granted = this.#subscriptions.subscribe(session, client, packet);
    this.#answer(connection, {
      type: "suback",
      packetIdentifier: packet.packetIdentifier,
      returnCodes: granted,
    });
    this.#subscriptions.deliverRetained(session, packet, granted);
  }

  #unsubscribe(connection: Connection, session: Session, packet: UnsubscribePacket): void {
    for (const topicFilter of packet.topicFilters) this.exchange.unsubscribe(session, topicFilter);
    this.#answer(connection, { type: "unsuback", packetIdentifier: packet.packetIdentifier });
  }

  /** Ends a connection. `isGone`: the stream has ended already. */
  #end(connection: Connection, ending: Ending, isGone = false): void {
    if (!connection.isOpen) return;
    connection.end();
    this.#connections.delete(connection);
    if (!isGone) connection.wire.close(ending.cause === "violation");
    const { session, client, will } = connection;
    this.#dropWill(connection);
    if (!session || !client) return;
    session.outlet = undefined;
    this.exchange.forgetUnsent(session);
    this.#serving.delete(session);
    if (!session.isKept) this.exchange.endSession(session);
    this.#onEvent({
      kind: "ended",
      connection: connection.number,
      client,
      traffic: connection.traffic,
      ...ending,
    });
    if (will) this.#accept(client, will, true);
  }

  #dropWill(connection: Connection): void {
    if (connection.will) this.exchange.dropWill(connection.will);
    connection.will = undefined;
  }

  #reportOverflow(session: Session): void {
    const client = this.#serving.get(session)?.client ?? { id: session.clientId };
    this.#onEvent({ kind: "overflowed", client });
  }
}
