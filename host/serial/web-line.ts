/** A line over a serial port in a browser (W3C WICG "Web Serial API"). */
import { MotekitError } from "../errors.ts";
import {
  BAUD_RATE_DEFAULT,
  type Line,
  type LineEnd,
  type LineListener,
  type LineSignals,
  lineEnded,
} from "./line.ts";

/** The part of the browser's `SerialPort` that is used. */
export interface BrowserPort {
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
  open(options: { readonly baudRate: number; readonly bufferSize?: number }): Promise<void>;
  close(): Promise<void>;
  setSignals(signals: LineSignals): Promise<void>;
  getInfo(): { readonly usbVendorId?: number; readonly usbProductId?: number };
}

/** The size of the browser's buffer: 2 s at 115200 baud, for a busy page. */
const BUFFER_BYTES = 32_768;

/** @throws MK1602 in use, MK1605 other errors. */
export async function openWebLine(
  port: BrowserPort,
  name: string,
  baudRate: number = BAUD_RATE_DEFAULT,
): Promise<Line> {
  try {
    await port.open({ baudRate, bufferSize: BUFFER_BYTES });
  } catch (cause) {
    throw notOpened(name, cause);
  }
  return new WebLine(port, name, baudRate);
}

class WebLine implements Line {
  readonly name: string;
  readonly #port: BrowserPort;
  #baudRate: number;
  #listener: LineListener | undefined;
  #early: Uint8Array[] = [];
  #end: LineEnd | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #reading: Promise<void>;
  /** Writes run one after another. */
  #writing: Promise<unknown> = Promise.resolve();
  /** Reading has stopped because the rate is being changed. */
  #isChangingRate = false;

  constructor(port: BrowserPort, name: string, baudRate: number) {
    this.#port = port;
    this.name = name;
    this.#baudRate = baudRate;
    this.#reading = this.#read();
  }

  get baudRate(): number {
    return this.#baudRate;
  }

  listen(listener: LineListener): void {
    this.#listener = listener;
    for (const bytes of this.#early.splice(0)) listener.onBytes(bytes);
    if (this.#end) listener.onEnd(this.#end);
  }

  /** Reads the port. After an error on the line (a break, a lost byte) the port has a new stream with the next bytes. */
  async #read(): Promise<void> {
    let failure: unknown;
    while (this.#port.readable && !this.#end && !this.#isChangingRate) {
      this.#reader = this.#port.readable.getReader();
      try {
        for (;;) {
          const { value, done } = await this.#reader.read();
          if (done) break;
          this.#give(value);
        }
      } catch (error) {
        failure = error;
      } finally {
        this.#reader.releaseLock();
        this.#reader = undefined;
      }
    }
    if (!this.#isChangingRate) this.#finish(endOf(failure));
  }

  #give(bytes: Uint8Array): void {
    if (this.#listener) this.#listener.onBytes(bytes);
    else this.#early.push(bytes);
  }

  #finish(end: LineEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#listener?.onEnd(end);
  }

  write(bytes: Uint8Array): Promise<void> {
    const written = this.#writing.then(() => this.#write(bytes));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#refuseAfterEnd();
    const writer = this.#port.writable?.getWriter();
    if (!writer) throw lineEnded(this.name, { reason: "unplugged" });
    try {
      await writer.write(bytes);
    } catch (error) {
      throw lineEnded(this.name, this.#end ?? endOf(error));
    } finally {
      writer.releaseLock();
    }
  }

  #refuseAfterEnd(): void {
    if (this.#end) throw lineEnded(this.name, this.#end);
  }

  async setSignals(signals: LineSignals): Promise<void> {
    this.#refuseAfterEnd();
    try {
      await this.#port.setSignals(signals);
    } catch (cause) {
      throw new MotekitError(
        {
          code: "MK1606",
          message: `${this.name} does not support the signals DTR and RTS.`,
          remedy: "Press the buttons on the board instead.",
        },
        { cause },
      );
    }
  }

  /** Changes the rate. With Web Serial this requires closing and opening the port. */
  async setBaudRate(baudRate: number): Promise<void> {
    this.#refuseAfterEnd();
    if (baudRate === this.#baudRate) return;
    this.#isChangingRate = true;
    await this.#writing;
    await this.#stopReading();
    try {
      await this.#port.close();
      await this.#port.open({ baudRate, bufferSize: BUFFER_BYTES });
    } catch (error) {
      this.#finish(endOf(error));
      this.#refuseAfterEnd();
    }
    this.#baudRate = baudRate;
    this.#isChangingRate = false;
    this.#reading = this.#read();
  }

  async #stopReading(): Promise<void> {
    await this.#reader?.cancel().catch(() => undefined);
    await this.#reading;
  }

  async close(): Promise<void> {
    this.#finish({ reason: "closed" });
    await this.#writing;
    await this.#stopReading();
    // A port whose device was removed has to be closed too, or it cannot be opened again. A closed port rejects.
    await this.#port.close().catch(() => undefined);
  }
}

/** The end for an error. A removed device rejects with a NetworkError, or its streams end. */
function endOf(failure: unknown): LineEnd {
  const isGone = failure === undefined || (failure as { name?: string }).name === "NetworkError";
  return isGone ? { reason: "unplugged", cause: failure } : { reason: "failed", cause: failure };
}

function notOpened(name: string, cause: unknown): MotekitError {
  const { name: kind, message } = cause as Error;
  if (kind === "InvalidStateError" || kind === "NetworkError") {
    return new MotekitError(
      {
        code: "MK1602",
        message: `${name} cannot be opened: it is in use by another program or page, or you have no permission.`,
        remedy:
          "Close that program (a terminal, an IDE, motekit monitor) or page, and connect again. On Linux your user must be in " +
          "the port's group.",
      },
      { cause },
    );
  }
  return new MotekitError(
    {
      code: "MK1605",
      message: `${name} cannot be opened: ${message}.`,
      remedy: "Unplug the board, plug it in again, and connect again.",
    },
    { cause },
  );
}
