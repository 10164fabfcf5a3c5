/** The serial ports of this computer, and which of them a board is likely on. */
import { SerialPort } from "serialport";
import { listBoards } from "../boards.ts";
import { MotekitError } from "../errors.ts";

export interface PortInfo {
  readonly path: string;
  /** Of the USB bridge: four lower-case hexadecimal digits each. */
  readonly vendorId?: string;
  readonly productId?: string;
  readonly serialNumber?: string;
  /** What is known to be behind such a bridge; undefined: no board that motekit knows. */
  readonly bridge?: string;
}

export async function listPorts(): Promise<PortInfo[]> {
  const known = listBoards().flatMap(({ usb }) => usb);
  return (await SerialPort.list()).map(({ path, vendorId, productId, serialNumber }) => {
    const vendor = vendorId?.toLowerCase();
    const product = productId?.toLowerCase();
    const bridge = known.find((each) => each.vendorId === vendor && each.productId === product)?.name;
    return {
      path,
      ...(vendor !== undefined && { vendorId: vendor }),
      ...(product !== undefined && { productId: product }),
      ...(serialNumber !== undefined && { serialNumber }),
      ...(bridge !== undefined && { bridge }),
    };
  });
}

/** `given`, or the only likely port. @throws MotekitError MK1607 none or several: it lists them and never guesses. */
export async function choosePort(given: string | undefined): Promise<string> {
  if (given) return given;
  const ports = await listPorts();
  const likely = ports.filter(({ bridge }) => bridge !== undefined);
  if (likely.length === 1) return likely[0]?.path as string;
  const described = (likely.length > 0 ? likely : ports).map(({ path, bridge }) =>
    bridge ? `${path} (${bridge})` : path,
  );
  throw new MotekitError({
    code: "MK1607",
    message:
      likely.length > 1
        ? `There are ${likely.length} boards: ${described.join(", ")}.`
        : `No board is plugged in${described.length > 0 ? ` that motekit knows; the ports are ${described.join(", ")}` : ""}.`,
    remedy: "Say which by --port, MOTEKIT_PORT, or `port` in motekit.config.ts.",
  });
}
