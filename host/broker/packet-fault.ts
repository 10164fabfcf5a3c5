/**
 * The faults that can be injected into a single packet, in one table. The broker's gate, the hub's control channel, its
 * page, the mock hub, the virtual world's sweeps and its random schedules all derive from it: a new fault is a new entry.
 *
 * It imports nothing, because the page compiles it too.
 */

/** A packet that met a fault. Each call is safe after its connection has ended, and does nothing then. */
export interface Passage {
  /** The packet has its effect, or leaves. */
  pass(): void;
  /** The same after so long: the packets behind it overtake. It is lost if its connection ends before. */
  passLater(delayMs: number): void;
  /** A client's packet is handled, and what it asks for is refused as by a policy that forbids it. */
  passRefused(returnCode: number | undefined): void;
  /** Ends the connection. */
  cut(): void;
}

interface ParameterKind {
  /** Whole numbers from `least` to `most`. */
  readonly least: number;
  readonly most: number;
  /** What a form begins with. */
  readonly initial: number;
  /** Random schedules draw values below it; left out: up to `most`. */
  readonly drawnBelow?: number;
  /** The label of a form's field. */
  readonly label: string;
  /** What stands before and behind the value in a sentence. */
  readonly words: readonly [before: string, behind: string];
  /** It means something for packets of this type alone. */
  readonly onlyFor?: string;
}

export const FAULT_PARAMETERS = {
  delayMs: {
    least: 1,
    most: 10 * 60_000,
    initial: 3_000,
    drawnBelow: 20_000,
    label: "Delay, milliseconds",
    words: ["by", " ms"],
  },
  /** The return code of CONNACK [MQTT 3.1.1, table 3.1]; 3, "server unavailable", without it. */
  returnCode: {
    least: 1,
    most: 5,
    initial: 3,
    label: "With which return code",
    words: ["with code", ""],
    onlyFor: "connect",
  },
} as const satisfies Readonly<Record<string, ParameterKind>>;

export type FaultParameter = keyof typeof FAULT_PARAMETERS;
export const FAULT_PARAMETER_NAMES = Object.keys(FAULT_PARAMETERS) as FaultParameter[];

/** The values of a fault's parameters, by name. */
export type FaultParameters = { readonly [Name in FaultParameter]?: number | undefined };

interface PacketFaultKind {
  /** What became of a packet that it struck, as logs and the page's list of frames say it. */
  readonly fate: string;
  /** The name of the fault in a menu. */
  readonly label: string;
  /** The same in a sentence that goes on with the packet: "drop the next PUBLISH". */
  readonly verb: string;
  readonly parameters: { readonly [Name in FaultParameter]?: "required" | "optional" };
  /** `in`: it can strike packets from clients alone. Left out: both directions. */
  readonly direction?: "in" | "out";
  /** The types of packets that it can strike; left out: all. */
  readonly packets?: readonly string[];
  readonly strike: (passage: Passage, parameters: FaultParameters) => void;
}

export const PACKET_FAULTS = {
  drop: {
    fate: "dropped",
    label: "Drop",
    verb: "drop",
    parameters: {},
    strike: () => undefined,
  },
  double: {
    fate: "doubled",
    label: "Double",
    verb: "double",
    parameters: {},
    strike: (passage) => {
      passage.pass();
      passage.pass();
    },
  },
  delay: {
    fate: "delayed",
    label: "Delay",
    verb: "delay",
    parameters: { delayMs: "required" },
    strike: (passage, { delayMs = 0 }) => passage.passLater(delayMs),
  },
  /** The packet is lost, and its connection ends. */
  cut: {
    fate: "cut",
    label: "Cut the connection",
    verb: "cut the connection at",
    parameters: {},
    strike: (passage) => passage.cut(),
  },
  /**
   * CONNECT is answered by a return code, SUBSCRIBE by 0x80 for each topic filter that is refused, and a PUBLISH is dropped,
   * and acknowledged, as by a hub that forbids its topic.
   */
  refuse: {
    fate: "refused",
    label: "Refuse",
    verb: "refuse",
    parameters: { returnCode: "optional" },
    direction: "in",
    packets: ["connect", "subscribe", "publish"],
    strike: (passage, { returnCode }) => passage.passRefused(returnCode),
  },
} as const satisfies Readonly<Record<string, PacketFaultKind>>;

export type PacketFaultAction = keyof typeof PACKET_FAULTS;
export const PACKET_FAULT_ACTIONS = Object.keys(PACKET_FAULTS) as PacketFaultAction[];

/** What became of a packet that a fault struck. */
export type PacketFate = (typeof PACKET_FAULTS)[PacketFaultAction]["fate"];

/** A fault for a packet, with the values of its parameters. */
export interface PacketFault extends FaultParameters {
  readonly action: PacketFaultAction;
}

/** The table's entry, as all entries are declared. */
export function packetFaultKind(action: PacketFaultAction): PacketFaultKind & { readonly fate: PacketFate } {
  return PACKET_FAULTS[action];
}

export function parameterKind(name: FaultParameter): ParameterKind {
  return FAULT_PARAMETERS[name];
}

/** Whether a fault of this kind can strike packets of a type that go in a direction. */
export function canStrike(action: PacketFaultAction, cmd: string, direction: "in" | "out"): boolean {
  const kind = packetFaultKind(action);
  return (kind.direction ?? direction) === direction && (kind.packets?.includes(cmd) ?? true);
}

/**
 * The parameter that is missing, out of its bounds, or not one of this fault's. Undefined: the fault is whole. `unlimited`:
 * these have no upper bound.
 */
export function parameterProblem(
  fault: PacketFault,
  unlimited: readonly FaultParameter[] = [],
): { readonly parameter: FaultParameter; readonly problem: string } | undefined {
  const { parameters } = packetFaultKind(fault.action);
  for (const parameter of FAULT_PARAMETER_NAMES) {
    const value = fault[parameter];
    const { least, most: bound } = parameterKind(parameter);
    const most = unlimited.includes(parameter) ? Number.MAX_SAFE_INTEGER : bound;
    if (value === undefined) {
      if (parameters[parameter] === "required")
        return { parameter, problem: `the fault "${fault.action}" needs it` };
    } else if (parameters[parameter] === undefined) {
      return { parameter, problem: `the fault "${fault.action}" does not have it` };
    } else if (!Number.isSafeInteger(value) || value < least || value > most) {
      return { parameter, problem: `it is ${value}, and must be a whole number from ${least} to ${most}` };
    }
  }
  return undefined;
}
