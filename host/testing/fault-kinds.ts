/**
 * The table of the fault kinds from which random schedules are drawn: the effect of each on a world, the connection states
 * that it leads to, and whether the board restarts. The kinds for packets come from the table of packet faults.
 */
import {
  FAULT_PARAMETER_NAMES,
  type FaultParameters,
  PACKET_FAULT_ACTIONS,
  type PACKET_FAULTS,
  type PacketFault,
  type PacketFaultAction,
  packetFaultKind,
  parameterKind,
} from "../broker/packet-fault.ts";
import type { PacketType } from "../mqtt/packet-types.ts";
import type { ConnectionState } from "./connection-state.ts";
import type { VirtualBoard } from "./virtual-board.ts";
import type { World } from "./world.ts";

const POWER_OFF_MS = 500;
/**
 * Eight of them, a blocking `connect` and the period of the watchdog's kicks together stay below the watchdog's time-out, so
 * that a board without persistence need not lose anything.
 */
const CLOCK_BACK_MS_MAX = 3_000;
/** Limit of the duration of a fault: ten minutes. */
const CLOCK_FAR_FACTOR = 10;
const NAME_LENGTH_MAX = 50;
/** Number of writes to flash for a record: the old file's name, the header, the content's whole words, and the rest. */
const RECORD_WRITES = 5;
const RECORD_BYTES = 300;
const SLOW_MS_MAX = 3_000;
const SPLIT_MS_MAX = 5_000;
const LOSS_RATE = 0.2;
const LATENCY_MS = 2;
const JITTER_MS = 8;

/** The random values that are drawn for each fault of any kind. */
export interface DrawnValues {
  /** The duration of the fault, its delay, or the size of a clock jump. */
  readonly forMs: number;
  /** A number of bytes or writes, or another number of the fault. */
  readonly size: number;
  /** The packet type of a packet fault, which applies to the next such packet from the hub. */
  readonly cmd: PacketType;
}

interface ScheduledKind {
  /** Connection states that this fault leads to. It is put before a fault that waits for one of them. */
  readonly leadsTo?: readonly ConnectionState[];
  /** True if the board restarts, so that an app without persistence may lose accepted messages. */
  readonly restarts?: true;
  readonly strike: (world: World, values: DrawnValues) => void;
}

const CONNECTION_KINDS = {
  cut: {
    leadsTo: ["without connection", "connecting", "awaiting CONNACK", "subscribing"],
    strike: ({ network }) => network.cut(),
  },
  "half-open": { strike: ({ network }) => network.sever() },
  "cut at a byte": {
    strike: ({ network }, { size, forMs }) => network.cut({ afterBytes: size, ...directionOf(forMs) }),
  },
  "half-open at a byte": {
    strike: ({ network }, { size, forMs }) => network.sever({ afterBytes: size, ...directionOf(forMs) }),
  },
  split: {
    strike: ({ network }, { size, forMs }) =>
      network.split(size + 1, forMs % SPLIT_MS_MAX, directionOf(forMs).direction),
  },
  "small chunks": {
    strike: ({ network, hub }, { size, forMs }) => {
      network.chunkBytesMax(1 + (size % 7));
      hub.runIn(forMs, () => network.chunkBytesMax(undefined));
    },
  },
  "slow network": {
    strike: ({ network, hub }, { size, forMs }) => {
      network.latency((size * 10) % SLOW_MS_MAX, JITTER_MS);
      hub.runIn(forMs, () => network.latency(LATENCY_MS, JITTER_MS));
    },
  },
  "segments lost": {
    strike: ({ network, hub }, { forMs }) => {
      network.loss(LOSS_RATE);
      hub.runIn(forMs, () => network.loss(0));
    },
  },
  refused: {
    strike: ({ network }, { forMs }) => {
      network.refuse(forMs);
      network.cut();
    },
  },
  "black hole": {
    strike: ({ network }, { forMs }) => {
      network.blackHole(forMs);
      network.cut();
    },
  },
  "DNS failure": {
    strike: ({ network }, { forMs }) => {
      network.dnsFailure(forMs);
      network.cut();
    },
  },
  "Wi-Fi down": {
    leadsTo: ["without network"],
    strike: ({ wifi, board }, { forMs }) => {
      for (const ssid of board.networks) wifi.down(ssid, forMs);
    },
  },
  "no DHCP": {
    strike: ({ wifi, board }, { forMs }) => {
      for (const ssid of board.networks) {
        wifi.dhcpFailure(ssid, forMs);
        wifi.down(ssid, forMs / 2);
      }
    },
  },
} as const satisfies Readonly<Record<string, ScheduledKind>>;

const HUB_KINDS = {
  "hub silent": { strike: ({ hub }, { forMs }) => hub.goSilent(forMs) },
  "hub restarts": { strike: ({ hub }, { forMs }) => hub.restart({ keepsState: true, away: forMs }) },
  "hub forgets": { strike: ({ hub }, { forMs }) => hub.restart({ keepsState: false, away: forMs }) },
  "taken over": { strike: ({ hub, board }) => hub.takeOver(board.deviceId) },
} as const satisfies Readonly<Record<string, ScheduledKind>>;

/** The packet faults, which apply to packets from the hub. */
type ScheduledAction = {
  [Action in PacketFaultAction]: (typeof PACKET_FAULTS)[Action] extends
    | { readonly direction: "in" }
    | { readonly packets: readonly string[] }
    ? never
    : Action;
}[PacketFaultAction];
type PacketKind = `packet ${(typeof PACKET_FAULTS)[ScheduledAction]["fate"]}`;

const PACKET_KINDS = Object.fromEntries(
  PACKET_FAULT_ACTIONS.map((action) => ({ action, ...packetFaultKind(action) }))
    .filter(({ direction, packets }) => direction !== "in" && packets === undefined)
    .map(({ action, fate }): [string, ScheduledKind] => [
      `packet ${fate}`,
      { strike: ({ hub }, values) => hub.inject({ cmd: values.cmd }, drawnFault(action, values)) },
    ]),
) as Readonly<Record<PacketKind, ScheduledKind>>;

const POWER_KINDS = {
  "power cut": {
    leadsTo: ["off"],
    restarts: true,
    strike: ({ board }) => board.powerCut({ offFor: POWER_OFF_MS }),
  },
  "power cut in a write": {
    restarts: true,
    strike: ({ board }, { size }) =>
      board.powerCut({ inWrite: 1 + (size % 20), afterBytes: size % 40, offFor: POWER_OFF_MS }),
  },
  "power cut while configured": {
    restarts: true,
    strike: ({ board }, values) => board.lane.schedule(0, () => configureInPowerCut(board, values)),
  },
} as const satisfies Readonly<Record<string, ScheduledKind>>;

const CLOCK_KINDS = {
  "clock forward": { strike: ({ board }, { forMs }) => board.jumpClock(forMs) },
  "clock back": { strike: ({ board }, { forMs }) => board.jumpClock(forMs % CLOCK_BACK_MS_MAX, "back") },
  "clock far back": {
    // Timers stop until the watchdog restarts the board.
    restarts: true,
    strike: ({ board }, { forMs }) => board.jumpClock(CLOCK_FAR_FACTOR * forMs, "back"),
  },
} as const satisfies Readonly<Record<string, ScheduledKind>>;

const SCHEDULED = { ...CONNECTION_KINDS, ...HUB_KINDS, ...PACKET_KINDS, ...POWER_KINDS, ...CLOCK_KINDS };

export type FaultKind = keyof typeof SCHEDULED;
/** The order matters: it determines which faults are drawn for a seed. */
export const FAULT_KINDS = Object.keys(SCHEDULED) as FaultKind[];
/** The kinds after which the board restarts, so that an app without persistence may lose accepted messages. */
export const RESTARTING_KINDS = FAULT_KINDS.filter((kind) => scheduledKind(kind).restarts);

export function scheduledKind(kind: FaultKind): ScheduledKind {
  return SCHEDULED[kind];
}

/** The fault that leads to a connection state. It is put before a fault that waits for the state. */
export function kindLeadingTo(state: ConnectionState): FaultKind | undefined {
  return FAULT_KINDS.find((kind) => scheduledKind(kind).leadsTo?.includes(state));
}

/** A packet fault with a value for each of its parameters. */
function drawnFault(action: PacketFaultAction, { forMs }: DrawnValues): PacketFault {
  const { parameters } = packetFaultKind(action);
  const values: FaultParameters = Object.fromEntries(
    FAULT_PARAMETER_NAMES.filter((name) => parameters[name] !== undefined).map((name) => {
      const { least, most, drawnBelow = most + 1 } = parameterKind(name);
      return [name, least + (forMs % (drawnBelow - least))];
    }),
  );
  return { action, ...values };
}

/**
 * The keep alive identifies the configuration at the hub. Each record differs in length from the previous one, so that a
 * torn header does not match the next file. A frozen board is configured when it runs again.
 */
function configureInPowerCut(board: VirtualBoard, { size, forMs }: DrawnValues): void {
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
