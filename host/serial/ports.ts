/** Which serial port a command means. One that is likely is taken; among several nobody guesses. */
import { MotekitError } from "../errors.ts";

export interface SerialPortInfo {
  /** As it is opened: `/dev/ttyUSB0`, `COM3`. */
  readonly name: string;
  /** Four lower-case hexadecimal digits, as the product's ID. Absent where the port hangs on no USB. */
  readonly vendorId?: string;
  readonly productId?: string;
  readonly manufacturer?: string;
}

/** A chip between USB and a board's UART, or the board's own USB. */
export interface UsbBridge {
  readonly vendorId: string;
  readonly productId: string;
  readonly name: string;
}

/** Undefined where no board that is known has such a USB ID. */
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

/** @throws MK1607 where not exactly one of the ports is likely to be a board's. */
export function likelyPort(ports: readonly SerialPortInfo[], bridges: readonly UsbBridge[]): string {
  const likely = ports.filter((port) => bridgeOf(port, bridges));
  const [only] = likely;
  if (only && likely.length === 1) return only.name;
  const candidates = (likely.length > 0 ? likely : ports).map((port) => describePort(port, bridges));
  throw new MotekitError({
    code: "MK1607",
    message:
      likely.length > 1
        ? `Several ports may be the board: ${candidates.join(", ")}.`
        : candidates.length > 0
          ? `No port has a board's USB ID. There are: ${candidates.join(", ")}.`
          : "There is no serial port on this computer.",
    remedy:
      candidates.length > 0
        ? "Name the port by --port, or in the environment variable MOTEKIT_PORT."
        : "Plug the board in with a cable that carries data.",
  });
}
