/** Sweeps: one fault at every place of a scenario at which it can apply. */
import {
  PACKET_FAULT_ACTIONS,
  type PACKET_FAULTS,
  type PacketFault,
  type PacketFaultAction,
} from "../broker/packet-fault.ts";
import { MotekitError } from "../errors.ts";
import type { Direction, PacketType } from "../mqtt/packet-types.ts";
import { requireOneOf } from "./arguments.ts";
import { BYTE_FAULTS, type ByteFault, type PowerCut } from "./board-faults.ts";
import { type Duration, milliseconds } from "./duration.ts";
import type { VirtualBoard } from "./virtual-board.ts";
import type { VirtualHub } from "./virtual-hub.ts";

/** The part of a world that a sweep uses. */
export interface SweptWorld<World> {
  readonly hub: VirtualHub;
  /** The first board. */
  readonly board: VirtualBoard;
  readonly violations: readonly string[];
  fork(options: { readonly onBoard?: (board: VirtualBoard) => void }): World;
  report(): string;
  close(): void;
}

/** A test that boots a board in a new world, lets time pass, and throws if it observes a fault of the firmware. */
type ScenarioIn<World> = (world: World) => void | Promise<void>;

type Parameters<Action extends PacketFaultAction> = (typeof PACKET_FAULTS)[Action]["parameters"];

/** A packet fault with its parameters. The time of a delay is in `by`, as a duration. */
type SweptPacketFault = {
  [Action in PacketFaultAction]: { readonly fault: Action } & ("delayMs" extends keyof Parameters<Action>
    ? { readonly by: Duration }
    : unknown) &
    Omit<Pick<PacketFault, keyof Parameters<Action> & keyof PacketFault>, "delayMs">;
}[PacketFaultAction];

export type SweepFault =
  /** After each byte of the first connection in that direction. */
  | ({ readonly at: "byte" } & ByteFault)
  /** At each packet of a type, by default from the hub (`out`). */
  | ({ readonly at: "packet"; readonly cmd: PacketType; readonly direction?: Direction } & SweptPacketFault)
  /** In each write to flash. `afterBytes` is the number of its bytes that are stored (0 by default). */
  | ({ readonly at: "write"; readonly fault: "power cut" } & Pick<PowerCut, "afterBytes"> &
      Required<Pick<PowerCut, "offFor">>)
  /** In the code of each timer and in each chunk of a socket. */
  | { readonly at: "event"; readonly fault: "out of memory" };

/** Puts the fault at one place of a world before its start. */
interface Placed {
  readonly onBoard?: (board: VirtualBoard) => void;
  readonly prepare?: (world: { readonly hub: VirtualHub }) => void;
}

function placeFault(fault: SweepFault, place: number): Placed {
  if (fault.at === "write") {
    const { afterBytes = 0, offFor } = fault;
    return { onBoard: (board) => board.powerCut({ inWrite: place, afterBytes, offFor }) };
  }
  if (fault.at === "event") return { onBoard: (board) => board.exhaustMemory({ inEvent: place }) };
  if (fault.at === "packet") {
    const { cmd, direction = "out" } = fault;
    return { prepare: ({ hub }) => hub.inject({ cmd, direction, nth: place }, packetFaultOf(fault)) };
  }
  return { onBoard: (board) => board.injectAtByte(fault, place) };
}

function packetFaultOf(swept: Extract<SweepFault, { at: "packet" }>): PacketFault {
  const { at: _at, cmd: _cmd, direction: _direction, fault: action, ...rest } = swept;
  if (!("by" in rest)) return { action, ...rest };
  const { by, ...parameters } = rest;
  return { action, delayMs: milliseconds(by), ...parameters };
}

/** Counts the places of a run without faults, after its end. */
function countPlaces(fault: SweepFault): Placed & {
  readonly count: (world: { readonly hub: VirtualHub; readonly board: VirtualBoard }) => number;
} {
  if (fault.at === "packet") {
    return { count: ({ hub }) => hub.hub.faults.count(fault.direction ?? "out", fault.cmd) };
  }
  if (fault.at === "event") return { count: ({ board }) => board.eventCount };
  if (fault.at === "byte") return { count: ({ board }) => board.traffic[fault.direction ?? "up"] };
  let writes = 0;
  return {
    onBoard: ({ storage }) => {
      storage.flash.failPower = () => {
        writes++;
        return undefined;
      };
    },
    count: () => writes,
  };
}

async function play<World extends SweptWorld<World>>(
  template: World,
  scenario: ScenarioIn<World>,
  { onBoard, prepare }: Placed,
  name: string,
): Promise<World> {
  const world = template.fork(onBoard ? { onBoard } : {});
  prepare?.(world);
  try {
    await scenario(world);
  } catch (cause) {
    throw failure(name, world, (cause as Error).message, cause);
  } finally {
    world.close();
  }
  const [violation] = world.violations;
  if (violation !== undefined) throw failure(name, world, violation);
  return world;
}

function failure(name: string, world: { report(): string }, what: string, cause?: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK2006",
      message: `${name}: ${what}\n${world.report()}`,
      remedy: "Play the scenario with this fault only, and read the last frames.",
    },
    { cause },
  );
}

/** The faults of a sweep, by the kind of place. */
const SWEPT: Readonly<Record<SweepFault["at"], readonly SweepFault["fault"][]>> = {
  byte: Object.keys(BYTE_FAULTS) as ByteFault["fault"][],
  packet: PACKET_FAULT_ACTIONS,
  write: ["power cut"],
  event: ["out of memory"],
};

export async function sweepPlaces<World extends SweptWorld<World>>(
  template: World,
  scenario: ScenarioIn<World>,
  fault: SweepFault,
): Promise<number> {
  requireOneOf("The place of a fault", fault.at, Object.keys(SWEPT));
  requireOneOf(`The fault at each ${fault.at}`, fault.fault, SWEPT[fault.at]);
  const counter = countPlaces(fault);
  const places = counter.count(await play(template, scenario, counter, "Without a fault"));
  for (let place = 1; place <= places; place++) {
    const at = fault.at === "packet" ? `${fault.cmd} ${place}` : `${fault.at} ${place}`;
    await play(template, scenario, placeFault(fault, place), `${fault.fault} at ${at} of ${places}`);
  }
  return places;
}
