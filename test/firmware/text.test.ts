/**
 * Text beyond ASCII, both ways: what Mosquitto's own clients read of a device, and what a device reads of them. On boards
 * whose strings are bytes and on one with Unicode, on both engines.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ENGINES } from "../../host/simulator/board-api/simulated-board.ts";
import { boot, closeOpened } from "../fixtures/engine-suite.ts";
import { type Mosquitto, startMosquitto } from "../fixtures/mosquitto.ts";
import { hasProgram, requireProgram } from "../fixtures/programs.ts";
import { TEST_CONFIGURATION } from "../fixtures/simulated-boards.ts";
import { BYTES, buildTextApp, TEXT } from "../fixtures/text-app.ts";

const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString("hex");
const utf8 = (text: string): string => Buffer.from(text).toString("hex");

let mosquitto: Mosquitto;
const clients: ChildProcess[] = [];

/** Collects what mosquitto_sub reads: a topic name and the payload in hexadecimal digits a line. */
async function listenTo(filter: string): Promise<string[]> {
  const lines: string[] = [];
  const options = ["-p", String(mosquitto.port), "-q", "1", "-t", filter, "-F", "%t %x"];
  const client = spawn(requireProgram("mosquitto_sub"), options, { stdio: ["ignore", "pipe", "inherit"] });
  clients.push(client);
  let held = "";
  client.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    held += chunk;
    lines.push(...held.split("\n").slice(0, -1));
    held = held.slice(held.lastIndexOf("\n") + 1);
  });
  return lines;
}

const PROBE = "probe";

/** mosquitto_sub does not report its SUBACK, so a message is sent until it arrives. */
async function untilSubscribed(lines: string[]): Promise<void> {
  await vi.waitFor(
    async () => {
      await send(PROBE, "1");
      expect(lines.some((line) => line.startsWith(PROBE))).toBe(true);
    },
    { timeout: 20_000, interval: 50 },
  );
}

function send(topic: string, payload: string | Buffer, ...more: string[]): Promise<void> {
  const options = ["-p", String(mosquitto.port), "-q", "1", "-t", topic, "-s", ...more];
  const client = spawn(requireProgram("mosquitto_pub"), options, { stdio: ["pipe", "ignore", "inherit"] });
  client.stdin.end(payload);
  return new Promise((resolve, reject) => {
    client.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`mosquitto_pub: ${code}`))));
  });
}

const DEVICE = "geräte/fühler-é";

async function start(board: string, engine: "node" | "espruino") {
  const lines = await listenTo("#");
  await untilSubscribed(lines);
  const booted = await boot(engine, "", {
    boardId: board,
    app: await buildTextApp(board),
    configuration: {
      ...TEST_CONFIGURATION,
      deviceId: "fühler-é",
      topicPrefix: "geräte",
      hub: { host: "127.0.0.1", port: mosquitto.port, username: "ü", password: "pässword" },
    },
  });
  const until = (line: string) =>
    vi.waitFor(() => expect(lines).toContain(line), { timeout: 20_000, interval: 20 });
  const event = async (name: string): Promise<unknown> => {
    const topic = `${DEVICE}/event/${name} `;
    const found = await vi.waitFor(
      () => {
        const line = lines.find((one) => one.startsWith(topic));
        expect(line, `${topic} among\n${lines.join("\n")}`).toBeDefined();
        return line as string;
      },
      { timeout: 20_000, interval: 20 },
    );
    lines.splice(lines.indexOf(found), 1);
    const bytes = Buffer.from(found.slice(topic.length), "hex");
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  };
  return { ...booted, lines, until, event };
}

beforeAll(async () => {
  if (hasProgram("mosquitto")) mosquitto = await startMosquitto();
});
afterAll(() => mosquitto?.close());
afterEach(async () => {
  for (const client of clients.splice(0)) client.kill();
  await closeOpened();
});

const hasMosquitto = ["mosquitto", "mosquitto_pub", "mosquitto_sub"].every(hasProgram);

describe.each(ENGINES)("text on the engine %s", (engine) => {
  const isAbsent = !hasMosquitto || (engine === "espruino" && !hasProgram("espruino"));
  describe.skipIf(isAbsent).each(["esp32", "linux"])("board %s", (board) => {
    it("is UTF-8 on the wire, in payloads, topic names, retained messages and wills; bytes arrive as they are", async () => {
      const device = await start(board, engine);
      await device.until(`${DEVICE}/status ${utf8("online")}`);
      await device.until(`after ${utf8("still in step")}`);
      expect(await device.event("note")).toEqual({ text: "µg/m³", schlüssel: [1, "ä", null] });
      const telemetry = device.lines.find((line) => line.startsWith(`${DEVICE}/telemetry/unit `));
      expect(JSON.parse(Buffer.from(telemetry?.split(" ")[1] ?? "", "hex").toString())).toBe(TEXT);
      await device.until(`${DEVICE}/telemetry/温度 ${utf8("21.5")}`);
      await device.until(`räume/küche/name ${utf8("Küche 日本 😀")}`);
      await device.until(`bytes/array ${hex(BYTES)}`);
      await device.until(`bytes/buffer ${hex(BYTES)}`);
      await device.until(`bytes/view ${hex(BYTES.slice(1, 4))}`);
      await device.until("bytes/string ffd8");
      await device.until(`ströme/eins ${utf8("€")}${hex(BYTES.slice(0, 5))}`);
      const later = await listenTo("räume/#");
      await vi.waitFor(() => expect(later).toEqual([`räume/küche/name ${utf8("Küche 日本 😀")}`]), 10_000);
      device.board.kill();
      await device.until(`${DEVICE}/status ${utf8("offline")}`);
    }, 60_000);

    it("in a command equals the literal, however JSON spells it", async () => {
      const device = await start(board, engine);
      await device.event("boot");
      const command = `${DEVICE}/command`;
      const escaped = JSON.stringify(TEXT).replace(
        /[^\0-\x7f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
      expect(escaped).toContain("\\ud83d\\ude00");
      for (const json of [JSON.stringify(TEXT), escaped, escaped.replaceAll("\\u00b0", "\\u00B0")]) {
        await send(`${command}/same`, json);
        expect(await device.event("same")).toEqual({ ok: true, value: [true, TEXT] });
      }
      for (const json of ['{"schlüssel":"wärme"}', '{"schl\\u00fcssel":"w\\u00e4rme"}']) {
        await send(`${command}/keys`, json);
        expect(await device.event("keys")).toEqual({ ok: true, value: [true, true, { schlüssel: "wärme" }] });
      }
      await send(`${command}/größe`, '"\\\\u00b0 \\u0041\\u0022"');
      expect(await device.event("größe")).toEqual({ ok: true, value: '\\u00b0 A"' });
      await send(`${command}/escapes`, "1");
      expect(await device.event("escapes")).toEqual({
        ok: true,
        value: ["\\u00C2\\u00B0", "\\", '"°"\n', "\\°", "\x7f"],
      });
      await send(`${command}/own-json`, '"é"');
      const own = (await device.event("own-json")) as { value: boolean[] };
      expect(own.value.slice(0, 3)).toEqual([true, true, true]);
      if (board === "esp32") expect(own.value[3]).toBe(true);
    }, 60_000);

    it("reaches listeners as text, and is published by them unchanged", async () => {
      const device = await start(board, engine);
      await device.event("boot");
      await device.until(`after ${utf8("still in step")}`);
      await send("räume/küche/wert", TEXT);
      expect(await device.event("got")).toEqual([true, true, Buffer.from(TEXT).join()]);
      await device.until(`antwort/räume/küche/wert ${utf8(TEXT)}`);
      await send("räume/küche/wert", Buffer.from(BYTES));
      expect(await device.event("got")).toEqual([true, false, BYTES.join()]);
      await device.until(`antwort/räume/küche/wert ${hex(BYTES)}`);
    }, 60_000);

    it("that is not UTF-8 makes a command fail by its event, and its handler is not called", async () => {
      const device = await start(board, engine);
      await device.event("boot");
      for (const payload of [
        [0x22, 0xff, 0x22],
        [0x22, 0xc2, 0x22],
        [0xc2],
        [0x22, 0xed, 0xa0, 0x80, 0x22],
      ]) {
        await send(`${DEVICE}/command/same`, Buffer.from(payload));
        expect(await device.event("same")).toEqual({ ok: false, error: "not UTF-8" });
      }
      await send(`${DEVICE}/command/same`, '"\\ud83d"');
      // The parser of an interpreter with Unicode drops half of a pair at the end of a text, and refuses it elsewhere.
      const half = board === "esp32" ? { ok: false, error: "not UTF-8" } : { ok: true, value: [false, ""] };
      expect(await device.event("same")).toEqual(half);
      // The second escape must follow the first at once.
      await send(`${DEVICE}/command/same`, '"\\ud83da0dc00"');
      expect(await device.event("same")).toEqual(
        board === "esp32"
          ? { ok: false, error: "not UTF-8" }
          : { ok: false, error: "Unmatched Unicode surrogate" },
      );
      await send(`${DEVICE}/command/日本`, "1");
      expect(await device.event("日本")).toEqual({ ok: false, error: "there is no command 日本" });
    }, 60_000);

    it("is on the console as text", async () => {
      const device = await start(board, engine);
      await device.until(`after ${utf8("still in step")}`);
      await send("räume/küche/wert", TEXT);
      await device.untilLine(`~mk log got ${TEXT}`);
    }, 60_000);
  });
});
