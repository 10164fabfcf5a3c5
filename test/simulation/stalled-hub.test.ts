/** A hub that stops reading, in virtual time: how much waits at the device, and for how long. */
import { expect, it } from "vitest";
import { OUTBOX_SIZE_BYTES_MAX } from "../../firmware/mqtt/limits.ts";
import { buildAppText } from "../fixtures/sequence-app.ts";
import { NOTICE_MS, RECONNECT_MS, Sweep } from "../fixtures/sweep.ts";

/** CONNECT, SUBSCRIBE and the first messages. */
const READ_BYTES = 2_000;
/** Of the virtual network, one way. */
const LATENCY_MS_MAX = 20;
const APP = `import { every, log, publish, start } from "motekit";
const payload = "x".repeat(200);
let refused = 0;
every(0.01, () => {
  if (!publish("devices/dev/telemetry/x", payload) && !refused++) log("refused");
});
start();
`;

it("a hub that does not read costs the bytes of the bound, and is left within 1.5 keep alive periods", async () => {
  const world = new Sweep(await buildAppText(APP)).createWorld({
    faultsOf: (attempt) => (attempt === 1 ? { readsBytesMax: READ_BYTES } : undefined),
    keepsTranscript: true,
  });
  world.board.powerOn();
  const down = () => world.board.console.find(({ text }) => text.includes("disconnected"));
  while (!down() && world.timeline.nowMs() < NOTICE_MS) world.timeline.advance(1);
  expect(down()?.text).toContain("no-pingresp");
  expect(world.board.console.map(({ text }) => text)).toContain("~mk log refused");
  // The hub hears of it at once, for the socket does not wait until all has left.
  expect(world.hub.hub.isConnected("dev")).toBe(true);
  world.timeline.advance(LATENCY_MS_MAX);
  expect(world.hub.hub.isConnected("dev")).toBe(false);
  const writtenBytes = world
    .transcript()
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , connection, arrow]) => connection === "#1" && arrow === ">")
    .reduce((sum, words) => sum + (words[4]?.length ?? 0) / 2, 0);
  // In 10 s the app offers some 200 KB. A chunk that was on its way when the hub stopped comes on top.
  expect(writtenBytes).toBeGreaterThan(READ_BYTES + OUTBOX_SIZE_BYTES_MAX / 2);
  expect(writtenBytes).toBeLessThan(READ_BYTES + OUTBOX_SIZE_BYTES_MAX + 1_000);
  world.timeline.advance(RECONNECT_MS);
  expect(world.hub.hub.isConnected("dev")).toBe(true);
});
