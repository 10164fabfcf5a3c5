/**
 * The reference firmware: publishes uptime, free memory and, where the board has a sensor, the chip's temperature;
 * takes the commands `led` (true or false) and `interval` (seconds).
 */
import { changeEvery, every, onCommand, start, telemetry } from "motekit";
import { HAS_TEMPERATURE_SENSOR, LED, LED_ACTIVE_LOW } from "motekit/board";

const INTERVAL_SECONDS = 10;
const INTERVAL_SECONDS_MIN = 1;
const INTERVAL_SECONDS_MAX = 3600;

function measure(): void {
  const memory = process.memory(false);
  telemetry("uptime", Math.round(getTime() - startedAt));
  telemetry("free-memory", memory.free * memory.blocksize);
  if (HAS_TEMPERATURE_SENSOR) {
    const degreesCelsius = E.getTemperature();
    // The same bundle on Espruino for Linux has no sensor.
    if (!isNaN(degreesCelsius)) telemetry("temperature", degreesCelsius);
  }
}

const startedAt = getTime();
const timer = every(INTERVAL_SECONDS, measure);

if (LED) {
  onCommand("led", (value) => {
    if (typeof value !== "boolean") throw new Error("led wants true or false");
    digitalWrite(LED as Pin, value !== LED_ACTIVE_LOW);
    return value;
  });
}

onCommand("interval", (value) => {
  if (typeof value !== "number" || value < INTERVAL_SECONDS_MIN || value > INTERVAL_SECONDS_MAX) {
    throw new Error("interval wants 1 to 3600 seconds");
  }
  changeEvery(timer, value);
  return value;
});

start({ onConnected: measure });
