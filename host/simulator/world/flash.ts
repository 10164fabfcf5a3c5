/**
 * NOR flash: writing clears bits, and only erasing a page sets them. Power may fail in any write; what was written of it
 * by then stays. Kept over reboots.
 */

/** Thrown out of the write in which power failed, and out of each that a board without power still tries. */
export class PowerFailure extends Error {}

export interface FlashWrite {
  /** Counted from 1 over the life of the flash. */
  readonly nth: number;
  readonly address: number;
  readonly lengthBytes: number;
}

export class Flash {
  readonly bytes: Uint8Array;
  readonly pageBytes: number;
  writeCount = 0;
  /** Asked before each write: how many of its bytes come to lie there before power fails; undefined: all, and it stays. */
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
