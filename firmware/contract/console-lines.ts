/**
 * Lines that a device prints on its console for machines to read, among the free text of the app:
 *
 *     ~mk <kind> <detail>
 *
 * `detail` is one line of text for people, whose first word is of the kind's vocabulary where it has one.
 */
export type ConsoleKind =
  /** Firmware started: the device ID. */
  | "boot"
  /** The network stands. */
  | "network"
  /** CONNACK accepted: host:port. */
  | "connected"
  /** The connection ended: why. */
  | "disconnected"
  /** The app's own word. */
  | "log"
  /** Something went wrong: what. */
  | "error"
  /** A pin was written (printed by the simulator): name and level. */
  | "pin";

export interface ConsoleLine {
  readonly kind: ConsoleKind;
  readonly detail: string;
}

const MARK = "~mk ";

export function formatConsoleLine(kind: ConsoleKind, detail: string): string {
  return MARK + kind + " " + detail;
}

/** Undefined where the line is free text. */
export function parseConsoleLine(line: string): ConsoleLine | undefined {
  if (!line.startsWith(MARK)) return undefined;
  const rest = line.substring(MARK.length);
  const space = rest.indexOf(" ");
  return space < 0
    ? { kind: rest as ConsoleKind, detail: "" }
    : { kind: rest.substring(0, space) as ConsoleKind, detail: rest.substring(space + 1) };
}
