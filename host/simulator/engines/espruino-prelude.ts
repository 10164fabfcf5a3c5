/**
 * The program in the boot file `.boot0`, which runs on Espruino for Linux before the bundle and adds what a board has and the
 * Linux build lacks. Pins without hardware do not keep their levels, so the prelude keeps them and prints each change as a
 * console line of the kind `pin`. `Wifi` joins the configured networks. `E.reboot` asks the host for a new process, because
 * the Linux build only ends. The host is the watchdog. The prelude is written in code that Espruino runs correctly.
 */
import type { WifiNetwork } from "../../../firmware/contract/configuration.ts";
import type { Board } from "../../boards.ts";
import type { PinLevels } from "../board-api/pins.ts";
import { beaconsText, WIFI_PROGRAM } from "../board-api/wifi-module.ts";
import { Radio } from "../world/radio.ts";
import { BYTE_TEXTS_PROGRAM } from "./byte-texts-program.ts";

/** Printed first at each boot, after the program's own banner. */
export const STARTED_LINE = "~mk-simulator started";
/** Printed by `E.reboot`, which then never returns. */
export const REBOOT_LINE = "~mk-simulator reboot";
/** Printed by `E.enableWatchdog` before its seconds, and by `E.kickWatchdog`: the Linux build has no watchdog. */
export const WATCHDOG_LINE = "~mk-simulator watchdog ";
export const KICK_LINE = "~mk-simulator kick";

/** `require("motekit-simulator").drive` drives a pin, now or at a time in seconds. */
export const PINS_PROGRAM = `(function() {
  var written = {}, driven = {}, watches = {}, nextWatch = 1, simulator = require("motekit-simulator");
  function nameOf(pin) { return typeof pin === "string" ? pin : "" + Pin(pin); }
  function level(name) {
    var value = driven[name] === undefined ? written[name] : driven[name];
    if (value !== undefined) return value;
    return getPinMode(Pin(name)) === "input_pullup" ? 1 : 0;
  }
  function write(pin, value) {
    var name = nameOf(pin);
    if (written[name] === value) return;
    written[name] = value;
    print("~mk pin " + name + " " + value);
  }
  function pulse(pin, value, ms) {
    write(pin, value ? 1 : 0);
    setTimeout(write, ms instanceof Array ? ms[0] : ms, pin, value ? 0 : 1);
  }
  function several(pins, value) {
    var last = pins.length - 1;
    for (var bit = 0; bit <= last; bit++) write(pins[last - bit], (value >> bit) & 1);
  }
  Pin.prototype.write = function(value) { write(this, value ? 1 : 0); };
  Pin.prototype.set = function() { write(this, 1); };
  Pin.prototype.reset = function() { write(this, 0); };
  Pin.prototype.toggle = function() {
    var value = level(nameOf(this)) ? 0 : 1;
    write(this, value);
    return value === 1;
  };
  Pin.prototype.read = function() { return level(nameOf(this)) !== 0; };
  Pin.prototype.pulse = function(value, ms) { pulse(this, value, ms); };
  Pin.prototype.pwm = function(value) { write(this, value); };
  global.digitalWrite = function(pin, value) {
    if (pin instanceof Array) several(pin, value);
    else write(pin, value ? 1 : 0);
  };
  global.digitalRead = function(pin) {
    if (!(pin instanceof Array)) return level(nameOf(pin)) ? 1 : 0;
    return pin.reduce(function(bits, each) { return bits * 2 + (level(nameOf(each)) ? 1 : 0); }, 0);
  };
  global.digitalPulse = pulse;
  global.analogWrite = function(pin, value) { write(pin, value); };
  global.setWatch = function(code, pin, options) {
    var id = nextWatch++, edge = 0, repeat = options;
    if (typeof options === "object") { edge = options.edge; repeat = options.repeat; }
    edge = edge === "rising" ? 1 : edge === "falling" ? -1 : edge === "both" ? 0 : edge | 0;
    watches[id] = { name: nameOf(pin), pin: pin, code: code, edge: edge, repeat: !!repeat };
    return id;
  };
  global.clearWatch = function(id) {
    if (arguments.length === 0) watches = {};
    else if (id === undefined) throw new Error("clearWatch(undefined) not allowed. Use clearWatch() instead");
    else delete watches[id];
  };
  simulator.drive = function(name, value, at) {
    var before = level(name), time = at === undefined ? getTime() : at;
    driven[name] = value;
    if (before === value) return;
    Object.keys(watches).forEach(function(id) {
      var watch = watches[id], lastTime;
      if (!watch || watch.name !== name) return;
      lastTime = watch.lastTime;
      watch.lastTime = time;
      if (watch.edge && watch.edge !== (value ? 1 : -1)) return;
      if (!watch.repeat) delete watches[id];
      watch.code({ state: value !== 0, time: time, lastTime: lastTime, pin: watch.pin });
    });
  };
})();`;

function preludeProgram(board: Board, networks: readonly WifiNetwork[], pinLevels: PinLevels): string {
  const lines = [
    "echo(0);",
    `print(${JSON.stringify(STARTED_LINE)});`,
    `Modules.addCached("motekit-simulator", "");`,
    PINS_PROGRAM,
    ...(board.unicode ? [] : [BYTE_TEXTS_PROGRAM]),
    `require("motekit-simulator").show = function(value) {
      print("=", typeof value === "string" ? JSON.stringify(value) : value);
    };`,
    `E.enableWatchdog = function(seconds, automatic) {
      if (automatic === false) print(${JSON.stringify(WATCHDOG_LINE)} + seconds);
    };`,
    `E.kickWatchdog = function() { print(${JSON.stringify(KICK_LINE)}); };`,
    `E.reboot = function() { print(${JSON.stringify(REBOOT_LINE)}); while (true); };`,
  ];
  if (board.radio.wifi) {
    const beacons = beaconsText(new Radio(networks).inReach());
    const create = `${WIFI_PROGRAM}(function() { return ${beacons}; }, function() {})`;
    lines.push(`Modules.addCached("Wifi", ${JSON.stringify(`module.exports = ${create};`)});`);
  }
  return [...lines, ...pinNames(board), ...pinStates(pinLevels)].join("\n");
}

/** Statements that define the board's LED and button. */
export function pinNames({ chip, pins }: Board): string[] {
  if (chip === "linux") return [];
  return [
    ...(pins.led ? [`LED1 = ${pins.led.pin};`] : []),
    ...(pins.button ? [`BTN1 = ${pins.button.pin};`] : []),
  ];
}

/** Statements that drive pins before the bundle starts. */
export function pinStates(levels: PinLevels): string[] {
  return [...levels].map(([pin, level]) => driveCall(pin, level));
}

function driveCall(pin: string, level: number): string {
  return `require("motekit-simulator").drive(${JSON.stringify(pin)}, ${level});`;
}

/** The line that the host types to drive a pin. The first byte suppresses the echo. */
export function driveCommand(pin: string, level: number): string {
  return `\x10${driveCall(pin, level)}\n`;
}

/** The line that the host types for the user. The prelude prints the value, because it has switched off the console's echo. */
export function typeCommand(line: string): string {
  return `\x10require("motekit-simulator").show(eval(${JSON.stringify(line)}))\n`;
}

const BOOT_PROGRAM = 'eval(require("Storage").read("app.js"))';

/** The boot files: Espruino runs `.boot0` and then `.bootcde`. */
export function bootFiles(
  board: Board,
  networks: readonly WifiNetwork[],
  pinLevels: PinLevels,
): ReadonlyMap<string, string> {
  return new Map([
    [".boot0", preludeProgram(board, networks, pinLevels)],
    [".bootcde", BOOT_PROGRAM],
  ]);
}
