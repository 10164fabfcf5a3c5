/**
 * Espressif's esptool-js, with what version 0.7 leaves to its user mended. `test/flash/esptool-js-defects.test.ts` holds each
 * of these defects to the package itself, and fails when it is mended there.
 */
import {
  type Before,
  ClassicReset,
  ESPLoader,
  ESPRESSIF_VID,
  type ResetStrategy,
  Transport,
  USB_JTAG_SERIAL_PID,
  UsbJtagSerialReset,
} from "esptool-js";
import type { Line } from "../serial/line.ts";
import { type LineClock, pause } from "../serial/line-clock.ts";
import { type UsbIds, WebSerialPort } from "./web-serial-port.ts";

/** The ROM loaders listen at this rate. */
export const ROM_BAUD_RATE = 115_200;
const RESET_MS = 100;
/** How long IO0 is held low behind a reset; longer where a capacitor at EN is large. */
const IO0_MS = 50;
const IO0_LONG_MS = 550;
type CommandArguments = Parameters<ESPLoader["command"]>;
type ConnectArguments = Parameters<ESPLoader["_connectAttempt"]>;

/** Defects: `trace` writes to the console, whether tracing is on or not; `write` to a port that is gone is silent. */
class MendedTransport extends Transport {
  override trace(): void {
    // Nobody reads it.
  }

  override async write(data: Uint8Array): Promise<void> {
    if (!this.device.writable) throw new Error("The line has ended.");
    return super.write(data);
  }
}

/** The registers of a chip's two watchdogs that go on through a reset by its own USB, by what esptool calls the chip. */
interface Watchdogs {
  /** 0 stops the RTC watchdog. */
  readonly rtcConfig: number;
  readonly rtcProtect: number;
  readonly superConfig: number;
  readonly superProtect: number;
}

const RTC_CONTROL = 0x60008000;
const WATCHDOGS: Readonly<Record<string, Watchdogs>> = {
  "ESP32-C3": {
    rtcConfig: RTC_CONTROL + 0x90,
    rtcProtect: RTC_CONTROL + 0xa8,
    superConfig: RTC_CONTROL + 0xac,
    superProtect: RTC_CONTROL + 0xb0,
  },
  "ESP32-S3": {
    rtcConfig: RTC_CONTROL + 0x98,
    rtcProtect: RTC_CONTROL + 0xb0,
    superConfig: RTC_CONTROL + 0xb4,
    superProtect: RTC_CONTROL + 0xb8,
  },
};
/** What unlocks a watchdog's registers. Any other value locks them. */
const RTC_KEY = 0x50d83aa1;
const SUPER_KEY = 0x8f1d312a;
const SUPER_FEEDS_ITSELF = 0x80000000;

export interface ChipInfo {
  /** As esptool has it: `ESP32-C3`. */
  readonly chip: string;
  /** `ESP32-C3 (QFN32) (revision v0.3)`. */
  readonly description: string;
  readonly mac: string;
}

export class Loader extends ESPLoader {
  readonly port: WebSerialPort;
  /** Defect: `connect` says "Failed to connect" only. This is what the last attempt had found. */
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

  /** Defect: a port that does not say what USB it hangs on gets the reset of a bridge alone, whatever is there. */
  override constructResetSequence(mode: Before): ResetStrategy[] {
    const sequence = super.constructResetSequence(mode);
    if (mode === "no_reset" || this.port.getInfo().usbVendorId !== undefined) return sequence;
    return [
      new ClassicReset(this.transport, IO0_MS),
      new UsbJtagSerialReset(this.transport),
      new ClassicReset(this.transport, IO0_LONG_MS),
    ];
  }

  /**
   * To be called when the chip has been reached.
   *
   * Defect: a reset by the chip's own USB leaves the watchdogs running that whatever ran before had started, and esptool-js does
   * not stop them: they reset the chip in the midst of its flashing.
   */
  async stopWatchdogs(): Promise<void> {
    const { usbVendorId, usbProductId } = this.port.getInfo();
    const watchdogs = WATCHDOGS[this.chip.CHIP_NAME];
    const isOwnUsb =
      usbVendorId === undefined || (usbVendorId === ESPRESSIF_VID && usbProductId === USB_JTAG_SERIAL_PID);
    if (!watchdogs || !isOwnUsb || this.secureDownloadMode) return;
    await this.writeReg(watchdogs.rtcProtect, RTC_KEY);
    await this.writeReg(watchdogs.rtcConfig, 0);
    await this.writeReg(watchdogs.rtcProtect, 0);
    await this.writeReg(watchdogs.superProtect, SUPER_KEY);
    const superConfig = await this.readReg(watchdogs.superConfig);
    await this.writeReg(watchdogs.superConfig, superConfig | SUPER_FEEDS_ITSELF);
    await this.writeReg(watchdogs.superProtect, 0);
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
 * Defect: esptool-js's `after("hard_reset")` never asserts RTS, and holds DTR, and so IO0, as it was in the midst of the reset
 * into download mode.
 *
 * @throws MK1604, MK1605, MK1606.
 */
export async function resetIntoApp(line: Line, clock: LineClock): Promise<void> {
  await line.setSignals({ dataTerminalReady: false, requestToSend: true });
  await pause(clock, RESET_MS);
  await line.setSignals({ dataTerminalReady: false, requestToSend: false });
}
