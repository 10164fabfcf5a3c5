/**
 * Fault schedules as data: they are drawn from a seed, put on the timeline of a world, and shrunk if they show a bug. A fault
 * waits for a certain state of the board's connection, so that rare states are tested as often as others.
 */
import type { PacketType } from "../mqtt/packet-types.ts";
import { type Random, seededRandom } from "../simulator/interpreter/random.ts";
import { requireOneOf, requireWhole } from "./arguments.ts";
import { CONNECTION_STATES, type ConnectionState } from "./connection-state.ts";
import {
  type DrawnValues,
  FAULT_KINDS,
  type FaultKind,
  kindLeadingTo,
  scheduledKind,
} from "./fault-kinds.ts";
import type { World } from "./world.ts";

/** The longest time that a fault waits for its state. After it the fault applies in any state. */
const WAIT_MS_MAX = 60_000;
const FOR_MS_MAX = 60_000;
const SIZE_MAX = 400;
const KIND_WIDTH = Math.max(...FAULT_KINDS.map(({ length }) => length));

export interface Fault extends DrawnValues {
  readonly kind: FaultKind;
  /** The time from which the fault waits for its state. */
  readonly atMs: number;
  readonly during: ConnectionState;
}

export interface Strike {
  readonly fault: Fault;
  readonly atMs: number;
  readonly state: ConnectionState;
}

export interface FaultDraw {
  readonly kinds: readonly FaultKind[];
  /** Types of the packets from the hub to which packet faults apply. */
  readonly cmds: readonly PacketType[];
  readonly countMin: number;
  readonly countMax: number;
  /** The time by which all faults have applied. */
  readonly untilMs: number;
}

/** Draws a schedule. The same seed gives the same faults. */
export function drawFaults(seed: number, draw: FaultDraw): Fault[] {
  requireDraw(draw);
  const random = seededRandom(seed);
  const count = draw.countMin + (random.nextUint32() % (draw.countMax - draw.countMin + 1));
  const states = CONNECTION_STATES.filter((state) => isReached(state, draw.kinds));
  const faults = Array.from({ length: count }, () => {
    const fault = {
      kind: pick(random, draw.kinds),
      atMs: random.nextUint32() % (draw.untilMs - WAIT_MS_MAX),
      during: pick(random, states),
      forMs: random.nextUint32() % FOR_MS_MAX,
      size: random.nextUint32() % SIZE_MAX,
      cmd: pick(random, draw.cmds),
    };
    const opener = kindLeadingTo(fault.during);
    return opener ? [{ ...fault, kind: opener, during: "idle" as const }, fault] : [fault];
  }).flat();
  return faults.sort((one, other) => one.atMs - other.atMs);
}

function requireDraw({ kinds, cmds, countMin, countMax, untilMs }: FaultDraw): void {
  for (const kind of kinds) requireOneOf("The kind of a fault", kind, FAULT_KINDS);
  requireWhole("The number of kinds", kinds.length, 1);
  requireWhole("The number of packet types", cmds.length, 1);
  requireWhole("countMin", countMin, 0);
  requireWhole("countMax", countMax, countMin);
  // Each fault may wait this long for its state.
  requireWhole("untilMs", untilMs, WAIT_MS_MAX + 1);
}

function isReached(state: ConnectionState, kinds: readonly FaultKind[]): boolean {
  const opener = kindLeadingTo(state);
  return opener === undefined || kinds.includes(opener);
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random.nextUint32() % items.length];
  if (item === undefined) throw new Error("The list is empty.");
  return item;
}

/** Puts the faults on the timeline of a world with one board. The result gets an entry when a fault is applied. */
export function playFaults(world: World, faults: readonly Fault[]): readonly Strike[] {
  const { board } = world;
  const strikes: Strike[] = [];
  const waiting = new Set<Fault>();
  const strike = (fault: Fault): void => {
    if (!waiting.delete(fault)) return;
    strikes.push({ fault, atMs: world.nowMs, state: board.connectionState });
    scheduledKind(fault.kind).strike(world, fault);
  };
  // Scheduled after the board's current code, because no fault happens within it.
  board.onChange = () => {
    for (const fault of waiting) {
      if (fault.during !== board.connectionState) continue;
      world.hub.runIn(0, () => {
        if (fault.during === board.connectionState) strike(fault);
      });
    }
  };
  for (const fault of faults) {
    world.hub.runIn(fault.atMs, () => {
      waiting.add(fault);
      if (fault.during === board.connectionState) strike(fault);
    });
    world.hub.runIn(fault.atMs + WAIT_MS_MAX, () => strike(fault));
  }
  return strikes;
}

/**
 * Shrinks a failing schedule until no single fault can be left out. `fails` plays a schedule in a separate world. It is called
 * at most once for each fault that stays and twice for each that is removed.
 */
export function shrinkFaults(
  faults: readonly Fault[],
  fails: (faults: readonly Fault[]) => boolean,
): Fault[] {
  let left = [...faults];
  for (let at = left.length - 1; at >= 0; at--) {
    const fewer = left.filter((_, index) => index !== at);
    if (fails(fewer)) left = fewer;
  }
  return left;
}

export function formatFault({ kind, atMs, during, forMs, size, cmd }: Fault): string {
  return `${kind} (${during}, from ${(atMs / 1000).toFixed(3)} s, ${forMs} ms, ${size}, ${cmd})`;
}

/** Counts how often each kind of fault was applied in each connection state. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  add(strikes: readonly Strike[]): void {
    for (const { fault, state } of strikes) {
      const pair = `${fault.kind}\0${state}`;
      this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + 1);
    }
  }

  count(kind: FaultKind, state: ConnectionState): number {
    return this.#counts.get(`${kind}\0${state}`) ?? 0;
  }

  /** Pairs of kind and state that never occurred. */
  missing(kinds: readonly FaultKind[], states: readonly ConnectionState[]): string[] {
    return kinds.flatMap((kind) =>
      states.filter((state) => this.count(kind, state) === 0).map((state) => `${kind} while ${state}`),
    );
  }

  /** A table with a row for each kind and a column for each state. */
  table(kinds: readonly FaultKind[], states: readonly ConnectionState[]): string {
    const rows = kinds.map((kind) => {
      const cells = states.map((state) => String(this.count(kind, state)).padStart(state.length));
      return `${kind.padEnd(KIND_WIDTH)} ${cells.join("  ")}`;
    });
    return [`${"".padEnd(KIND_WIDTH)} ${states.join("  ")}`, ...rows].join("\n");
  }
}
