/** The part of the browser's Web Serial API (WICG) that the page uses. */
import type { UsbBridge } from "../../serial/ports.ts";
import type { BrowserPort } from "../../serial/web-line.ts";

export interface PortFilter {
  readonly usbVendorId: number;
  readonly usbProductId: number;
}

export interface BrowserSerial extends EventTarget {
  /** Lets the user choose a port. Rejects with a NotFoundError if the user chooses none. */
  requestPort(options?: { readonly filters?: readonly PortFilter[] }): Promise<BrowserPort>;
}

/** The browser's Web Serial API, or undefined if the browser does not have it. */
export function serialOfBrowser(): BrowserSerial | undefined {
  return (navigator as { serial?: BrowserSerial }).serial;
}

/** Resolves with undefined if the user chooses no port. Without bridges the browser offers all ports. */
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
