/** The faults that a person injects into the packets of a hub, for a number of packets or until the fault is removed. */
import { canApply, packetFaultKind } from "../../broker/packet-fault.ts";
import type { GatedConnection, GatedPacket } from "../../broker/packet-gate.ts";
import type { Fault, FaultRequest } from "../../control/wire-events.ts";
import { MotekitError } from "../../errors.ts";
import { type Direction, type PacketType, packetTypesGoing } from "../../mqtt/packet-types.ts";
import { covers } from "../../mqtt/topic-matching.ts";

export const FAULTS_MAX = 50;

export class Faults {
  #faults: Fault[] = [];
  #count = 0;
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get all(): readonly Fault[] {
    return this.#faults;
  }

  /** @throws MotekitError MK1460 it would never apply to a packet, MK1461 there are too many. */
  add(request: FaultRequest): Fault {
    const contradiction = contradictionIn(request);
    if (contradiction !== undefined) {
      throw new MotekitError({
        code: "MK1460",
        message: `The fault would never apply to a packet: ${contradiction}.`,
        remedy: "Change the fault's direction, packet or topic filter.",
      });
    }
    if (this.#faults.length === FAULTS_MAX) {
      throw new MotekitError({
        code: "MK1461",
        message: `The hub already has ${FAULTS_MAX} faults, the limit.`,
        remedy: "Remove a fault first.",
      });
    }
    const fault = { ...request, id: ++this.#count, appliedCount: 0 };
    this.#faults = [...this.#faults, fault];
    this.#onChange();
    return fault;
  }

  /** Removes a fault; an unknown one is ignored. */
  remove(id: number): void {
    this.#faults = this.#faults.filter((fault) => fault.id !== id);
    this.#onChange();
  }

  /** Finds and counts the fault that applies to a packet. Returns undefined if the packet passes. */
  find(connection: GatedConnection, gated: GatedPacket, isOwn: boolean): Fault | undefined {
    if (this.#faults.length === 0) return undefined;
    const clientId = clientIdOf(connection, gated);
    const fault = this.#faults.find((each) => appliesTo(each, gated, clientId, isOwn));
    if (!fault) return undefined;
    const counted = { ...fault, appliedCount: fault.appliedCount + 1 };
    const isOver = fault.times !== undefined && counted.appliedCount >= fault.times;
    this.#faults = isOver
      ? this.#faults.filter((each) => each !== fault)
      : this.#faults.map((each) => (each === fault ? counted : each));
    this.#onChange();
    return fault;
  }
}

/** The client identifier of a packet; that of CONNECT is known before the hub has accepted it. */
export function clientIdOf({ client }: GatedConnection, { packet }: GatedPacket): string {
  return client?.id ?? (packet.type === "connect" ? packet.clientIdentifier : "");
}

function appliesTo(
  fault: Fault,
  { direction, packet }: GatedPacket,
  clientId: string,
  isOwn: boolean,
): boolean {
  if (fault.clientId === undefined ? isOwn : fault.clientId !== clientId) return false;
  if (fault.direction !== "both" && fault.direction !== direction) return false;
  if (fault.packet !== undefined && fault.packet !== packet.type) return false;
  if (!canApply(fault.action, packet.type, direction)) return false;
  return fault.topicFilter === undefined || topicsOf(packet).some((topic) => isFor(fault, topic));
}

/** Whether the fault applies to a topic, or to all topics of a topic filter. */
export function isFor({ topicFilter }: Fault, topic: string): boolean {
  return topicFilter === undefined || covers(topicFilter, topic);
}

/** The topic name or topic filters of a packet. */
function topicsOf(packet: GatedPacket["packet"]): readonly string[] {
  switch (packet.type) {
    case "publish":
      return [packet.topicName];
    case "subscribe":
      return packet.subscriptions.map(({ topicFilter }) => topicFilter);
    case "unsubscribe":
      return packet.topicFilters;
    default:
      return [];
  }
}

const WITH_TOPICS: ReadonlySet<string> = new Set(["publish", "subscribe", "unsubscribe"]);

function goes(packet: PacketType, direction: Direction): boolean {
  return packetTypesGoing(direction).some(({ type }) => type === packet);
}

function contradictionIn(request: FaultRequest): string | undefined {
  const { action, direction, packet, topicFilter } = request;
  if (packet !== undefined && direction !== "both" && !goes(packet, direction))
    return `a ${direction === "out" ? "hub" : "client"} never sends ${packet.toUpperCase()}`;
  if (topicFilter !== undefined && packet !== undefined && !WITH_TOPICS.has(packet))
    return `${packet.toUpperCase()} has no topics`;
  const kind = packetFaultKind(action);
  const isOtherWay = kind.direction !== undefined && direction !== "both" && direction !== kind.direction;
  const isOtherPacket = packet !== undefined && kind.packets !== undefined && !kind.packets.includes(packet);
  return isOtherWay || isOtherPacket ? `only ${applicablePackets(kind)} can be ${kind.fate}` : undefined;
}

/** The packets to which a fault can apply, such as "CONNECT, SUBSCRIBE and PUBLISH of a client". */
function applicablePackets({ packets, direction }: ReturnType<typeof packetFaultKind>): string {
  const names = packets?.map((packet) => packet.toUpperCase()) ?? ["packets"];
  const all = [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" and ");
  if (direction === undefined) return all;
  return `${all} of a ${direction === "in" ? "client" : "hub"}`;
}
