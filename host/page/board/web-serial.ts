/** The browser's serial ports (WICG "Web Serial API"), as far as the page uses them. */
import type { UsbBridge } from "../../serial/ports.ts";
import type { BrowserPort } from "../../serial/web-line.ts";

export interface PortFilter {
  readonly usbVendorId: number;
  readonly usbProductId: number;
}

export interface BrowserSerial extends EventTarget {
  /** Asks the person; rejects with a NotFoundError where none was chosen. */
  requestPort(options?: { readonly filters?: readonly PortFilter[] }): Promise<BrowserPort>;
}

/** Undefined where the browser has none. */
export function serialOfBrowser(): BrowserSerial | undefined {
  return (navigator as { serial?: BrowserSerial }).serial;
}

/** Resolves with undefined where the person chose none. Without bridges all ports of the computer are offered. */
export async function choosePort(
  serial: BrowserSerial,
  bridges: readonly UsbBridge[],
): Promise<BrowserPort | undefined> {
  const filters = bridges.map(({ vendorId, productId }) => ({
    usbVendorId: Number.parseInt(vendorId, 16),
    usbProductId: Number.parseInt(productId, 16),
  }));
  try {
    return await serial.requestPort(filters.length > 0 ? { filters } : {});
  } catch (error) {
    if ((error as Error).name === "NotFoundError") return undefined;
    throw error;
  }
}
