/** Chooses the serial port of a command if exactly one is likely to be a board. */
import { MotekitError } from "../errors.ts";

export interface SerialPortInfo {
  /** The name by which it is opened, such as `/dev/ttyUSB0` or `COM3`. */
  readonly name: string;
  /** Four lower-case hexadecimal digits, like `productId`. Undefined if the port is not USB. */
  readonly vendorId?: string;
  readonly productId?: string;
  readonly manufacturer?: string;
}

/** A USB bridge to a board's UART, or the board's own USB. */
export interface UsbBridge {
  readonly vendorId: string;
  readonly productId: string;
  readonly name: string;
}

/** Returns undefined if no known board has the port's USB IDs. */
export function bridgeOf(port: SerialPortInfo, bridges: readonly UsbBridge[]): UsbBridge | undefined {
  return bridges.find(
    ({ vendorId, productId }) => vendorId === port.vendorId && productId === port.productId,
  );
}

export function describePort(port: SerialPortInfo, bridges: readonly UsbBridge[]): string {
  const bridge = bridgeOf(port, bridges);
  if (bridge) return `${port.name} (${bridge.name})`;
  return port.manufacturer ? `${port.name} (${port.manufacturer})` : port.name;
}

/** @throws MK1607 if not exactly one of the ports is likely to be a board's. */
export function likelyPort(ports: readonly SerialPortInfo[], bridges: readonly UsbBridge[]): string {
  const likely = ports.filter((port) => bridgeOf(port, bridges));
  const [only] = likely;
  if (only && likely.length === 1) return only.name;
  const candidates = (likely.length > 0 ? likely : ports).map((port) => describePort(port, bridges));
  throw new MotekitError({
    code: "MK1607",
    message:
      likely.length > 1
        ? `Several ports may be the board's: ${candidates.join(", ")}.`
        : candidates.length > 0
          ? `No port has the USB ID of a known board. The ports are: ${candidates.join(", ")}.`
          : "This computer has no serial port.",
    remedy:
      candidates.length > 0
        ? "Choose the port with --port or the environment variable MOTEKIT_PORT."
        : "Plug the board in with a cable that carries data.",
  });
}
