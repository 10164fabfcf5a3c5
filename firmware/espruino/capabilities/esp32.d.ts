/** What chips of the ESP32 family add. */

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
  /** Takes effect after a restart. */
  enableBLE(enable: boolean): void;
  enableWifi(enable: boolean): void;
  getState(): Esp32State;
  getWakeupCause(): number;
  getWakeupPin(): Pin | undefined;
  lightSleep(milliseconds: number): void;
  /** Restarts the chip. */
  reboot(): void;
  /** Attenuation of an analog input: 0, 2.5, 6 or 11 dB as 0…3. */
  setAtten(pin: Pin, attenuation: number): void;
  /** Keeps the interpreter that an update brought, or goes back to the one before. */
  setOTAValid(isValid: boolean): void;
}

declare var ESP32: Esp32;
