/** A line as esptool-js wants it: the part of Web Serial's `SerialPort` that it uses, which never closes the line. */
import type { Line, LineEnd, LineSignals } from "../serial/line.ts";
import { lineEnded } from "../serial/line.ts";

/** Where the port hangs on USB; decides which lines reset the chip. Empty where that is not known, or it hangs on none. */
export interface UsbIds {
  readonly usbVendorId?: number;
  readonly usbProductId?: number;
}

/**
 * An escape that SLIP does not have. Defect: esptool-js's `read` does not look at the line's end and waits its time-outs out; at
 * these bytes it gives up at once.
 */
const NO_SLIP = Uint8Array.from([0xdb, 0x00]);

export class WebSerialPort {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  /** From the line, so far. */
  receivedBytes = 0;
  /** Rejects when the line ends. */
  readonly ended: Promise<never>;
  readonly #line: Line;
  readonly #ids: UsbIds;
  #incoming: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(line: Line, ids: UsbIds = {}) {
    this.#line = line;
    this.#ids = ids;
    this.ended = new Promise((_, reject) => {
      line.listen({
        onBytes: (bytes) => {
          this.receivedBytes += bytes.length;
          this.#incoming?.enqueue(bytes);
        },
        onEnd: (end: LineEnd) => {
          reject(lineEnded(line.name, end));
          this.#incoming?.enqueue(NO_SLIP);
          // Defect: a `write` of esptool-js's that failed keeps its lock, for which `disconnect` waits for ever.
          this.readable = null;
          this.writable = null;
        },
      });
    });
    // Whoever waits for nothing else is told by the next call.
    this.ended.catch(() => undefined);
  }

  getInfo(): UsbIds {
    return this.#ids;
  }

  async open({ baudRate }: { readonly baudRate: number }): Promise<void> {
    await this.#line.setBaudRate(baudRate);
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#incoming = controller;
      },
      cancel: () => {
        this.#incoming = undefined;
      },
    });
    this.writable = new WritableStream({ write: (bytes) => this.#line.write(bytes) });
  }

  /** Both in one call where both are given, so that they change together. */
  setSignals({ dataTerminalReady, requestToSend }: LineSignals): Promise<void> {
    return this.#line.setSignals({
      ...(dataTerminalReady !== undefined && { dataTerminalReady }),
      ...(requestToSend !== undefined && { requestToSend }),
    });
  }

  setBaudRate(baudRate: number): Promise<void> {
    return this.#line.setBaudRate(baudRate);
  }

  async close(): Promise<void> {
    this.readable = null;
    this.writable = null;
    this.#incoming = undefined;
  }
}
