/**
 * NOR flash: writing clears bits, and only erasing a page sets them. Power may fail in any write, of which the bytes written
 * so far are kept. The content survives reboots.
 */

/** Thrown by the write in which power fails, and by later writes without power. */
export class PowerFailure extends Error {}

export interface FlashWrite {
  /** The number of writes in the life of the flash. */
  readonly nth: number;
  readonly address: number;
  readonly lengthBytes: number;
}

export class Flash {
  readonly bytes: Uint8Array;
  readonly pageBytes: number;
  writeCount = 0;
  /** Called before each write. Returns the number of bytes that are written before power fails, or undefined if it does not fail. */
  failPower: ((write: FlashWrite) => number | undefined) | undefined;
  /** Called when power has failed, before the exception. */
  onPowerFailure: (() => void) | undefined;
  #isPowered = true;

  constructor(sizeBytes: number, pageBytes: number) {
    this.bytes = new Uint8Array(sizeBytes).fill(0xff);
    this.pageBytes = pageBytes;
  }

  powerOn(): void {
    this.#isPowered = true;
  }

  /** Throws PowerFailure. */
  write(address: number, data: Uint8Array): void {
    if (!this.#isPowered) throw new PowerFailure("no power");
    this.writeCount++;
    const written = this.failPower?.({ nth: this.writeCount, address, lengthBytes: data.length });
    for (const [index, byte] of data.subarray(0, written).entries()) {
      this.bytes[address + index] = (this.bytes[address + index] as number) & byte;
    }
    if (written === undefined) return;
    this.#isPowered = false;
    this.onPowerFailure?.();
    throw new PowerFailure(`power failed in write ${this.writeCount}`);
  }

  isErased(address: number, lengthBytes: number): boolean {
    return this.bytes.subarray(address, address + lengthBytes).every((byte) => byte === 0xff);
  }

  eraseAll(): void {
    this.bytes.fill(0xff);
  }
}
