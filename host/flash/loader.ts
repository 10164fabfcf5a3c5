/**
 * Espressif's esptool-js, with what version 0.7 leaves to its user mended. `test/flash/esptool-js-faults.test.ts` holds each
 * of these faults to the package itself, and fails when it is mended there.
 */
import { ESPLoader, Transport } from "esptool-js";
import type { Line } from "../serial/line.ts";
import { type LineClock, pause } from "../serial/line-clock.ts";
import { type UsbIds, WebSerialPort } from "./web-serial-port.ts";

/** The ROM loaders listen at this rate. */
export const ROM_BAUD_RATE = 115_200;
const RESET_MS = 100;
type CommandArguments = Parameters<ESPLoader["command"]>;
type ConnectArguments = Parameters<ESPLoader["_connectAttempt"]>;

/** Faults: `trace` writes to the console, whether tracing is on or not; `write` to a port that is gone is silent. */
class MendedTransport extends Transport {
  override trace(): void {
    // Nobody reads it.
  }

  override async write(data: Uint8Array): Promise<void> {
    if (!this.device.writable) throw new Error("The line has ended.");
    return super.write(data);
  }
}

export interface ChipInfo {
  /** As esptool has it: `ESP32-C3`. */
  readonly chip: string;
  /** `ESP32-C3 (QFN32) (revision v0.3)`. */
  readonly description: string;
  readonly mac: string;
}

export class Loader extends ESPLoader {
  readonly port: WebSerialPort;
  /** Fault: `connect` says "Failed to connect" only. This is what the last attempt had found. */
  diagnosis = "";
  /** Called before the command with which the chip begins to change what an image is written over. */
  onFlashBegin: () => void = nothing;

  constructor(line: Line, baudRate: number, ids: UsbIds) {
    const port = new WebSerialPort(line, ids);
    super({
      transport: new MendedTransport(port as never),
      baudrate: baudRate,
      romBaudrate: ROM_BAUD_RATE,
      terminal: SILENT_TERMINAL,
    });
    this.port = port;
  }

  override async _connectAttempt(...attempt: ConnectArguments): Promise<string> {
    const outcome = await super._connectAttempt(...attempt);
    if (outcome !== "success") this.diagnosis = outcome.replace(/\s+/g, " ");
    return outcome;
  }

  override command(...[op, ...rest]: CommandArguments): Promise<[number, Uint8Array]> {
    if (op === this.ESP_FLASH_BEGIN || op === this.ESP_FLASH_DEFL_BEGIN) this.onFlashBegin();
    return super.command(op, ...rest);
  }

  /** Stops reading, so that the line is free for a console. */
  async release(): Promise<void> {
    await this.transport.disconnect();
  }
}

/** Of a chip whose loader has been reached. */
export async function readChipInfo(loader: Loader): Promise<ChipInfo> {
  const { chip } = loader;
  return {
    chip: chip.CHIP_NAME,
    description: await chip.getChipDescription(loader),
    mac: await chip.readMac(loader),
  };
}

const SILENT_TERMINAL = { clean: nothing, write: nothing, writeLine: nothing };
function nothing(): void {
  // esptool-js tells its story to a terminal; ours is told by `onStep`.
}

/**
 * Lets the chip start what is in its flash: EN low by RTS while IO0 is high by DTR, then EN high.
 *
 * Fault: esptool-js's `after("hard_reset")` never asserts RTS, and holds DTR, and so IO0, as it was in the midst of the reset
 * into download mode.
 *
 * @throws MK1604, MK1605, MK1606.
 */
export async function resetIntoApp(line: Line, clock: LineClock): Promise<void> {
  await line.setSignals({ dataTerminalReady: false, requestToSend: true });
  await pause(clock, RESET_MS);
  await line.setSignals({ dataTerminalReady: false, requestToSend: false });
}
