/** The maximum call depth of the reference firmware, because the stack of an ESP32-C3 is small. */
import { expect, it } from "vitest";
import { findEntry } from "../../host/project/find-entry.ts";
import { withDepthProbe } from "../../host/testing/call-depth.ts";
import { buildAppOnce } from "../fixtures/run/built-once.ts";
import { KEEP_ALIVE_SECONDS, RECONNECT_MS_MAX, Sweep } from "../fixtures/sweep.ts";

const FRAMES_MAX = 12;
const NATIVES_MAX = 3;

it(`the reference firmware has at most ${FRAMES_MAX} nested calls, ${NATIVES_MAX} of them through native functions`, async () => {
  const app = await buildAppOnce(findEntry(undefined, "/"), "linux");
  const world = new Sweep(withDepthProbe(app)).createWorld({
    faultsOf: (attempt) => (attempt % 3 === 0 ? { chunkBytesMax: 1 } : undefined),
  });
  const command = (name: string, payload: string, qos: 0 | 1) =>
    world.hub.run((hub, nowMs) =>
      hub.publish(
        { topic: `devices/dev/command/${name}`, payload: Buffer.from(payload), qos, retain: false },
        nowMs,
      ),
    );
  world.board.powerOn();
  world.timeline.advance(2_000);
  for (let round = 0; round < 4; round++) {
    command("led", "true", 1);
    command("interval", "5", 0);
    command("interval", "0", 1);
    command("nothing", "{", 1);
    world.timeline.advance(3_000 * KEEP_ALIVE_SECONDS);
    expect(world.hub.hub.isConnected("dev")).toBe(true);
    command("led", "false", 1);
    // The answer is in the outbox when the connection breaks.
    world.timeline.advance(5);
    if (round % 2) world.board.network.cut();
    else world.board.network.sever();
    world.hub.hub.rules = round === 2 ? { refuseConnect: () => 3 } : {};
    world.timeline.advance(RECONNECT_MS_MAX / 2);
    world.hub.hub.rules = {};
    world.timeline.advance(3 * RECONNECT_MS_MAX);
  }
  const depths = world.board.deepestCalls;
  const deepest = depths.at(-1);
  process.stdout.write(`deepest call: ${deepest?.frames} frames: ${deepest?.chain}\n`);
  expect(depths.length).toBeGreaterThan(1);
  for (const { frames, natives, chain } of depths) {
    expect(frames, chain).toBeLessThanOrEqual(FRAMES_MAX);
    expect(natives, chain).toBeLessThanOrEqual(NATIVES_MAX);
  }
}, 120_000);
