/** One fault at every place of a scenario where it can strike. */
import type { PacketCmd } from "mqtt-packet";
import type { Direction } from "../broker/packet-gate.ts";
import { MotekitError } from "../errors.ts";
import type { StreamDirection } from "../simulator/world/virtual-network.ts";
import { requireOneOf } from "./arguments.ts";
import type { Duration } from "./duration.ts";
import type { VirtualBoard } from "./virtual-board.ts";
import type { World } from "./world.ts";

/** Boots a board in a fresh world, lets time pass, and throws where what it sees is wrong. */
export type Scenario = (world: World) => void | Promise<void>;

export type SweepFault =
  /** After each byte that the first connection carries that way (`up`, to the hub, by default). */
  | { readonly at: "byte"; readonly fault: "cut" | "sever"; readonly direction?: StreamDirection }
  /** The chunk ends there, and the rest comes after the pause. */
  | {
      readonly at: "byte";
      readonly fault: "split";
      readonly pause: Duration;
      readonly direction?: StreamDirection;
    }
  /** Each packet of a type, from the hub (`out`) by default. */
  | {
      readonly at: "packet";
      readonly fault: "drop" | "double";
      readonly cmd: PacketCmd;
      readonly direction?: Direction;
    }
  | {
      readonly at: "packet";
      readonly fault: "delay";
      readonly cmd: PacketCmd;
      readonly by: Duration;
      readonly direction?: Direction;
    }
  /** Power fails in each write to flash, of which so many bytes come to lie there (none by default). */
  | {
      readonly at: "write";
      readonly fault: "power cut";
      readonly afterBytes?: number;
      readonly offFor: Duration;
    }
  /** Memory runs out in each timer's code and each piece of data that a socket brings. */
  | { readonly at: "event"; readonly fault: "out of memory" };

/** Puts the fault at a place of a world that is about to begin. */
interface Placed {
  readonly onBoard?: (board: VirtualBoard) => void;
  readonly prepare?: (world: World) => void;
}

function placeFault(fault: SweepFault, place: number): Placed {
  if (fault.at === "write") {
    const { afterBytes = 0, offFor } = fault;
    return { onBoard: (board) => board.powerCut({ inWrite: place, afterBytes, offFor }) };
  }
  if (fault.at === "event") return { onBoard: (board) => board.exhaustMemory({ inEvent: place }) };
  if (fault.at === "packet") {
    const { cmd, direction = "out" } = fault;
    const choice = { cmd, direction, nth: place };
    return {
      prepare: ({ hub }) =>
        fault.fault === "delay" ? hub.delay(choice, fault.by) : hub[fault.fault](choice),
    };
  }
  return { onBoard: (board) => board.harmConnection(fault, place) };
}

/** Counts the places of an undisturbed run, once it is over. */
function countPlaces(fault: SweepFault): Placed & { readonly count: (world: World) => number } {
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

async function play(
  template: World,
  scenario: Scenario,
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

function failure(name: string, world: World, what: string, cause?: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK2006",
      message: `${name}: ${what}\n${world.report()}`,
      remedy: "Play the scenario with this fault alone, and look at the last frames.",
    },
    { cause },
  );
}

/** The faults that a sweep knows, by the places that it tries. */
const SWEPT: Readonly<Record<SweepFault["at"], readonly SweepFault["fault"][]>> = {
  byte: ["cut", "sever", "split"],
  packet: ["drop", "double", "delay"],
  write: ["power cut"],
  event: ["out of memory"],
};

export async function sweepPlaces(template: World, scenario: Scenario, fault: SweepFault): Promise<number> {
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
