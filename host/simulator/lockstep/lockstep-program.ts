/**
 * The program that runs on Espruino for Linux before the bundle in lockstep with a virtual world. It requests time, random
 * values, network, Wi-Fi and Storage from the host over two named pipes, and the interpreter blocks while it waits. Timers are
 * in a list here, and enter the interpreter's event queue when the host reports that they are due. The network is a
 * `NetworkJS`, which the interpreter's sockets call in each turn of the idle loop. The program is written in code that Espruino
 * runs correctly.
 *
 * The host sends frames: the length in 6 digits, a letter, the uptime and the wall clock in ms (base64 of a double, because
 * Espruino prints only 11 digits), and at most two values, separated by spaces. The interpreter sends lines: a word and its
 * values. `=` answers the last word; any other letter is an event, which may arrive while a word waits for its answer. The
 * interpreter sends `idle` after turns of its loop without work, and `done` after an event during a wait.
 */
import type { Board } from "../../boards.ts";
import { boardEnvironment, SIMULATED_VERSION } from "../board-api/board-objects.ts";
import type { PinLevels } from "../board-api/pins.ts";
import { WIFI_PROGRAM } from "../board-api/wifi-module.ts";
import { BYTE_TEXTS_PROGRAM } from "../engines/byte-texts-program.ts";
import { PINS_PROGRAM, pinNames, pinStates, STARTED_LINE } from "../engines/espruino-prelude.ts";

/** The number of turns of the idle loop without work after which the interpreter is idle. */
const QUIET_TURNS = 2;
/** The number of reads of the time that are reported together, for which the virtual clock counts 1 ms. */
export const LOOKS_TOLD = 20;
/** The result of `recv` of a socket that is not connected yet. */
const SOCKET_ERR_NO_CONN = -11;
const FRAME_LENGTH_DIGITS = 6;
/** The length of the base64 of 8 bytes. */
const DOUBLE_DIGITS = 12;

/** A frame from the host to the interpreter. */
export function encodeFrame(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  const length = String(bytes.length).padStart(FRAME_LENGTH_DIGITS, "0");
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** A number in the format of both sides: base64 of its 8 bytes, lowest first. */
export function encodeDouble(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes.toString("base64");
}

export function decodeDouble(text: string): number {
  return Buffer.from(text, "base64").readDoubleLE();
}

export function encodeText(byteString: string): string {
  return Buffer.from(byteString, "latin1").toString("base64");
}

export function decodeText(text: string): string {
  return Buffer.from(text, "base64").toString("latin1");
}

export interface LockstepPipes {
  /** Paths of named pipes. */
  readonly down: string;
  readonly up: string;
}

/** The link to the host, time and timers. */
const TIME_PROGRAM = `
  var uptime = 0, wall = 0, offset = 0, looks = 0, quiet = 0, texts = 0;
  var timers = [], nextTimer = 1, wake = Infinity, isScheduled = false, isRunning = false;
  function decode(text) {
    var bytes = new Uint8Array(8);
    bytes.set(E.toUint8Array(atob(text)));
    return new Float64Array(bytes.buffer)[0];
  }
  function encode(number) {
    return btoa(E.toString(new Uint8Array(new Float64Array([number]).buffer)));
  }
  function tell(line) { up.write(line + "\\n"); }
  function receive() {
    var length = down.read(${FRAME_LENGTH_DIGITS}), frame;
    if (length === undefined) quit();
    frame = down.read(parseInt(length, 10));
    uptime = decode(frame.substr(2, ${DOUBLE_DIGITS}));
    wall = decode(frame.substr(${3 + DOUBLE_DIGITS}, ${DOUBLE_DIGITS}));
    return { kind: frame[0], value: frame.substr(${4 + 2 * DOUBLE_DIGITS}) };
  }
  function ask(line) {
    var frame;
    tell(line);
    while (true) {
      frame = receive();
      if (frame.kind === "=") return frame.value;
      take(frame);
      tell("done");
    }
  }
  // Called from the interpreter's own queue, which reports exceptions.
  function soon(code) {
    quiet = 0;
    simulator.emit("call", code);
  }
  // As a separate program, because eval would see the variables of this one.
  function soonText(text) {
    texts++;
    setTimer(text, 0);
    setTimer(function() { texts--; quiet = 0; }, 0);
  }
  simulator.on("call", function(code) { code(); });
  function step() {
    if (texts > 0 || quiet++ < ${QUIET_TURNS}) return;
    quiet = 0;
    tell("idle " + (wake === Infinity ? "-" : encode(wake)) + " " + (isScheduled ? 1 : 0));
    isScheduled = false;
    looks = 0;
    take(receive());
  }
  function now() {
    if (++looks % ${LOOKS_TOLD} === 0) ask("looked");
    return wall + offset;
  }
  function schedule() {
    if (isRunning) return;
    wake = Infinity;
    timers.forEach(function(timer) { if (timer.due < wake) wake = timer.due; });
    isScheduled = true;
  }
  function find(id) {
    for (var i = 0; i < timers.length; i++) if (timers[i].id === id) return i;
    return -1;
  }
  function add(code, delay, repeat, values) {
    if (typeof code !== "function" && typeof code !== "string") throw new Error("Function or String not supplied!");
    delay = Math.max(+delay || 0, repeat ? 1 : 0);
    timers.push({ id: nextTimer, code: code, values: values, due: uptime + delay, interval: repeat ? delay : undefined });
    schedule();
    return nextTimer++;
  }
  function clear(name, ids) {
    var at;
    if (ids.length === 0) timers = [];
    else if (ids[0] === undefined) throw new Error(name + "(undefined) not allowed. Use " + name + "() instead");
    else if ((at = find(ids[0])) >= 0) timers.splice(at, 1);
  }
  function run(timer) {
    soon(function() {
      var at = find(timer.id), code = timer.code;
      if (at < 0 || timer.due > uptime) return;
      if (timer.interval === undefined) timers.splice(at, 1);
      else timer.due += timer.interval;
      if (typeof code === "string") soonText(code);
      else code.apply(global, timer.values);
    });
  }
  function runDue() {
    isRunning = true;
    timers.forEach(function(timer) { if (timer.due <= uptime) run(timer); });
    soon(function() {
      isRunning = false;
      schedule();
    });
  }
  function jump(by) {
    timers.forEach(function(timer) { timer.due -= by; });
    schedule();
  }
  global.setTimeout = function(code, delay) { return add(code, delay, false, [].slice.call(arguments, 2)); };
  global.setInterval = function(code, delay) { return add(code, delay, true, [].slice.call(arguments, 2)); };
  global.clearTimeout = function() { clear("clearTimeout", arguments); };
  global.clearInterval = function() { clear("clearInterval", arguments); };
  global.changeInterval = function(id, interval) {
    var at = find(id);
    if (at < 0) throw new Error("Unknown Interval");
    timers[at].interval = Math.max(+interval || 0, 1);
    timers[at].due = uptime + timers[at].interval;
    schedule();
  };
  global.getTime = function() { return now() / 1000; };
  global.setTime = function(seconds) { offset = seconds * 1000 - wall; };
  Date.now = function() { return Math.floor(now()); };
  Math.random = function() { return decode(ask("random")); };
  Math.randInt = function(range) { return Math.floor(Math.random() * (range || 0x100000000)); };
  E.hwRand = function() { return (Math.random() * 0x100000000) | 0; };
  E.getTemperature = function() { return decode(ask("temperature")); };
  E.enableWatchdog = function(seconds, automatic) {
    ask("watchdog " + (automatic === undefined || automatic ? "-" : encode(seconds)));
  };
  E.kickWatchdog = function() { ask("kick"); };
  E.reboot = function() { ask("restart reboot"); };
  global.load = function() { soon(function() { ask("restart load"); }); };`;

/** The network of the interpreter's sockets, and Wi-Fi. */
const NETWORK_PROGRAM = `
  var sockets = {}, inReach = [], radioChanged;
  // The last byte counts as unsent, so that the socket keeps polling until the host reports that it was sent.
  require("NetworkJS").create({
    // A server without clients, which is polled in each turn and so keeps the interpreter awake.
    accept: function() {
      step();
      return -1;
    },
    create: function(host, port) {
      var number;
      if (host === undefined) return 0;
      number = +ask("connect " + port + " " + btoa(host));
      if (number >= 0) sockets[number] = { isConnected: false, isClosed: false, isDrained: false, held: 0, received: [] };
      quiet = 0;
      return number;
    },
    send: function(number, data) {
      var socket = sockets[number], isWhole;
      if (!socket || socket.isClosed) return -1;
      isWhole = data.length === socket.held;
      if (!isWhole) {
        quiet = 0;
        ask("send " + number + " " + btoa(data.substr(socket.held)));
        socket.held = 1;
        socket.isDrained = false;
        return data.length - 1;
      }
      if (!socket.isDrained) return 0;
      quiet = 0;
      socket.isDrained = false;
      socket.held = 0;
      return data.length;
    },
    recv: function(number) {
      var socket = sockets[number];
      if (!socket) return -1;
      if (socket.received.length > 0) {
        quiet = 0;
        return socket.received.shift();
      }
      if (socket.isClosed) return -1;
      return socket.isConnected ? "" : ${SOCKET_ERR_NO_CONN};
    },
    close: function(number) {
      quiet = 0;
      if (sockets[number]) ask("close " + number);
      delete sockets[number];
    }
  });
  function takeNetwork(kind, number, data) {
    var socket = sockets[+number];
    if (!socket) return;
    if (kind === "C") socket.isConnected = true;
    if (kind === "R") socket.received.push(atob(data));
    if (kind === "S") socket.isDrained = true;
    if (kind === "X") socket.isClosed = true;
  }
  simulator.beacons = function() { return inReach; };
  simulator.linkChanged = function(isUp) { ask("link " + (isUp ? 1 : 0)); };
  simulator.watchRadio = function(code) { radioChanged = code; };
  Modules.addCached("tls", 'exports.connect = function(options, code) { return require("net").connect(options, code); };');`;

/** Storage, which is on the host, where power may fail in a write. */
const STORAGE_PROGRAM = `
  var storage = {};
  function bytesOf(data) {
    if (typeof data === "string") return data;
    if (typeof data === "object" && !(data instanceof Array) && data.buffer === undefined && !(data instanceof ArrayBuffer)) return JSON.stringify(data);
    return E.toString(data);
  }
  function attempt(line) {
    var problem = ask(line);
    if (problem) throw new Error(atob(problem));
    return true;
  }
  storage.read = function(name, offset, length) {
    var found = ask("read " + btoa("" + name)), content;
    if (found === "-") return undefined;
    content = atob(found);
    if (offset === undefined && length === undefined) return content;
    return length === undefined ? content.substr(offset || 0) : content.substr(offset || 0, length);
  };
  storage.write = function(name, data, offset, size) {
    return attempt("write " + btoa("" + name) + " " + btoa(bytesOf(data)) + " " + (offset || 0) + " " + (size || 0));
  };
  storage.erase = function(name) { ask("erase " + btoa("" + name)); };
  storage.eraseAll = function() { ask("eraseAll"); };
  storage.compact = function() { ask("compact"); };
  storage.list = function(pattern) {
    return JSON.parse(atob(ask("list"))).filter(function(name) { return !pattern || pattern.test(name); });
  };
  storage.readJSON = function(name, noExceptions) {
    var content = storage.read(name);
    if (content === undefined) return undefined;
    try { return JSON.parse(content); } catch (error) { if (!noExceptions) throw error; }
  };
  storage.writeJSON = function(name, value) { return storage.write(name, JSON.stringify(value)); };
  storage.readArrayBuffer = function(name) {
    var content = storage.read(name);
    return content === undefined ? undefined : E.toUint8Array(content).buffer;
  };
  storage.getStats = function() { return JSON.parse(atob(ask("stats"))); };
  storage.getFree = function() { return storage.getStats().freeBytes; };
  simulator.storage = storage;
  simulator.flash = {
    read: function(length, address) { return E.toUint8Array(atob(ask("readFlash " + address + " " + length))); },
    write: function(data, address) { attempt("writeFlash " + address + " " + btoa(bytesOf(data))); }
  };
  Modules.addCached("Storage", 'module.exports = require("motekit-simulator").storage;');
  Modules.addCached("Flash", 'module.exports = require("motekit-simulator").flash;');`;

const EVENTS_PROGRAM = `
  function drive(pin, level, time) {
    soon(function() { simulator.drive(pin, level, time); });
  }
  function take(frame) {
    var kind = frame.kind, value = frame.value, at = value.indexOf(" "), first, second;
    quiet = 0;
    if (at >= 0) {
      first = value.substr(0, at);
      second = value.substr(at + 1);
    } else first = value;
    if (kind === "T") runDue();
    else if (kind === "J") jump(decode(first));
    else if (kind === "P") drive(first, decode(second), (wall + offset) / 1000);
    else if (kind === "A") {
      inReach = JSON.parse(atob(first));
      if (radioChanged) radioChanged();
    } else if (kind === "B") {
      simulator.app = atob(first);
      soonText('eval(require("motekit-simulator").app)');
    } else takeNetwork(kind, first, second);
  }
  require("net").createServer(function() {}).listen(1);
  // Without timers and work the program would end.
  setTimer(function() {}, 1e12);`;

export interface LockstepBoot {
  readonly board: Board;
  readonly serialNumber: string;
  readonly pipes: LockstepPipes;
  readonly pinLevels: PinLevels;
}

/** The program of the interpreter's process. The bundle arrives as the first event. */
export function lockstepProgram({ board, serialNumber, pipes, pinLevels }: LockstepBoot): string {
  const wifi = `module.exports = (function() {
    var simulator = require("motekit-simulator");
    return ${WIFI_PROGRAM}(simulator.beacons, simulator.linkChanged, simulator.watchRadio);
  })();`;
  return [
    `Modules.addCached("motekit-simulator", "");`,
    "echo(0);",
    "(function() {",
    `var simulator = require("motekit-simulator"), setTimer = setTimeout;`,
    `var down = E.openFile(${JSON.stringify(pipes.down)}, "r"), up = E.openFile(${JSON.stringify(pipes.up)}, "w");`,
    TIME_PROGRAM,
    NETWORK_PROGRAM,
    STORAGE_PROGRAM,
    EVENTS_PROGRAM,
    "})();",
    PINS_PROGRAM,
    ...(board.unicode ? [] : [BYTE_TEXTS_PROGRAM]),
    ...(board.radio.wifi ? [`Modules.addCached("Wifi", ${JSON.stringify(wifi)});`] : []),
    `global.getSerial = function() { return ${JSON.stringify(serialNumber)}; };`,
    `process.version = ${JSON.stringify(SIMULATED_VERSION)};`,
    `process.env = ${JSON.stringify(boardEnvironment(board, serialNumber))};`,
    `print(${JSON.stringify(STARTED_LINE)});`,
    ...pinNames(board),
    ...pinStates(pinLevels),
  ].join("\n");
}
