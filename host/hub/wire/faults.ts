/** The faults that a person injects into the packets of a hub: for the next few, or as a rule until it is taken away. */
import { canStrike, packetFaultKind } from "../../broker/packet-fault.ts";
import type { GatedConnection, GatedPacket } from "../../broker/packet-gate.ts";
import type { Fault, FaultRequest } from "../../control/wire-events.ts";
import { MotekitError } from "../../errors.ts";
import { covers } from "../devices/topic-filters.ts";

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
  return client?.id ?? (packet.cmd === "connect" ? packet.clientId : "");
}

function strikes(
  fault: Fault,
  { direction, packet }: GatedPacket,
  clientId: string,
  isOwn: boolean,
): boolean {
  if (fault.clientId === undefined ? isOwn : fault.clientId !== clientId) return false;
  if (fault.direction !== "both" && fault.direction !== direction) return false;
  if (fault.packet !== undefined && fault.packet !== packet.cmd) return false;
  if (!canStrike(fault.action, packet.cmd, direction)) return false;
  return fault.topicFilter === undefined || topicsOf(packet).some((topic) => isFor(fault, topic));
}

/** Of topic filters it is for those whose topics are all its own. */
export function isFor({ topicFilter }: Fault, topic: string): boolean {
  return topicFilter === undefined || covers(topicFilter, topic);
}

/** A topic name, or topic filters. */
function topicsOf(packet: GatedPacket["packet"]): readonly string[] {
  switch (packet.cmd) {
    case "publish":
      return [packet.topic];
    case "subscribe":
      return packet.subscriptions.map(({ topic }) => topic);
    case "unsubscribe":
      return packet.unsubscriptions;
    default:
      return [];
  }
}

/** Which packets go one way alone. */
const FROM_CLIENT: ReadonlySet<string> = new Set([
  "connect",
  "subscribe",
  "unsubscribe",
  "pingreq",
  "disconnect",
]);
const WITH_TOPICS: ReadonlySet<string> = new Set(["publish", "subscribe", "unsubscribe"]);
const FROM_HUB: ReadonlySet<string> = new Set(["connack", "suback", "unsuback", "pingresp"]);

function contradictionIn(request: FaultRequest): string | undefined {
  const { action, direction, packet, topicFilter } = request;
  if (packet !== undefined && direction === "out" && FROM_CLIENT.has(packet))
    return `a hub never sends ${packet.toUpperCase()}`;
  if (packet !== undefined && direction === "in" && FROM_HUB.has(packet))
    return `a client never sends ${packet.toUpperCase()}`;
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
