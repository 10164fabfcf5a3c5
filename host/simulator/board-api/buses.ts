/**
 * I2C, SPI and serial ports of the engine `node`: globals such as `I2C1`, `SPI1` and `Serial2`, as the board has them, with
 * devices that a test attaches. Bits, clocks, baud rates and software ports are not modelled.
 */
import type { Board } from "../../boards.ts";
import { toByteString, toBytes } from "../interpreter/byte-strings.ts";
import type { Callback, Interpreter } from "../interpreter/interpreter.ts";

/** A device at an address of an I2C bus. */
export interface I2cDevice {
  /** Called when the board writes these bytes. */
  write?(bytes: Uint8Array): void;
  /** Called when the board reads this number of bytes. Missing ones are 0xFF, as on an idle bus. */
  read?(lengthBytes: number): ArrayLike<number>;
}

/** An SPI device: returns the bytes that it sends while the board sends these. */
export type SpiDevice = (bytes: Uint8Array) => ArrayLike<number>;

/** Receives the bytes that the board writes to a serial port. */
export type SerialDevice = (bytes: Uint8Array) => void;

/** The devices on a board's buses. They survive its restarts. */
export class BusDevices {
  /** Keys such as `I2C1 118`. */
  readonly i2c = new Map<string, I2cDevice>();
  readonly spi = new Map<string, SpiDevice>();
  readonly serial = new Map<string, SerialDevice>();
}

const I2C_BUSES = ["I2C1"] as const;
const SPI_BUSES = ["SPI1"] as const;
const SERIAL_PORTS = ["Serial1", "Serial2"] as const;
const IDLE_BYTE = 0xff;

/** The names of the simulated buses of a board, and of its serial ports except the console. */
export function busNames(board: Board): Readonly<Record<keyof BusDevices, readonly string[]>> {
  const ports = board.capabilities.includes("second-buses") ? [...SERIAL_PORTS, "Serial3"] : SERIAL_PORTS;
  return { i2c: I2C_BUSES, spi: SPI_BUSES, serial: ports.filter((port) => port !== board.console.device) };
}

export class Buses {
  readonly #interpreter: Interpreter;
  readonly #devices: BusDevices;
  readonly #serials = new Map<string, object>();
  readonly #received = new Map<string, string>();

  constructor(interpreter: Interpreter, board: Board, devices: BusDevices) {
    this.#interpreter = interpreter;
    this.#devices = devices;
    for (const port of busNames(board).serial) this.#serials.set(port, this.#serial(port));
  }

  globals(): Record<string, unknown> {
    return {
      ...Object.fromEntries(this.#serials),
      I2C1: this.#i2c("I2C1"),
      SPI1: this.#spi("SPI1"),
    };
  }

  /** Delivers bytes to a serial port, which keeps them for `read` without a listener. Returns false if there is no such port. */
  receive(port: string, bytes: Uint8Array): boolean {
    const serial = this.#serials.get(port);
    if (!serial) return false;
    const text = toByteString(bytes);
    if (this.#interpreter.listeners(serial, "data").length === 0) {
      this.#received.set(port, (this.#received.get(port) ?? "") + text);
    } else this.#interpreter.dispatch(serial, "data", [text]);
    return true;
  }

  #bytesOf(...data: unknown[]): Uint8Array {
    return toBytes(this.#interpreter.byteStringOf(...data));
  }

  #i2c(bus: string): object {
    const interpreter = this.#interpreter;
    const find = (address: unknown, caller: string): I2cDevice => {
      const number = typeof address === "object" ? (address as { address: number }).address : address;
      const device = this.#devices.i2c.get(`${bus} ${Number(number)}`);
      if (!device) throw interpreter.error(`${caller}: slave doesn't ACK the transfer`);
      return device;
    };
    const read = (device: I2cDevice, lengthBytes: number): Uint8Array => {
      const given = device.read?.(lengthBytes) ?? [];
      const bytes = Uint8Array.from({ length: lengthBytes }, (_, index) => given[index] ?? IDLE_BYTE);
      return interpreter.uint8Array(toByteString(bytes));
    };
    return interpreter.object({
      setup: () => undefined,
      writeTo: (address: unknown, ...data: unknown[]) =>
        find(address, "jshI2CWrite").write?.(this.#bytesOf(...data)),
      readFrom: (address: unknown, length: unknown) => read(find(address, "jshI2CRead"), Number(length)),
      readReg: (address: unknown, register: unknown, length: unknown) => {
        const device = find(address, "jshI2CWrite");
        device.write?.(this.#bytesOf(Number(register)));
        return read(device, Number(length));
      },
    });
  }

  #spi(bus: string): object {
    const interpreter = this.#interpreter;
    const transfer = (bytes: Uint8Array): string => {
      const given = this.#devices.spi.get(bus)?.(bytes) ?? [];
      return toByteString(Uint8Array.from(bytes, (_, index) => given[index] ?? IDLE_BYTE));
    };
    return interpreter.object({
      setup: () => undefined,
      send: (data: unknown) => {
        const answer = transfer(this.#bytesOf(data));
        if (typeof data === "number") return answer.charCodeAt(0);
        return typeof data === "string" ? answer : interpreter.uint8Array(answer);
      },
      write: (...data: unknown[]) => void transfer(this.#bytesOf(...data.filter((item) => !isPin(item)))),
    });
  }

  #serial(port: string): object {
    const interpreter = this.#interpreter;
    const send = (text: string): void => this.#devices.serial.get(port)?.(toBytes(text));
    const take = (length?: unknown): string => {
      const kept = this.#received.get(port) ?? "";
      const taken = length === undefined ? kept : kept.substring(0, Number(length));
      this.#received.set(port, kept.substring(taken.length));
      return taken;
    };
    const addListener: Callback = (event, listener) => {
      interpreter.addListener(object, String(event), listener as Callback);
      const kept = event === "data" ? take() : "";
      if (kept) interpreter.defer(() => interpreter.dispatch(object, "data", [kept]));
    };
    const object = interpreter.object({
      setup: () => undefined,
      unsetup: () => undefined,
      flush: () => undefined,
      isConnected: () => true,
      on: addListener,
      addListener,
      available: () => this.#received.get(port)?.length ?? 0,
      read: take,
      write: (...data: unknown[]) => send(interpreter.byteStringOf(...data)),
      print: (text: unknown) => send(String(text)),
      println: (text: unknown) => send(`${String(text)}\r\n`),
    });
    return object;
  }
}

/** The select pin, which may be the argument after the data. */
function isPin(value: unknown): boolean {
  return typeof value === "object" && value !== null && /^D\d+$/.test(String(value));
}
