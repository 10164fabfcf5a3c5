/**
 * An MQTT 3.1.1 hub for tests: bytes in, bytes out, time passed in. It has no sockets, timers or chance of its own, so
 * that the same calls give the same bytes. mqtt-packet makes and reads the packets.
 *
 * QoS 0, 1 and 2 both ways, retained messages, wills, clean and kept sessions, takeover, wildcards, keep alive. A test
 * may have it refuse, drop, double or delay single packets, fall silent, and restart. It asks nobody who he is, has no
 * $SYS topics and no shared subscriptions, and a message goes once to a client whose subscriptions overlap.
 *
 * Who drives it calls `tick` when `nextDueMs` has come. Time never goes back.
 */
import type {
  IConnectPacket,
  IPublishPacket,
  ISubscribePacket,
  IUnsubscribePacket,
  Packet,
  QoS,
} from "mqtt-packet";
import { type Direction, FrameLog } from "./frame-log.ts";
import { HubConnection, type Wire } from "./hub-connection.ts";
import { PacketFaults } from "./packet-faults.ts";
import { type HubMessage, Session } from "./session.ts";
import { isTopicFilter, isTopicName, matchesFilter } from "./topics.ts";

/** [MQTT-3.9.3-2] */
const SUBACK_FAILURE = 128;
const RETURN_CODE = { accepted: 0, protocolVersion: 1, identifierRejected: 2 } as const;
/** What mqtt-packet says of a CONNECT whose protocol level it does not know. */
const UNKNOWN_LEVEL = "Invalid protocol version";
const MESSAGES_MAX = 100_000;

/** What a hub refuses beyond what the protocol forbids. */
export interface HubRules {
  /** The return code of CONNACK; 0 or undefined accepts. */
  readonly refuseConnect?: (connect: IConnectPacket) => number | undefined;
  /** True: SUBACK says 0x80. */
  readonly refuseSubscription?: (clientId: string, topicFilter: string) => boolean;
  /** The highest QoS that is granted; 2 without it. */
  readonly grantedQosMax?: QoS;
}

/** A message that the hub took from a client. At QoS 2 each once. */
export interface AcceptedMessage extends HubMessage {
  readonly clientId: string;
  readonly atMs: number;
}

/** The end of a connection that is the driver's. */
export interface HubEntrance {
  receive(bytes: Uint8Array, nowMs: number): void;
  /** The stream ended or broke. May be called again, and after the hub has closed. */
  closed(nowMs: number): void;
}

interface Delayed {
  readonly dueMs: number;
  readonly run: () => void;
}

export class MockHub {
  /** May be exchanged at any time. */
  rules: HubRules = {};
  readonly log = new FrameLog();
  readonly faults = new PacketFaults();
  /** The last messages from clients, in the order in which they were taken; wills are not among them. */
  readonly messages: AcceptedMessage[] = [];
  readonly retained = new Map<string, HubMessage>();
  readonly sessions = new Map<string, Session>();
  readonly #connections = new Set<HubConnection>();
  readonly #serving = new Map<Session, HubConnection>();
  #delayed: Delayed[] = [];
  /** What came while the hub is silent. */
  #unread: (() => void)[] | undefined;
  #connectionCount = 0;
  #nowMs = 0;

  open(wire: Wire, nowMs: number): HubEntrance {
    this.#nowMs = nowMs;
    const owner = {
      onPacket: (connection: HubConnection, packet: Packet) => this.#meetPacket(connection, packet),
      onMalformed: (connection: HubConnection, error: Error) => this.#rejectStream(connection, error),
    };
    const connection = new HubConnection(++this.#connectionCount, wire, owner, nowMs);
    this.#connections.add(connection);
    return {
      receive: (bytes, atMs) => this.#unlessSilent(atMs, () => connection.isOpen && connection.parse(bytes)),
      closed: (atMs) => this.#unlessSilent(atMs, () => this.#end(connection, true)),
    };
  }

  /** The next moment at which the hub has something to do by itself; Infinity where there is none. */
  nextDueMs(): number {
    let dueMs = Number.POSITIVE_INFINITY;
    if (this.#unread) return dueMs;
    for (const { deadlineMs } of this.#connections) dueMs = Math.min(dueMs, deadlineMs);
    for (const delayed of this.#delayed) dueMs = Math.min(dueMs, delayed.dueMs);
    return dueMs;
  }

  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#unread) return;
    const due = this.#delayed.filter(({ dueMs }) => dueMs <= nowMs);
    this.#delayed = this.#delayed.filter(({ dueMs }) => dueMs > nowMs);
    for (const { run } of due) run();
    for (const connection of [...this.#connections]) {
      if (connection.deadlineMs <= nowMs) this.#end(connection);
    }
  }

  /** A message of the hub's own. */
  publish(message: HubMessage, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#distribute(message);
  }

  isConnected(clientId: string): boolean {
    const session = this.sessions.get(clientId);
    return session !== undefined && this.#serving.has(session);
  }

  /** Ends a client's connection. */
  disconnect(clientId: string, nowMs: number): void {
    this.#nowMs = nowMs;
    const session = this.sessions.get(clientId);
    const connection = session && this.#serving.get(session);
    if (connection) this.#end(connection);
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
    this.#delayed = [];
    for (const connection of [...this.#connections]) {
      connection.will = undefined;
      this.#end(connection);
    }
    if (keepsState) return;
    this.sessions.clear();
    this.retained.clear();
  }

  #unlessSilent(nowMs: number, run: () => void): void {
    this.#nowMs = nowMs;
    if (this.#unread) this.#unread.push(run);
    else run();
  }

  // Packets, through the faults that are meant for them.

  #meetPacket(connection: HubConnection, packet: Packet): void {
    connection.touch(this.#nowMs);
    this.#pass(connection, "in", packet, () => this.#handle(connection, packet));
  }

  #rejectStream(connection: HubConnection, error: Error): void {
    // [MQTT-3.1.2-2]
    if (error.message === UNKNOWN_LEVEL) {
      const { protocolVersion: returnCode } = RETURN_CODE;
      this.#send(connection, { cmd: "connack", returnCode, sessionPresent: false });
    }
    this.#end(connection);
  }

  #send(connection: HubConnection, packet: Packet): void {
    this.#pass(connection, "out", packet, () => connection.send(packet));
  }

  #pass(connection: HubConnection, direction: Direction, packet: Packet, run: () => void): void {
    const fault = this.faults.meet(direction, packet.cmd);
    const fate = fault ? FATES[fault.action] : "passed";
    this.log.add({ atMs: this.#nowMs, connection: connection.number, direction, packet, fate });
    const runIfOpen = () => {
      if (connection.isOpen) run();
    };
    if (fault?.action === "drop") return;
    if (fault?.action === "delay") {
      this.#delayed.push({ dueMs: this.#nowMs + (fault.delayMs ?? 0), run: runIfOpen });
      return;
    }
    runIfOpen();
    if (fault?.action === "double") runIfOpen();
  }

  #handle(connection: HubConnection, packet: Packet): void {
    const { session } = connection;
    if (packet.cmd === "connect") {
      // [MQTT-3.1.0-2]
      if (session) this.#end(connection);
      else this.#connect(connection, packet);
      return;
    }
    // [MQTT-3.1.0-1]
    if (session) this.#serve(connection, session, packet);
    else this.#end(connection);
  }

  #serve(connection: HubConnection, session: Session, packet: Packet): void {
    const messageId = packet.messageId ?? 0;
    switch (packet.cmd) {
      case "publish":
        this.#take(connection, session, packet);
        break;
      case "subscribe":
        this.#subscribe(connection, session, packet);
        break;
      case "unsubscribe":
        this.#unsubscribe(connection, session, packet);
        break;
      case "puback":
      case "pubrec":
      case "pubcomp":
        session.acknowledge(packet.cmd, messageId);
        break;
      case "pubrel":
        session.receivedIdentifiers.delete(messageId);
        this.#send(connection, { cmd: "pubcomp", messageId });
        break;
      case "pingreq":
        this.#send(connection, { cmd: "pingresp" });
        break;
      case "disconnect":
        // [MQTT-3.14.4-3]
        connection.will = undefined;
        this.#end(connection);
        break;
      default:
        // A packet that only a hub sends.
        this.#end(connection);
    }
  }

  #connect(connection: HubConnection, packet: IConnectPacket): void {
    const returnCode = this.#judgeConnect(packet);
    if (returnCode !== RETURN_CODE.accepted) {
      // [MQTT-3.2.2-4]
      this.#send(connection, { cmd: "connack", returnCode, sessionPresent: false });
      this.#end(connection);
      return;
    }
    const clientId = packet.clientId || `unnamed-${connection.number}`;
    const earlier = this.sessions.get(clientId);
    const rival = earlier && this.#serving.get(earlier);
    // [MQTT-3.1.4-2]
    if (rival) this.#end(rival);
    const isClean = packet.clean ?? true;
    const kept = isClean ? undefined : this.sessions.get(clientId);
    const session = kept ?? new Session(clientId, isClean);
    this.sessions.set(clientId, session);
    this.#serving.set(session, connection);
    connection.session = session;
    connection.will = packet.will;
    connection.setKeepAlive(packet.keepalive ?? 0, this.#nowMs);
    session.send = (sent) => {
      this.#send(connection, sent);
      return true;
    };
    this.#send(connection, { cmd: "connack", returnCode, sessionPresent: kept !== undefined });
    session.sendAgain();
  }

  #judgeConnect(packet: IConnectPacket): number {
    // [MQTT-3.1.2-2]
    if (packet.protocolVersion !== 4 && packet.protocolVersion !== 3) return RETURN_CODE.protocolVersion;
    // [MQTT-3.1.3-8]
    if (!packet.clientId && !packet.clean) return RETURN_CODE.identifierRejected;
    return this.rules.refuseConnect?.(packet) ?? RETURN_CODE.accepted;
  }

  #take(connection: HubConnection, session: Session, packet: IPublishPacket): void {
    const { topic, qos, retain, messageId = 0 } = packet;
    if (!isTopicName(topic)) {
      this.#end(connection);
      return;
    }
    // [MQTT-4.3.3-2]: a message whose identifier is known was taken already.
    if (qos < 2 || !session.receivedIdentifiers.has(messageId)) {
      if (qos === 2) session.receivedIdentifiers.add(messageId);
      const message = { topic, payload: Buffer.from(packet.payload), qos, retain };
      if (this.messages.length === MESSAGES_MAX) this.messages.splice(0, MESSAGES_MAX / 2);
      this.messages.push({ ...message, clientId: session.clientId, atMs: this.#nowMs });
      this.#distribute(message);
    }
    if (qos > 0) this.#send(connection, { cmd: qos === 1 ? "puback" : "pubrec", messageId });
  }

  #distribute(message: HubMessage): void {
    if (message.retain) {
      // [MQTT-3.3.1-10, MQTT-3.3.1-11]
      if (message.payload.length === 0) this.retained.delete(message.topic);
      else this.retained.set(message.topic, message);
    }
    for (const session of [...this.sessions.values()]) {
      const granted = session.grantedQos(message.topic);
      if (granted === undefined) continue;
      // [MQTT-3.3.1-9]
      session.deliver({ ...message, qos: Math.min(granted, message.qos) as QoS, retain: false });
    }
  }

  #subscribe(connection: HubConnection, session: Session, packet: ISubscribePacket): void {
    const { subscriptions, messageId = 0 } = packet;
    // [MQTT-3.8.3-3]
    if (subscriptions.length === 0 || !subscriptions.every(({ topic }) => isTopicFilter(topic))) {
      this.#end(connection);
      return;
    }
    const granted = subscriptions.map(({ topic, qos }) => {
      if (this.rules.refuseSubscription?.(session.clientId, topic)) return SUBACK_FAILURE;
      return Math.min(qos, this.rules.grantedQosMax ?? 2);
    });
    this.#send(connection, { cmd: "suback", messageId, granted });
    subscriptions.forEach(({ topic: topicFilter }, index) => {
      const qos = granted[index] as QoS | typeof SUBACK_FAILURE;
      if (qos === SUBACK_FAILURE) return;
      session.subscriptions.set(topicFilter, qos);
      for (const message of this.retained.values()) {
        // [MQTT-3.3.1-6, MQTT-3.3.1-8]
        if (!matchesFilter(topicFilter, message.topic)) continue;
        session.deliver({ ...message, qos: Math.min(qos, message.qos) as QoS, retain: true });
      }
    });
  }

  #unsubscribe(connection: HubConnection, session: Session, packet: IUnsubscribePacket): void {
    for (const topicFilter of packet.unsubscriptions) session.subscriptions.delete(topicFilter);
    this.#send(connection, { cmd: "unsuback", messageId: packet.messageId ?? 0, granted: [] });
  }

  #end(connection: HubConnection, isGone = false): void {
    if (!connection.isOpen) return;
    connection.close(isGone);
    this.#connections.delete(connection);
    const { session, will } = connection;
    if (!session) return;
    session.send = () => false;
    this.#serving.delete(session);
    if (session.isClean) this.sessions.delete(session.clientId);
    if (!will) return;
    this.#distribute({
      topic: will.topic,
      payload: Buffer.from(will.payload),
      qos: will.qos ?? 0,
      retain: will.retain ?? false,
    });
  }
}

const FATES = { drop: "dropped", double: "doubled", delay: "delayed" } as const;
