/** A mock hub in virtual time, which boards reach over their virtual networks. */
import {
  canApply,
  PACKET_FAULT_ACTIONS,
  type PacketFault,
  packetFaultKind,
  parameterProblem,
} from "../broker/packet-fault.ts";
import { MotekitError } from "../errors.ts";
import type { AcceptedMessage, HubRules, MockHub } from "../mock-hub/mock-hub.ts";
import { encodePacket } from "../mqtt/encode.ts";
import { type Direction, type PacketType, packetTypesGoing, type Qos } from "../mqtt/packet-types.ts";
import { type Rule, ruleText } from "../mqtt/rules.ts";
import { matchesFilter } from "../mqtt/topic-matching.ts";
import { brokenTopicFilterRule, brokenTopicNameRule } from "../mqtt/topics.ts";
import type { ScheduledCall } from "../simulator/world/clock.ts";
import type { VirtualLane, VirtualTimeline } from "../simulator/world/virtual-clock.ts";
import type { Peer } from "../simulator/world/virtual-network.ts";
import { requireOneOf, requireWhole, wrongArgument } from "./arguments.ts";
import { type Duration, milliseconds } from "./duration.ts";

/** The step in which time passes while a test waits for a message. */
const EXPECT_STEP_MS = 10;

/** The packet to which a fault applies. */
export interface PacketChoice {
  readonly cmd: PacketType;
  /** `in` is to the hub, `out` from the hub. Default: `out`. */
  readonly direction?: Direction;
  /** The number of the packet, counted from 1 from now on. Default: the next one. */
  readonly nth?: number;
}

export class VirtualHub implements Peer {
  /** The mock hub with its sessions, retained messages and packet log. Changes go through `run`. */
  readonly hub: MockHub;
  /** False if nothing listens at the hub's address, so that connections are refused. */
  isListening = true;
  readonly #timeline: VirtualTimeline;
  readonly #lane: VirtualLane;
  #alarm: ScheduledCall | undefined;
  #alarmMs = Number.POSITIVE_INFINITY;

  constructor(hub: MockHub, timeline: VirtualTimeline) {
    this.hub = hub;
    this.#timeline = timeline;
    this.#lane = timeline.createLane();
  }

  /** The messages that the hub received from clients, oldest first. QoS 2 messages appear once, QoS 1 messages may repeat. */
  published(topicFilter = "#"): AcceptedMessage[] {
    requireRight("topic, nor a filter of topics", topicFilter, brokenTopicFilterRule(topicFilter));
    return this.hub.messages.filter(({ topic }) => matchesFilter(topicFilter, topic));
  }

  /**
   * Lets time pass until the next message arrives, and returns it.
   * @throws MotekitError MK2003 if no message arrives in time (a minute by default).
   */
  async expect(topicFilter: string, within: Duration = "1 min"): Promise<AcceptedMessage> {
    const before = this.published(topicFilter).length;
    const endMs = this.#timeline.nowMs() + milliseconds(within);
    while (this.#timeline.nowMs() < endMs) {
      this.#timeline.advance(Math.min(EXPECT_STEP_MS, endMs - this.#timeline.nowMs()));
      const message = this.published(topicFilter)[before];
      if (message) return message;
    }
    throw new MotekitError({
      code: "MK2003",
      message: `The hub received no message on ${topicFilter} within ${within}. The last frames at the hub:\n${this.hub.log.format(20)}`,
      remedy: "Check the console of the board, and the messages that its app should send.",
    });
  }

  /** Publishes a message from the hub to all subscribers. Default: QoS 1. */
  publish(
    topic: string,
    payload: string | Uint8Array,
    { qos = 1, retain = false }: { readonly qos?: Qos; readonly retain?: boolean } = {},
  ): void {
    requireRight("topic", topic, brokenTopicNameRule(topic));
    requireOneOf("The QoS", String(qos), ["0", "1", "2"]);
    this.run((hub, nowMs) => hub.publish({ topic, payload: Buffer.from(payload), qos, retain }, nowMs));
  }

  isConnected(clientIdentifier: string): boolean {
    return this.hub.isConnected(clientIdentifier);
  }

  /** Sets the CONNECTs, subscriptions and QoS levels that the hub refuses from now on. `{}` refuses none. */
  refuse(rules: HubRules): void {
    this.hub.rules = rules;
  }

  drop(packet: PacketChoice): void {
    this.inject(packet, { action: "drop" });
  }

  double(packet: PacketChoice): void {
    this.inject(packet, { action: "double" });
  }

  /** Delays a packet. Later packets overtake it. */
  delay(packet: PacketChoice, by: Duration): void {
    this.inject(packet, { action: "delay", delayMs: milliseconds(by) });
  }

  /** Applies a packet fault to a later packet. */
  inject({ cmd, direction = "out", nth = 1 }: PacketChoice, fault: PacketFault): void {
    requireOneOf("The direction of a packet", direction, ["in", "out"]);
    const cmds = packetTypesGoing(direction).map(({ type }) => type);
    requireOneOf(`The type of a packet of direction "${direction}"`, cmd, cmds);
    requireWhole("The number of the packet", nth, 1);
    requireFault(fault, cmd, direction);
    const { faults } = this.hub;
    faults.add({ direction, cmd, nth: faults.count(direction, cmd) + nth, ...fault });
  }

  /** The hub neither reads nor writes, with its connections open, for this duration or until `speak`. */
  goSilent(duration?: Duration): void {
    this.run((hub) => hub.goSilent());
    if (duration !== undefined) this.runIn(milliseconds(duration), (hub, nowMs) => hub.speak(nowMs));
  }

  speak(): void {
    this.run((hub, nowMs) => hub.speak(nowMs));
  }

  /** Restarts the hub: all connections end and new ones are refused meanwhile. `keepsState` keeps sessions and retained messages. */
  restart({
    keepsState = true,
    away,
  }: {
    readonly keepsState?: boolean;
    readonly away?: Duration;
  } = {}): void {
    this.run((hub, nowMs) => hub.restart(keepsState, nowMs));
    if (away === undefined) return;
    this.isListening = false;
    this.runIn(milliseconds(away), () => {
      this.isListening = true;
    });
  }

  /** Ends a client's connection. */
  disconnect(clientIdentifier: string): void {
    this.run((hub, nowMs) => hub.disconnect(clientIdentifier, nowMs));
  }

  /** Connects another client with this identifier, so that the hub ends the first one's connection [MQTT-3.1.4-2]. */
  takeOver(clientId: string): void {
    const clean = !this.hub.sessions.get(clientId)?.isKept;
    const intruder = this.accept({ send: () => undefined, close: () => undefined });
    const connect = encodePacket({
      type: "connect",
      protocolLevel: 4,
      cleanSession: clean,
      keepAliveSeconds: 0,
      clientIdentifier: clientId,
    });
    intruder.received(connect);
  }

  accept(wire: { send(bytes: Uint8Array): void; close(): void }): ReturnType<Peer["accept"]> {
    const listener = this.run((hub, nowMs) => hub.open(wire, nowMs));
    return {
      received: (bytes) => this.run((_hub, nowMs) => listener.receive(bytes, nowMs)),
      closed: () => this.run((_hub, nowMs) => listener.closed(nowMs)),
    };
  }

  /** Runs a change of the hub. Every change goes through here, because it may change the hub's next wake-up time. */
  run<Result>(action: (hub: MockHub, nowMs: number) => Result): Result {
    const result = action(this.hub, this.#lane.uptimeMs());
    const dueMs = this.hub.nextDueMs();
    if (dueMs !== this.#alarmMs) this.#setAlarm(dueMs);
    return result;
  }

  /** Runs `action` at a later time. */
  runIn(delayMs: number, action: (hub: MockHub, nowMs: number) => void): void {
    this.#lane.schedule(delayMs, () => this.run(action));
  }

  #setAlarm(dueMs: number): void {
    this.#alarm?.cancel();
    this.#alarmMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#alarm = this.#lane.schedule(dueMs - this.#lane.uptimeMs(), () => {
      this.#alarmMs = Number.POSITIVE_INFINITY;
      this.run((hub, nowMs) => hub.tick(nowMs));
    });
  }
}

/** @throws MotekitError MK2009 if the fault is unknown, cannot apply to the packet, or has a wrong parameter. */
function requireFault(fault: PacketFault, cmd: PacketType, direction: Direction): void {
  const { action } = fault;
  requireOneOf("The packet fault", action, PACKET_FAULT_ACTIONS);
  // In virtual time the delay of a packet has no limit.
  const found = parameterProblem(fault, ["delayMs"]);
  if (found) {
    throw wrongArgument(
      `The parameter ${found.parameter} of the fault is not valid: ${found.problem}.`,
      "Correct the parameter.",
    );
  }
  if (canApply(action, cmd, direction)) return;
  const { packets = ["every packet"], direction: only = direction } = packetFaultKind(action);
  throw wrongArgument(
    `The fault "${action}" cannot apply to ${cmd} in the direction "${direction}".`,
    `Use it for ${packets.join(", ")} in the direction "${only}".`,
  );
}

/** @throws MotekitError MK2009 */
function requireRight(what: string, text: string, broken: Rule | undefined): void {
  if (broken) throw wrongArgument(`${JSON.stringify(text)} is no ${what}.`, `${ruleText(broken)}.`);
}
