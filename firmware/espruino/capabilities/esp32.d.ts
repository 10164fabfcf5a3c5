/** The additions of chips of the ESP32 family. */

interface Esp32State {
  readonly sdkVersion: string;
  readonly freeHeap: number;
  readonly BLE: boolean;
  readonly Wifi: boolean;
  readonly minHeap: number;
}

interface Esp32 {
  /** Sleeps without memory: the program starts anew. */
  deepSleep(microseconds: number): void;
  deepSleepExt0(pin: Pin, level: 0 | 1): void;
  deepSleepExt1(pins: readonly Pin[], mode: number): void;
  /** Erases the saved program and restarts the board, at once. */
  enableBLE(enable: boolean): void;
  /** Erases the saved program and restarts the board, at once. */
  enableWifi(enable: boolean): void;
  getState(): Esp32State;
  getWakeupCause(): number;
  getWakeupPin(): Pin | undefined;
  lightSleep(milliseconds: number): void;
  /** Restarts the chip. */
  reboot(): void;
  /** The range of an analog input in millivolts, which sets 0, 2.5, 6 or 11 dB of attenuation. */
  setAtten(pin: Pin, rangeMillivolts: 1000 | 1340 | 2000 | 3600): void;
  /** Keeps the interpreter that an update brought, or goes back to the one before. */
  setOTAValid(isValid: boolean): void;
}

declare var ESP32: Esp32;

/** The pins that the interpreter takes for the board's light and button: D2 and D0, whatever the board has there. */
declare var LED: Pin;
declare var LED1: Pin;
declare var BTN: Pin;
declare var BTN1: Pin;
