import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bytesOf } from "../../host/serial/bytes.ts";
import { BoardConsole } from "../../host/serial/console.ts";
import { pause, systemClock } from "../../host/serial/line-clock.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { EspruinoDevice } from "../fixtures/serial/espruino-device.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";

describe.skipIf(!hasProgram("espruino"))("the console of a real Espruino", { timeout: 60_000 }, () => {
  let device: EspruinoDevice;
  let line: MemoryLine;
  let text: string;

  beforeEach(() => {
    device = new EspruinoDevice();
    line = new MemoryLine(device);
    text = "";
    device.powerOn();
  });

  afterEach(() => device.dispose());

  const open = () => new BoardConsole(line, { onText: (piece) => (text += piece) });

  /** Types before anybody asks, and waits until the interpreter has read it. */
  async function leave(typed: string): Promise<void> {
    await pause(systemClock, 300);
    device.receive(bytesOf(typed));
    await pause(systemClock, 300);
  }

  test.each([
    ["an empty line", ""],
    ["a half-typed line", "var half = (1 + "],
    ["an open template literal", "`abc\n"],
    ["an open bracket over lines", "function f() {\n"],
    ["echo off", "echo(0)\n"],
    ["echo off and a half-typed line", "echo(0)\nvar x = "],
    ["code that prints all the time", "\x10setInterval(function() { print('tick'); }, 5);\n"],
    ["a busy loop", "\x10while (true);\n"],
  ])("is identified and evaluates after it was left with %s", async (_, typed) => {
    await leave(typed);
    const console = open();
    expect(await console.identify()).toEqual({
      version: expect.stringMatching(/^2v\d/),
      board: "LINUX",
      hasPackets: true,
    });
    expect(await console.evaluate("1+2")).toBe("3");
  });

  test("identifies itself without harm to a half-typed line", async () => {
    await leave("var half = 40 + ");
    const console = open();
    expect(await console.enquire()).toBeUndefined();
    await console.type("2\n");
    await console.identify();
    expect(await console.evaluateJson("half")).toBe(42);
  });

  test("is reported as locked if it has a password", async () => {
    await leave('\x10E.setPassword("secret");E.lockConsole()\n');
    await expect(open().identify()).rejects.toMatchObject({ code: "MK1612" });
  });

  test("gives values in every form, and the message of what was thrown", async () => {
    const console = open();
    await console.identify();
    expect(await console.evaluate('"a\\n\\x00\\xff"')).toBe('"a\\n\\0\\xFF"');
    expect(await console.evaluateJson('{a:[1,"\\x03\\"\\\\\\xff"],b:null}')).toEqual({
      a: [1, '\x03"\\\xff'],
      b: null,
    });
    await expect(console.evaluate("nope.x")).rejects.toMatchObject({
      code: "MK1613",
      message: expect.stringContaining('"nope" is not defined'),
    });
    expect(await console.evaluate("2*3")).toBe("6");
  });

  test("runs statements, one after the other, and reports what they threw", async () => {
    const console = open();
    await console.identify();
    await console.run("var counted = 1");
    await console.run('print("from the board");counted++');
    await expect(console.run("counted.x.y")).rejects.toMatchObject({ code: "MK1613" });
    expect(await console.evaluateJson("counted")).toBe(2);
    expect(text).toContain("from the board");
  });

  test("rejects at once when the board is unplugged", async () => {
    const console = open();
    await console.identify();
    const value = console.evaluate("1");
    line.unplug();
    await expect(value).rejects.toMatchObject({ code: "MK1604" });
    await expect(console.evaluate("1")).rejects.toMatchObject({ code: "MK1604" });
  });
});
