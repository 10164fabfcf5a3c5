/** A mock hub on a virtual timeline, where boards reach it over their virtual networks. */
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

/** Time passes in such steps while a message is waited for. */
const EXPECT_STEP_MS = 10;

/** A packet that shall meet a fault. */
export interface PacketChoice {
  readonly cmd: PacketType;
  /** `in`: from a board. `out` by default. */
  readonly direction?: Direction;
  /** Counted from 1 among those that are still to come; the next one by default. */
  readonly nth?: number;
}

export class VirtualHub implements Peer {
  /** The hub itself: its sessions, retained messages, and the log of its packets. What changes it goes through `run`. */
  readonly hub: MockHub;
  /** False: nobody listens at the hub's address, so that connections are refused. */
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

  /** Messages that the hub took from clients, the oldest first; at QoS 2 each once, at QoS 1 as often as they came. */
  published(topicFilter = "#"): AcceptedMessage[] {
    requireRight("topic, nor a filter of topics", topicFilter, brokenTopicFilterRule(topicFilter));
    return this.hub.messages.filter(({ topic }) => matchesFilter(topicFilter, topic));
  }

  /**
   * Lets time pass until a message comes from now on, and gives it.
   * @throws MotekitError MK2003 where none has come in time (a minute by default).
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
      message: `No message on ${topicFilter} within ${within}. The last frames at the hub:\n${this.hub.log.format(20)}`,
      remedy: "Look at the console of the board, and at what its app should have sent.",
    });
  }

  /** A message of the hub's own, to all who have subscribed. QoS 1 by default. */
  publish(
    topic: string,
    payload: string | Uint8Array,
    { qos = 1, retain = false }: { readonly qos?: Qos; readonly retain?: boolean } = {},
  ): void {
    requireRight("topic", topic, brokenTopicNameRule(topic));
    requireOneOf("The level of service", String(qos), ["0", "1", "2"]);
    this.run((hub, nowMs) => hub.publish({ topic, payload: Buffer.from(payload), qos, retain }, nowMs));
  }

  isConnected(clientIdentifier: string): boolean {
    return this.hub.isConnected(clientIdentifier);
  }

  /** CONNECTs, subscriptions, or levels of service that the hub refuses from now on; `{}`: none. */
  refuse(rules: HubRules): void {
    this.hub.rules = rules;
  }

  drop(packet: PacketChoice): void {
    this.inject(packet, { action: "drop" });
  }

  double(packet: PacketChoice): void {
    this.inject(packet, { action: "double" });
  }

  /** Those behind it overtake. */
  delay(packet: PacketChoice, by: Duration): void {
    this.inject(packet, { action: "delay", delayMs: milliseconds(by) });
  }

  /** A packet that is still to come meets a fault of any kind. */
  inject({ cmd, direction = "out", nth = 1 }: PacketChoice, fault: PacketFault): void {
    requireOneOf("The direction of a packet", direction, ["in", "out"]);
    const cmds = packetTypesGoing(direction).map(({ type }) => type);
    requireOneOf(`The type of a packet of direction "${direction}"`, cmd, cmds);
    requireWhole("The number of the packet", nth, 1);
    requireFault(fault, cmd, direction);
    const { faults } = this.hub;
    faults.add({ direction, cmd, nth: faults.count(direction, cmd) + nth, ...fault });
  }

  /** Reads and writes nothing, with its connections open, for so long, or until `speak`. */
  goSilent(duration?: Duration): void {
    this.run((hub) => hub.goSilent());
    if (duration !== undefined) this.runIn(milliseconds(duration), (hub, nowMs) => hub.speak(nowMs));
  }

  speak(): void {
    this.run((hub, nowMs) => hub.speak(nowMs));
  }

  /** All connections end; nobody listens while it is away. Sessions and retained messages stay where `keepsState`. */
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

  /** Another client comes with this identifier, so that the hub ends the connection of the first [MQTT-3.1.4-2]. */
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
    const brokerConnection = this.run((hub, nowMs) => hub.open(wire, nowMs));
    return {
      received: (bytes) => this.run((_hub, nowMs) => brokerConnection.receive(bytes, nowMs)),
      closed: () => this.run((_hub, nowMs) => brokerConnection.closed(nowMs)),
    };
  }

  /** All that is done to the hub goes through here, because it may change when the hub wants to be woken. */
  run<Result>(action: (hub: MockHub, nowMs: number) => Result): Result {
    const result = action(this.hub, this.#lane.uptimeMs());
    const dueMs = this.hub.nextDueMs();
    if (dueMs !== this.#alarmMs) this.#setAlarm(dueMs);
    return result;
  }

  /** Runs `action` at a time to come. */
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

/** @throws MotekitError MK2009: the fault is none, cannot strike such a packet, or has another parameter. */
function requireFault(fault: PacketFault, cmd: PacketType, direction: Direction): void {
  const { action } = fault;
  requireOneOf("The fault of a packet", action, PACKET_FAULT_ACTIONS);
  // In virtual time a packet may be held back for however long.
  const found = parameterProblem(fault, ["delayMs"]);
  if (found) {
    throw wrongArgument(`The fault's ${found.parameter} cannot be: ${found.problem}.`, "Change the fault.");
  }
  if (canApply(action, cmd, direction)) return;
  const { packets = ["every packet"], direction: only = direction } = packetFaultKind(action);
  throw wrongArgument(
    `The fault "${action}" cannot strike ${cmd} of direction "${direction}".`,
    `It strikes: ${packets.join(", ")}, of direction "${only}".`,
  );
}

/** @throws MotekitError MK2009 */
function requireRight(what: string, text: string, broken: Rule | undefined): void {
  if (broken) throw wrongArgument(`${JSON.stringify(text)} is no ${what}.`, `${ruleText(broken)}.`);
}
