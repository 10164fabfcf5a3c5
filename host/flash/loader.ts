/**
 * Espressif's esptool-js, with workarounds for the defects of version 0.7. `test/flash/esptool-js-defects.test.ts` shows each of
 * these defects in the package itself, and fails when it is fixed there.
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
/** The time for which IO0 is held low after a reset; the longer one is for boards with a large capacitor at EN. */
const IO0_MS = 50;
const IO0_LONG_MS = 550;
type CommandArguments = Parameters<ESPLoader["command"]>;
type ConnectArguments = Parameters<ESPLoader["_connectAttempt"]>;

/** Defects: `trace` writes to the console even if tracing is off; `write` to a port that has ended fails silently. */
class PatchedTransport extends Transport {
  override trace(): void {
    // The trace is not used.
  }

  override async write(data: Uint8Array): Promise<void> {
    if (!this.device.writable) throw new Error("The line has ended.");
    return super.write(data);
  }
}

/** The registers of a chip's two watchdogs that keep running through a reset by its own USB. */
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
/** The values that unlock a watchdog's registers. Any other value locks them. */
const RTC_KEY = 0x50d83aa1;
const SUPER_KEY = 0x8f1d312a;
const SUPER_FEEDS_ITSELF = 0x80000000;

export interface ChipInfo {
  /** The name in esptool, such as `ESP32-C3`. */
  readonly chip: string;
  /** Such as `ESP32-C3 (QFN32) (revision v0.3)`. */
  readonly description: string;
  readonly mac: string;
}

export class Loader extends ESPLoader {
  readonly port: WebSerialPort;
  /** The finding of the last attempt. Defect: `connect` reports only "Failed to connect". */
  diagnosis = "";
  /** Called before the command with which the chip begins to change its flash. */
  onFlashBegin: () => void = nothing;

  constructor(line: Line, baudRate: number, ids: UsbIds) {
    const port = new WebSerialPort(line, ids);
    super({
      transport: new PatchedTransport(port as never),
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

  /** Defect: a port with unknown USB IDs gets only the reset of a bridge. Here all kinds of reset are tried. */
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
   * Stops the watchdogs. To be called when the chip has been reached.
   *
   * Defect: after a reset by the chip's own USB, watchdogs that the app had started keep running. esptool-js does not stop them,
   * so that they reset the chip during flashing.
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

/** Reads the information of a chip whose loader has been reached. */
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
  // The output of esptool-js is not used; `onStep` reports the progress.
}

/**
 * Resets the chip into its app: RTS pulls EN low while DTR leaves IO0 high, then EN goes high.
 *
 * Defect: `after("hard_reset")` of esptool-js never asserts RTS, and leaves DTR, and so IO0, as during the reset into download
 * mode.
 *
 * @throws MK1604, MK1605, MK1606.
 */
export async function resetIntoApp(line: Line, clock: LineClock): Promise<void> {
  await line.setSignals({ dataTerminalReady: false, requestToSend: true });
  await pause(clock, RESET_MS);
  await line.setSignals({ dataTerminalReady: false, requestToSend: false });
}
