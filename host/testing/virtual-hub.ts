/** A mock hub on a virtual timeline, where boards reach it over their virtual networks. */
import { generate, type PacketCmd, type QoS } from "mqtt-packet";
import type { Direction } from "../broker/packet-gate.ts";
import { matchesFilter } from "../broker/topics.ts";
import { MotekitError } from "../errors.ts";
import { isTopicFilter } from "../hub/devices/topic-filters.ts";
import type { AcceptedMessage, HubRules, MockHub } from "../mock-hub/mock-hub.ts";
import type { ScheduledCall } from "../simulator/world/clock.ts";
import type { VirtualLane, VirtualTimeline } from "../simulator/world/virtual-clock.ts";
import type { Peer } from "../simulator/world/virtual-network.ts";
import { requireOneOf, requireWhole, wrongArgument } from "./arguments.ts";
import { type Duration, milliseconds } from "./duration.ts";

/** Time passes in such steps while a message is waited for. */
const EXPECT_STEP_MS = 10;

/** A packet that shall meet a fault. */
export interface PacketChoice {
  readonly cmd: PacketCmd;
  /** `in`: from a board. `out` by default. */
  readonly direction?: Direction;
  /** Counted from 1 among those that are still to come; the next one by default. */
  readonly nth?: number;
}

/** What a hub gets, and what it sends [MQTT 3.1.1, table 2.1]. */
const CMDS: Readonly<Record<Direction, readonly PacketCmd[]>> = {
  in: [
    "connect",
    "publish",
    "puback",
    "pubrec",
    "pubrel",
    "pubcomp",
    "subscribe",
    "unsubscribe",
    "pingreq",
    "disconnect",
  ],
  out: ["connack", "publish", "puback", "pubrec", "pubrel", "pubcomp", "suback", "unsuback", "pingresp"],
};

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
    requireFilter(topicFilter);
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
    { qos = 1, retain = false }: { readonly qos?: QoS; readonly retain?: boolean } = {},
  ): void {
    requireFilter(topic);
    if (/[+#]/.test(topic))
      throw wrongArgument(`"${topic}" has wildcards.`, "A message has one topic [MQTT-3.3.2-2].");
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
    this.#harm(packet, { action: "drop" });
  }

  double(packet: PacketChoice): void {
    this.#harm(packet, { action: "double" });
  }

  /** Those behind it overtake. */
  delay(packet: PacketChoice, by: Duration): void {
    this.#harm(packet, { action: "delay", delayMs: milliseconds(by) });
  }

  #harm(
    { cmd, direction = "out", nth = 1 }: PacketChoice,
    fault: { readonly action: "drop" | "double" | "delay"; readonly delayMs?: number },
  ): void {
    requireOneOf("The direction of a packet", direction, Object.keys(CMDS));
    requireOneOf(`The type of a packet of direction "${direction}"`, cmd, CMDS[direction]);
    requireWhole("The number of the packet", nth, 1);
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
    const connect = generate({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clientId,
      clean,
      keepalive: 0,
    });
    intruder.received(connect);
  }

  accept(wire: { send(bytes: Uint8Array): void; close(): void }): ReturnType<Peer["accept"]> {
    const entrance = this.run((hub, nowMs) => hub.open(wire, nowMs));
    return {
      received: (bytes) => this.run((_hub, nowMs) => entrance.receive(bytes, nowMs)),
      closed: () => this.run((_hub, nowMs) => entrance.closed(nowMs)),
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

function requireFilter(topicFilter: string): void {
  if (isTopicFilter(topicFilter)) return;
  throw wrongArgument(
    `"${topicFilter}" is no topic, nor a filter of topics.`,
    "+ stands for a level, and # for the last ones [MQTT 3.1.1, 4.7].",
  );
}
