/** A hub that refuses CONNECT [MQTT 3.1.1, 3.2.2.3]: the console shows the reason and the wait, and the device waits that long. */
import { beforeAll, expect, it } from "vitest";
import type { World } from "../../host/testing/world.ts";
import { buildSequenceApp } from "../fixtures/sequence-app.ts";
import { Sweep } from "../fixtures/sweep.ts";

const LINE = /^~mk disconnected connack (\d): (.*); next try in (\d+) s$/;
let app: Uint8Array;

beforeAll(async () => {
  app = await buildSequenceApp(1, 0);
});

function refusals(world: World): { words: string; code: number; seconds: number; atMs: number }[] {
  return world.board.console.flatMap(({ text, atMs }) => {
    const [, code, words, seconds] = LINE.exec(text) ?? [];
    return words ? [{ words, code: Number(code), seconds: Number(seconds), atMs }] : [];
  });
}

it.each([
  [1, "unacceptable protocol version", true],
  [2, "identifier rejected", true],
  [3, "server unavailable", false],
  [4, "bad user name or password", true],
  [5, "not authorized", true],
  [6, "reserved return code", true],
])("CONNACK %d: the console shows %j, and the device waits long: %s", (code, words, isLong) => {
  const world = new Sweep(app).createWorld({});
  world.hub.hub.rules = { refuseConnect: () => code };
  world.board.powerOn();
  world.timeline.advance(2_000);
  const [first] = refusals(world);
  expect(first).toMatchObject({ words, code });
  if (!first) return;
  if (isLong) expect(first.seconds).toBeGreaterThanOrEqual(300);
  else expect(first.seconds).toBeLessThanOrEqual(60);
  world.timeline.advance(first.seconds * 1000);
  const second = refusals(world)[1];
  expect(second).toMatchObject({ words, code });
  if (second) expect((second.atMs - first.atMs) / 1000).toBeCloseTo(first.seconds, -1);
});
