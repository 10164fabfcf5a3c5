/** Raw flash memory, outside Storage. A wrong address can destroy the interpreter. */
interface FlashModule {
  erasePage(address: number): void;
  /** Areas that the interpreter does not use. On some versions they overlap Storage. */
  getFree(): { readonly addr: number; readonly length: number }[];
  getPage(address: number): { readonly addr: number; readonly length: number } | undefined;
  read(lengthBytes: number, address: number): Uint8Array;
  /** Only clears bits. On some chips address and length must be multiples of four. */
  write(data: string | ArrayBuffer | ArrayBufferView | readonly number[], address: number): void;
}
