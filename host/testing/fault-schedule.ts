/**
 * Schedules of faults, as data: drawn from a seed, put on the timeline of a world, and shrunk where they show a bug. A
 * fault strikes when the board is in a certain state of its connection, so that rare states are met as often as others.
 */
import type { PacketCmd } from "mqtt-packet";
import { type Random, seededRandom } from "../simulator/interpreter/random.ts";
import { requireOneOf, requireWhole } from "./arguments.ts";
import { CONNECTION_STATES, type ConnectionState } from "./connection-state.ts";
import type { VirtualBoard } from "./virtual-board.ts";
import type { World } from "./world.ts";

/** A fault that waits for a state strikes after so long in whichever there is. */
const WAIT_MS_MAX = 60_000;
const FOR_MS_MAX = 60_000;
const SIZE_MAX = 400;
const POWER_OFF_MS = 500;
/**
 * Eight of them, a `connect` that freezes and the period of the watchdog's kicks stay below its time-out, so that a board
 * without persistence has to lose nothing.
 */
const CLOCK_BACK_MS_MAX = 3_000;
/** Up to ten minutes. */
const CLOCK_FAR_FACTOR = 10;
const NAME_LENGTH_MAX = 50;
/** Of flash, for a record: the old file's name, the header, and the content in whole words and a rest; and none more. */
const RECORD_WRITES = 5;
const RECORD_BYTES = 300;
const SLOW_MS_MAX = 3_000;
const SPLIT_MS_MAX = 5_000;
const LATE_MS_MAX = 20_000;
const LOSS_RATE = 0.2;
const LATENCY_MS = 2;
const JITTER_MS = 8;

export const FAULT_KINDS = [
  "cut",
  "half-open",
  "cut at a byte",
  "half-open at a byte",
  "split",
  "small chunks",
  "slow network",
  "segments lost",
  "refused",
  "black hole",
  "DNS failure",
  "Wi-Fi down",
  "no DHCP",
  "hub silent",
  "hub restarts",
  "hub forgets",
  "taken over",
  "packet lost",
  "packet doubled",
  "packet late",
  "power cut",
  "power cut in a write",
  "power cut while configured",
  "clock forward",
  "clock back",
  "clock far back",
] as const;
const KIND_WIDTH = Math.max(...FAULT_KINDS.map(({ length }) => length));
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** From then on it waits for the state. */
  readonly atMs: number;
  readonly during: ConnectionState;
  /** How long what lasts will last; also how late, how far. */
  readonly forMs: number;
  /** Bytes, writes, or another number of the fault's. */
  readonly size: number;
  /** Of faults of a packet: the next of this type that comes from the hub. */
  readonly cmd: PacketCmd;
}

export interface Strike {
  readonly fault: Fault;
  readonly atMs: number;
  readonly state: ConnectionState;
}

export interface FaultDraw {
  readonly kinds: readonly FaultKind[];
  /** Types of packets from the hub that may meet a fault. */
  readonly cmds: readonly PacketCmd[];
  readonly countMin: number;
  readonly countMax: number;
  /** All have struck by then. */
  readonly untilMs: number;
}

/** The same faults for the same seed. */
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
    const opener = OPENERS[fault.during];
    return opener ? [{ ...fault, kind: opener, during: "idle" as const }, fault] : [fault];
  }).flat();
  return faults.sort((one, other) => one.atMs - other.atMs);
}

function requireDraw({ kinds, cmds, countMin, countMax, untilMs }: FaultDraw): void {
  for (const kind of kinds) requireOneOf("The kind of a fault", kind, FAULT_KINDS);
  requireWhole("The number of kinds", kinds.length, 1);
  requireWhole("The number of types of packets", cmds.length, 1);
  requireWhole("countMin", countMin, 0);
  requireWhole("countMax", countMax, countMin);
  // Each waits so long for its state.
  requireWhole("untilMs", untilMs, WAIT_MS_MAX + 1);
}

/** What comes before a fault, so that the board comes by its state. */
const OPENERS: Readonly<Partial<Record<ConnectionState, FaultKind>>> = {
  off: "power cut",
  "without network": "Wi-Fi down",
  "without connection": "cut",
  connecting: "cut",
  "awaiting CONNACK": "cut",
  subscribing: "cut",
};

function isReached(state: ConnectionState, kinds: readonly FaultKind[]): boolean {
  const opener = OPENERS[state];
  return opener === undefined || kinds.includes(opener);
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random.nextUint32() % items.length];
  if (item === undefined) throw new Error("Nothing to pick from.");
  return item;
}

/** Puts the faults on the timeline of a world with one board. The result grows as they strike. */
export function playFaults(world: World, faults: readonly Fault[]): readonly Strike[] {
  const { board } = world;
  const strikes: Strike[] = [];
  const waiting = new Set<Fault>();
  const strike = (fault: Fault): void => {
    if (!waiting.delete(fault)) return;
    strikes.push({ fault, atMs: world.nowMs, state: board.connectionState });
    HARMS[fault.kind](world, fault);
  };
  // Later than what the board is doing, for no fault comes from within it.
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

const HARMS: Readonly<Record<FaultKind, (world: World, fault: Fault) => void>> = {
  cut: ({ network }) => network.cut(),
  "half-open": ({ network }) => network.sever(),
  "cut at a byte": ({ network }, { size, forMs }) => network.cut({ afterBytes: size, ...directionOf(forMs) }),
  "half-open at a byte": ({ network }, { size, forMs }) =>
    network.sever({ afterBytes: size, ...directionOf(forMs) }),
  split: ({ network }, { size, forMs }) =>
    network.split(size + 1, forMs % SPLIT_MS_MAX, directionOf(forMs).direction),
  "small chunks": ({ network, hub }, { size, forMs }) => {
    network.chunkBytesMax(1 + (size % 7));
    hub.runIn(forMs, () => network.chunkBytesMax(undefined));
  },
  "slow network": ({ network, hub }, { size, forMs }) => {
    network.latency((size * 10) % SLOW_MS_MAX, JITTER_MS);
    hub.runIn(forMs, () => network.latency(LATENCY_MS, JITTER_MS));
  },
  "segments lost": ({ network, hub }, { forMs }) => {
    network.loss(LOSS_RATE);
    hub.runIn(forMs, () => network.loss(0));
  },
  refused: ({ network }, { forMs }) => {
    network.refuse(forMs);
    network.cut();
  },
  "black hole": ({ network }, { forMs }) => {
    network.blackHole(forMs);
    network.cut();
  },
  "DNS failure": ({ network }, { forMs }) => {
    network.dnsFailure(forMs);
    network.cut();
  },
  "Wi-Fi down": ({ wifi, board }, { forMs }) => {
    for (const ssid of board.networks) wifi.down(ssid, forMs);
  },
  "no DHCP": ({ wifi, board }, { forMs }) => {
    for (const ssid of board.networks) {
      wifi.dhcpFailure(ssid, forMs);
      wifi.down(ssid, forMs / 2);
    }
  },
  "hub silent": ({ hub }, { forMs }) => hub.goSilent(forMs),
  "hub restarts": ({ hub }, { forMs }) => hub.restart({ keepsState: true, away: forMs }),
  "hub forgets": ({ hub }, { forMs }) => hub.restart({ keepsState: false, away: forMs }),
  "taken over": ({ hub, board }) => hub.takeOver(board.deviceId),
  "packet lost": ({ hub }, { cmd }) => hub.drop({ cmd }),
  "packet doubled": ({ hub }, { cmd }) => hub.double({ cmd }),
  "packet late": ({ hub }, { cmd, forMs }) => hub.delay({ cmd }, forMs % LATE_MS_MAX),
  "power cut": ({ board }) => board.powerCut({ offFor: POWER_OFF_MS }),
  "power cut in a write": ({ board }, { size }) =>
    board.powerCut({ inWrite: 1 + (size % 20), afterBytes: size % 40, offFor: POWER_OFF_MS }),
  "power cut while configured": ({ board }, fault) =>
    board.lane.schedule(0, () => configureInPowerCut(board, fault)),
  "clock forward": ({ board }, { forMs }) => board.jumpClock(forMs),
  "clock back": ({ board }, { forMs }) => board.jumpClock(forMs % CLOCK_BACK_MS_MAX, "back"),
  "clock far back": ({ board }, { forMs }) => board.jumpClock(CLOCK_FAR_FACTOR * forMs, "back"),
};

/**
 * The hub sees by the keep alive which configuration the board has. Each record has another length than the one before,
 * so that a header that was torn does not fit the next file's. A board that is frozen does it when it runs again.
 */
function configureInPowerCut(board: VirtualBoard, { size, forMs }: Fault): void {
  const { keepAliveSeconds } = board.settings;
  const changes = {
    keepAliveSeconds: keepAliveSeconds + board.configurationWrites.length + 1,
    name: "x".repeat(size % NAME_LENGTH_MAX),
  };
  const cut = { inWrite: 1 + (size % RECORD_WRITES), afterBytes: forMs % RECORD_BYTES, offFor: POWER_OFF_MS };
  board.configure(changes, cut);
}

function directionOf(number: number): { readonly direction: "up" | "down" } {
  return { direction: number % 2 ? "up" : "down" };
}

/**
 * The fewest of the faults with which it still fails: none of them can be left out alone. `fails` plays a schedule in a
 * world of its own; it is asked at most once for each fault that stays and twice for each that goes.
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

/** How often each kind of fault struck in each state of the connection. */
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

  /** Pairs that never met. */
  missing(kinds: readonly FaultKind[], states: readonly ConnectionState[]): string[] {
    return kinds.flatMap((kind) =>
      states.filter((state) => this.count(kind, state) === 0).map((state) => `${kind} while ${state}`),
    );
  }

  /** A row for each kind, a column for each state. */
  table(kinds: readonly FaultKind[], states: readonly ConnectionState[]): string {
    const rows = kinds.map((kind) => {
      const cells = states.map((state) => String(this.count(kind, state)).padStart(state.length));
      return `${kind.padEnd(KIND_WIDTH)} ${cells.join("  ")}`;
    });
    return [`${"".padEnd(KIND_WIDTH)} ${states.join("  ")}`, ...rows].join("\n");
  }
}
