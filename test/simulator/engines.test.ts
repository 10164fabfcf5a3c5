/** One suite for both engines, with the same small programs and the same expectations. */
import { crc32 } from "node:zlib";
import { expect, it } from "vitest";
import { sealedConfiguration } from "../../host/simulator/engines/board-files.ts";
import { toBytes } from "../../host/simulator/interpreter/byte-strings.ts";
import { ALL_BYTES, allBytes, boot, describeEngine } from "../fixtures/engine-suite.ts";
import { TEST_CONFIGURATION } from "../fixtures/simulated-boards.ts";

describeEngine("a program", (engine) => {
  it("print: lines are decoded as UTF-8", async () => {
    const { lines, untilLine } = await boot(
      engine,
      'console.log("gr\xc3\xbc\xc3\x9fe", 1, true); print("end");',
    );
    await untilLine("end");
    expect(lines).toEqual(["grüße 1 true", "end"]);
  });

  it("globals: the program has no globals of Node", async () => {
    const { lines, untilLine } = await boot(
      engine,
      `print(typeof Buffer, typeof setImmediate, typeof URL, typeof queueMicrotask, typeof fetch, typeof Map,
        typeof Symbol, typeof module, typeof process.exit, typeof process.nextTick, typeof Array.from, typeof [].at,
        typeof "".matchAll, typeof Object.is);
      print("end");`,
    );
    await untilLine("end");
    expect(lines[0]).toBe(new Array(14).fill("undefined").join(" "));
  });

  it("globals: the program has Espruino's globals", async () => {
    const { lines, untilLine } = await boot(
      engine,
      `print(D2 instanceof Pin, "" + D2, typeof E.CRC32, typeof getTime(), typeof process.env.BOARD, global === this,
        typeof require("Storage").read, typeof ({}).on, typeof Promise, JSON.stringify(E.toUint8Array("a\\xff")));
      print(process.memory().free > 0, process.memory().total > 0, Math.randInt(1), E.toString([1, 2]).length);
      print("end");`,
    );
    await untilLine("end");
    expect(lines.slice(0, -1)).toEqual([
      "true D2 function number string true function function function [97,255]",
      "true true 0 2",
    ]);
  });

  it("timers: they run in order of time, with arguments, until they are cleared", async () => {
    const { lines, untilLine } = await boot(
      engine,
      `setTimeout(function(a, b) { print("late", a, b); }, 300, 1, "x");
      setTimeout(function() { print("early"); }, 100);
      var never = setTimeout(function() { print("never"); }, 150);
      clearTimeout(never);
      var beats = 0, beat = setInterval(function() {
        print("beat " + (++beats));
        if (beats === 1) changeInterval(beat, 120);
        if (beats === 2) { clearInterval(beat); setTimeout(function() { print("end"); }, 300); }
      }, 20);
      try { clearTimeout(undefined); } catch (e) { print(e.message); }
      try { setTimeout(5, 5); } catch (e) { print(e.message); }`,
    );
    await untilLine("end");
    expect(lines).toEqual([
      "clearTimeout(undefined) not allowed. Use clearTimeout() instead",
      "Function or String not supplied!",
      "beat 1",
      "early",
      "beat 2",
      "late 1 x",
      "end",
    ]);
  });

  it("events: listeners run after the current code and before timers", async () => {
    const { lines, untilLine } = await boot(
      engine,
      `var o = {}; o.on("told", function(a, b) { print("told", a, b); });
      setTimeout(function() { print("end"); }, 100);
      o.emit("told", 1, "two"); print("after");
      Promise.resolve(3).then(function(v) { print("then", v); });`,
    );
    await untilLine("end");
    expect(lines).toEqual(["after", "told 1 two", "then 3", "end"]);
  });
});

describeEngine("a line that is typed", (engine) => {
  it("console input: a line runs in the program's scope, and its value or exception is printed", async () => {
    const { board, lines, untilLine } = await boot(engine, 'var seen = 1; print("start");');
    await untilLine("start");
    for (const line of [
      "seen + 1",
      "var later; later = 'gr\u00fc\u00df \\'x\\''; undefined",
      "later",
      "missing",
      "1 +",
      "print('said')",
      "seen = 5; undefined",
    ]) {
      board.type(line);
    }
    board.type("'end ' + seen");
    await untilLine('= "end 5"');
    // The engines print the place of an exception differently.
    expect(lines.filter((line) => /^(=|Uncaught|said)/.test(line))).toEqual([
      "= 2",
      "= undefined",
      expect.stringMatching(/^= "gr.*x'"$/),
      expect.stringMatching(/^Uncaught ReferenceError: "?missing"? is not defined$/),
      expect.stringMatching(/^Uncaught SyntaxError: /),
      "said",
      "= undefined",
      "= undefined",
      '= "end 5"',
    ]);
  });
});

describeEngine("a program in trouble", (engine) => {
  it("exceptions: an uncaught exception in a listener is printed, and the program continues", async () => {
    const { lines, untilLine } = await boot(
      engine,
      `setTimeout(function() { throw new Error("broken"); }, 10);
      setTimeout(function() {
        process.on("uncaughtException", function(e) { print("handled " + e.message); });
        setTimeout(function() { throw new Error("again"); }, 10);
        setTimeout(function() { print("end"); }, 300);
      }, 200);`,
    );
    await untilLine("end");
    expect(lines[0]).toBe("Uncaught Error: broken");
    expect(lines[1]).toMatch(/^ {4}at .*app\.js:1:\d+/);
    expect(lines.slice(-2)).toEqual(["handled again", "end"]);
  });

  it("restarts: E.reboot() and load() keep Storage and end timers", async () => {
    const { lines, untilLine } = await boot(
      engine,
      `var storage = require("Storage"), boots = (storage.read("boots") | 0) + 1;
      storage.write("boots", "" + boots);
      print("boot " + boots);
      setTimeout(function() { if (boots < 3) print("ghost"); else print("end"); }, 400);
      setTimeout(function() {
        if (boots === 1) { E.reboot(); print("unreached"); }
        if (boots === 2) load();
      }, 50);`,
    );
    await untilLine("end");
    expect(lines).toEqual(["boot 1", "boot 2", "boot 3", "end"]);
  });

  it("stop: the board ends and reports it once", async () => {
    const { board, exits, lines } = await boot(engine, 'setInterval(function() { print("tick"); }, 20);');
    await board.stop();
    await board.stop();
    const count = lines.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(exits).toEqual([{ kind: "stopped" }]);
    expect(lines).toHaveLength(count);
  });
});

describeEngine("Storage", (engine) => {
  it("Storage: every byte value is stored", async () => {
    const { lines, untilLine } = await boot(
      engine,
      `${ALL_BYTES} var storage = require("Storage");
      storage.write("all", all);
      print(storage.read("all").length, E.CRC32(storage.read("all")), storage.read("all") === all);
      print("end");`,
    );
    await untilLine("end");
    expect(lines[0]).toBe(`256 ${crc32(allBytes)} true`);
  });

  it("Storage: names are truncated, empty and oversized files are refused, and parts and JSON can be read", async () => {
    const { lines, untilLine } = await boot(
      engine,
      `var s = require("Storage");
      function tried(f) { try { return f(); } catch (e) { return e.message; } }
      s.write("abcdefghijklmnopqrstuvwxyz1234567890", "x");
      print(s.list(/^abc/).join());
      print(tried(function() { return s.write("e", ""); }));
      print(tried(function() { return s.write("big", "x", 0, 99999999); }));
      print(s.read("none"), s.readJSON("none"), s.read("abcdefghijklmnopqrstuvwxyz1"));
      s.write("p", "ab", 0, 6); s.write("p", "cd", 2);
      print(JSON.stringify(s.read("p")), s.read("p", 1, 2));
      print(tried(function() { return s.write("p", "zz", 1); }));
      print(tried(function() { return s.write("p", "zzz", 4); }));
      s.writeJSON("j", { a: [1] }); print(s.readJSON("j").a[0]);
      s.erase("j"); print(s.read("j")); print("end");`,
    );
    await untilLine("end");
    expect(lines.filter((line) => !line.startsWith("Compacting"))).toEqual([
      "abcdefghijklmnopqrstuvwxyz12",
      "Can't create zero length file",
      "Unable to find or create file",
      "undefined undefined undefined",
      '"abcd\\u00FF\\u00FF" bc',
      "File already written with different data",
      "Too much data for file size",
      "1",
      "undefined",
      "end",
    ]);
  });

  it("Storage: it contains the configuration and the app unchanged", async () => {
    const source = `var s = require("Storage");
      print(E.CRC32(s.read("mk.cfg0")), E.CRC32(s.read("app.js")), s.read("mk.cfg0").substr(0, 8));
      print("end");//${allBytes.toString("latin1").replace(/[\n\r]/g, "")}${"x".repeat(9000)}`;
    const { lines, untilLine } = await boot(engine, source);
    await untilLine("end");
    const sealed = sealedConfiguration(TEST_CONFIGURATION);
    expect(lines[0]).toBe(
      `${crc32(toBytes(sealed))} ${crc32(Buffer.from(source, "latin1"))} ${sealed.substring(0, 8)}`,
    );
  });
});

describeEngine("a pin", (engine) => {
  it("pins: a changed level is reported, and a written level can be read", async () => {
    const { pins, lines, untilLine } = await boot(
      engine,
      `digitalWrite(D2, 1); D2.write(true); print(D2.read(), digitalRead(D2)); D2.reset(); print(D2.toggle());
      D3.set(); digitalWrite([D5, D4], 2); digitalPulse(D6, 1, 20);
      setTimeout(function() { print("end"); }, 200);`,
    );
    await untilLine("end");
    expect(lines.slice(0, 2)).toEqual(["true 1", "true"]);
    expect(pins).toEqual([
      ["D2", 1],
      ["D2", 0],
      ["D2", 1],
      ["D3", 1],
      ["D4", 0],
      ["D5", 1],
      ["D6", 1],
      ["D6", 0],
    ]);
  });

  it("pins: a pin with a pull-up, by its mode or as the board's button, reads 1", async () => {
    const { lines, untilLine } = await boot(
      engine,
      `pinMode(D4, "input_pullup");
      print(digitalRead(BTN1), D4.read(), digitalRead(D5));
      digitalWrite(D4, 0);
      print(digitalRead(D4));
      print("end");`,
      { boardId: "esp32" },
    );
    await untilLine("end");
    expect(lines).toEqual(["1 true 0", "0", "end"]);
  });

  it("pins: a driven level applies in the first statement and survives a restart", async () => {
    const { board, lines, untilLine } = await boot(
      engine,
      `var storage = require("Storage"), starts = Number(storage.read("starts") || "0") + 1;
      print("start " + starts + ": " + digitalRead(D5));
      if (starts === 2) setTimeout(function() { print("later", digitalRead(D5), digitalRead(D6)); print("end"); }, 300);
      else setWatch(function() { storage.write("starts", "1"); E.reboot(); }, D6);`,
      { pinLevels: new Map([["D5", 1]]) },
    );
    await untilLine("start 1: 1");
    board.drivePin("D6", 1);
    await untilLine("end");
    expect(lines).toEqual(["start 1: 1", "start 2: 1", "later 1 1", "end"]);
  });

  it("pins: setWatch reports a driven level", async () => {
    const { board, lines, untilLine } = await boot(
      engine,
      `setWatch(function(e) { print("fell", e.state, "" + e.pin); }, D0, { repeat: true, edge: "falling" });
      setWatch(function(e) { print("once", e.state); }, D0);
      setWatch(function(e) { print("end"); }, D1);
      print("ready");`,
    );
    await untilLine("ready");
    for (const level of [1, 0, 1, 0]) board.drivePin("D0", level);
    board.drivePin("D1", 1);
    await untilLine("end");
    expect(lines).toEqual(["ready", "once true", "fell false D0", "fell false D0", "end"]);
  });
});

describeEngine("Wi-Fi", (engine) => {
  it("Wi-Fi: the board joins a configured network, and reports an unknown network or a wrong password", async () => {
    const { lines, untilLine } = await boot(
      engine,
      `var wifi = require("Wifi");
      wifi.on("connected", function(d) { print("connected", d.ip); });
      wifi.on("disconnected", function(d) { print("disconnected", d.msg); });
      print(wifi.getIP().ip, wifi.getStatus().station);
      wifi.connect("elsewhere", {}, function() { print("never"); });
      setTimeout(function() { wifi.connect("home", { password: "guess" }); }, 400);
      setTimeout(function() {
        wifi.connect("home", { password: "correct horse" }, function(e) { print("callback", e); });
      }, 800);
      setTimeout(function() { print(wifi.getIP().ip, wifi.getStatus().station); wifi.disconnect(); }, 1100);
      setTimeout(function() { print("end"); }, 1300);`,
      { boardId: "esp32" },
    );
    await untilLine("end");
    expect(lines.filter((line) => line !== "callback null")).toEqual([
      "0.0.0.0 off",
      "disconnected NO_AP_FOUND",
      "disconnected AUTH_FAIL",
      "connected 192.168.4.2",
      "192.168.4.2 connected",
      "disconnected ASSOC_LEAVE",
      "end",
    ]);
    expect(lines).toContain("callback null");
  });

  it("Wi-Fi: a board without a radio has no Wifi module", async () => {
    const { untilLine } = await boot(engine, 'try { require("Wifi"); } catch (e) { print(e.message); }');
    await untilLine('Module "Wifi" not found');
  });
});
