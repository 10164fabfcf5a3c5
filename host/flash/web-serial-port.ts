/** Adapts a line to the part of Web Serial's `SerialPort` that esptool-js uses. It never closes the line. */
import type { Line, LineEnd, LineSignals } from "../serial/line.ts";
import { lineEnded } from "../serial/line.ts";

/** The USB IDs of a port, which decide how the chip is reset. Empty if they are unknown or the port is not USB. */
export interface UsbIds {
  readonly usbVendorId?: number;
  readonly usbProductId?: number;
}

/**
 * An invalid escape of SLIP. Defect of esptool-js: `read` does not notice the line's end and waits for its time-outs. These bytes
 * make it fail at once.
 */
const NO_SLIP = Uint8Array.from([0xdb, 0x00]);

export class WebSerialPort {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  /** The number of bytes received so far. */
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
          // Defect of esptool-js: a failed `write` keeps its lock, for which `disconnect` would wait forever.
          this.readable = null;
          this.writable = null;
        },
      });
    });
    // Without a waiting call, the next call reports the end.
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

  /** Sets both signals in one call if both are given, so that they change together. */
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
