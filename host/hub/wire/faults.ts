/** The faults that a person injects into the packets of a hub: for the next few, or as a rule until it is taken away. */
import { canStrike, packetFaultKind } from "../../broker/packet-fault.ts";
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

  /** @throws MotekitError MK1460 it could never strike, MK1461 there are too many. */
  add(request: FaultRequest): Fault {
    const contradiction = contradictionIn(request);
    if (contradiction !== undefined) {
      throw new MotekitError({
        code: "MK1460",
        message: `The fault could never strike: ${contradiction}.`,
        remedy: "Change what it is for.",
      });
    }
    if (this.#faults.length === FAULTS_MAX) {
      throw new MotekitError({
        code: "MK1461",
        message: `The hub has ${FAULTS_MAX} faults already.`,
        remedy: "Take some away.",
      });
    }
    const fault = { ...request, id: ++this.#count, struck: 0 };
    this.#faults = [...this.#faults, fault];
    this.#onChange();
    return fault;
  }

  /** One that is not there is taken away already. */
  remove(id: number): void {
    this.#faults = this.#faults.filter((fault) => fault.id !== id);
    this.#onChange();
  }

  /** The fault that strikes the packet; it counts it. Undefined: it passes. */
  meet(connection: GatedConnection, gated: GatedPacket, isOwn: boolean): Fault | undefined {
    if (this.#faults.length === 0) return undefined;
    const clientId = clientIdOf(connection, gated);
    const fault = this.#faults.find((each) => strikes(each, gated, clientId, isOwn));
    if (!fault) return undefined;
    const struck = { ...fault, struck: fault.struck + 1 };
    const isOver = fault.times !== undefined && struck.struck >= fault.times;
    this.#faults = isOver
      ? this.#faults.filter((each) => each !== fault)
      : this.#faults.map((each) => (each === fault ? struck : each));
    this.#onChange();
    return fault;
  }
}

/** CONNECT says who its client is before the hub has accepted it. */
export function clientIdOf({ client }: GatedConnection, { packet }: GatedPacket): string {
  return client?.id ?? (packet.type === "connect" ? packet.clientIdentifier : "");
}

function strikes(
  fault: Fault,
  { direction, packet }: GatedPacket,
  clientId: string,
  isOwn: boolean,
): boolean {
  if (fault.clientId === undefined ? isOwn : fault.clientId !== clientId) return false;
  if (fault.direction !== "both" && fault.direction !== direction) return false;
  if (fault.packet !== undefined && fault.packet !== packet.type) return false;
  if (!canStrike(fault.action, packet.type, direction)) return false;
  return fault.topicFilter === undefined || topicsOf(packet).some((topic) => isFor(fault, topic));
}

/** Of topic filters it is for those whose topics are all its own. */
export function isFor({ topicFilter }: Fault, topic: string): boolean {
  return topicFilter === undefined || covers(topicFilter, topic);
}

/** A topic name, or topic filters. */
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
  return isOtherWay || isOtherPacket ? `only ${strickenBy(kind)} can be ${kind.fate}` : undefined;
}

/** Such as: CONNECT, SUBSCRIBE and PUBLISH of a client. */
function strickenBy({ packets, direction }: ReturnType<typeof packetFaultKind>): string {
  const names = packets?.map((packet) => packet.toUpperCase()) ?? ["packets"];
  const all = [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" and ");
  if (direction === undefined) return all;
  return `${all} of a ${direction === "in" ? "client" : "hub"}`;
}
