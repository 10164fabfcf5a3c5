/**
 * The table of faults that can be injected into a single packet. The broker's gate, the hub's control channel, its page, the
 * mock hub, and the sweeps and random schedules of the virtual world all derive from it. A new fault is a new entry.
 *
 * It imports nothing, because the page compiles it too.
 */

/** A packet into which a fault is injected. After its connection has ended, each call does nothing. */
export interface Passage {
  /** Lets the packet have its effect, or leave. */
  pass(): void;
  /** Lets it pass after a delay; later packets overtake it. It is lost if its connection ends before. */
  passLater(delayMs: number): void;
  /** Handles a client's packet, but refuses what it asks for, as a policy that forbids it would. */
  passRefused(returnCode: number | undefined): void;
  /** Ends the connection. */
  cut(): void;
}

interface ParameterKind {
  /** The smallest and the largest value; values are integers. */
  readonly least: number;
  readonly most: number;
  /** The initial value in a form. */
  readonly initial: number;
  /** The exclusive limit on values in random schedules. If undefined, they go up to `most`. */
  readonly drawnBelow?: number;
  /** The label of a form's field. */
  readonly label: string;
  /** The words before and after the value in a sentence. */
  readonly words: readonly [before: string, behind: string];
  /** The only packet type to which it applies. */
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
  /** The return code of CONNACK [MQTT 3.1.1, table 3.1]. The default is 3, "server unavailable". */
  returnCode: {
    least: 1,
    most: 5,
    initial: 3,
    label: "Return code",
    words: ["with code", ""],
    onlyFor: "connect",
  },
} as const satisfies Readonly<Record<string, ParameterKind>>;

export type FaultParameter = keyof typeof FAULT_PARAMETERS;
export const FAULT_PARAMETER_NAMES = Object.keys(FAULT_PARAMETERS) as FaultParameter[];

/** The values of a fault's parameters, by name. */
export type FaultParameters = { readonly [Name in FaultParameter]?: number | undefined };

interface PacketFaultKind {
  /** What happened to the packet, in the words of logs and of the page's list of frames. */
  readonly fate: string;
  /** The name of the fault in a menu. */
  readonly label: string;
  /** The verb in a sentence such as "drop the next PUBLISH". */
  readonly verb: string;
  readonly parameters: { readonly [Name in FaultParameter]?: "required" | "optional" };
  /** `in`: it applies only to packets from clients. If undefined, it applies to both directions. */
  readonly direction?: "in" | "out";
  /** The packet types to which it applies. If undefined, it applies to all. */
  readonly packets?: readonly string[];
  readonly apply: (passage: Passage, parameters: FaultParameters) => void;
}

export const PACKET_FAULTS = {
  drop: {
    fate: "dropped",
    label: "Drop",
    verb: "drop",
    parameters: {},
    apply: () => undefined,
  },
  double: {
    fate: "doubled",
    label: "Double",
    verb: "double",
    parameters: {},
    apply: (passage) => {
      passage.pass();
      passage.pass();
    },
  },
  delay: {
    fate: "delayed",
    label: "Delay",
    verb: "delay",
    parameters: { delayMs: "required" },
    apply: (passage, { delayMs = 0 }) => passage.passLater(delayMs),
  },
  /** The packet is lost, and its connection ends. */
  cut: {
    fate: "cut",
    label: "Cut the connection",
    verb: "cut the connection at",
    parameters: {},
    apply: (passage) => passage.cut(),
  },
  /**
   * CONNECT is answered with a return code, SUBSCRIBE with 0x80 for each refused topic filter. PUBLISH is acknowledged and
   * dropped, as by a hub that forbids its topic.
   */
  refuse: {
    fate: "refused",
    label: "Refuse",
    verb: "refuse",
    parameters: { returnCode: "optional" },
    direction: "in",
    packets: ["connect", "subscribe", "publish"],
    apply: (passage, { returnCode }) => passage.passRefused(returnCode),
  },
} as const satisfies Readonly<Record<string, PacketFaultKind>>;

export type PacketFaultAction = keyof typeof PACKET_FAULTS;
export const PACKET_FAULT_ACTIONS = Object.keys(PACKET_FAULTS) as PacketFaultAction[];

/** What a fault did to a packet. */
export type PacketFate = (typeof PACKET_FAULTS)[PacketFaultAction]["fate"];

/** A fault of a packet, with the values of its parameters. */
export interface PacketFault extends FaultParameters {
  readonly action: PacketFaultAction;
}

/** The table's entry of a fault, typed as all entries are declared. */
export function packetFaultKind(action: PacketFaultAction): PacketFaultKind & { readonly fate: PacketFate } {
  return PACKET_FAULTS[action];
}

export function parameterKind(name: FaultParameter): ParameterKind {
  return FAULT_PARAMETERS[name];
}

/** Whether a fault of this kind can apply to packets of a type in a direction. */
export function canApply(action: PacketFaultAction, cmd: string, direction: "in" | "out"): boolean {
  const kind = packetFaultKind(action);
  return (kind.direction ?? direction) === direction && (kind.packets?.includes(cmd) ?? true);
}

/**
 * Returns the parameter that is missing, out of bounds, or not a parameter of this fault, or undefined if the fault is valid.
 * Parameters in `unlimited` have no upper bound.
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
        return { parameter, problem: `the fault "${fault.action}" requires it` };
    } else if (parameters[parameter] === undefined) {
      return { parameter, problem: `the fault "${fault.action}" has no such parameter` };
    } else if (!Number.isSafeInteger(value) || value < least || value > most) {
      return { parameter, problem: `it is ${value}, but must be an integer from ${least} to ${most}` };
    }
  }
  return undefined;
}
