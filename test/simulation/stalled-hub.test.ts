/** A hub that stops reading, in virtual time: the bytes that wait at the device, and the time until it disconnects. */
import { expect, it } from "vitest";
import { OUTBOX_SIZE_BYTES_MAX } from "../../firmware/mqtt/limits.ts";
import { buildAppText } from "../fixtures/sequence-app.ts";
import { NOTICE_MS, RECONNECT_MS, Sweep } from "../fixtures/sweep.ts";

/** Bytes that the hub reads: CONNECT, SUBSCRIBE and the first messages. */
const READ_BYTES = 2_000;
/** The one-way latency of the virtual network. */
const LATENCY_MS_MAX = 20;
const APP = `import { every, log, publish, start } from "motekit";
const payload = "x".repeat(200);
let refused = 0;
every(0.01, () => {
  if (!publish("devices/dev/telemetry/x", payload) && !refused++) log("refused");
});
start();
`;

it("at a hub that does not read, the device buffers only bytes up to its limit, and disconnects within 1.5 keep alive periods", async () => {
  const world = new Sweep(await buildAppText(APP)).createWorld({
    faultsOf: (attempt) => (attempt === 1 ? { readsBytesMax: READ_BYTES } : undefined),
    keepsTranscript: true,
  });
  world.board.powerOn();
  const down = () => world.board.console.find(({ text }) => text.includes("disconnected"));
  while (!down() && world.timeline.nowMs() < NOTICE_MS) world.timeline.advance(1);
  expect(down()?.text).toContain("no-pingresp");
  expect(world.board.console.map(({ text }) => text)).toContain("~mk log refused");
  // The hub is notified at once, because the socket does not wait until all bytes are sent.
  expect(world.hub.hub.isConnected("dev")).toBe(true);
  world.timeline.advance(LATENCY_MS_MAX);
  expect(world.hub.hub.isConnected("dev")).toBe(false);
  const writtenBytes = world
    .transcript()
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , connection, arrow]) => connection === "#1" && arrow === ">")
    .reduce((sum, words) => sum + (words[4]?.length ?? 0) / 2, 0);
  // The app offers some 200 KB in 10 s. A chunk that was in transit when the hub stopped is added.
  expect(writtenBytes).toBeGreaterThan(READ_BYTES + OUTBOX_SIZE_BYTES_MAX / 2);
  expect(writtenBytes).toBeLessThan(READ_BYTES + OUTBOX_SIZE_BYTES_MAX + 1_000);
  world.timeline.advance(RECONNECT_MS);
  expect(world.hub.hub.isConnected("dev")).toBe(true);
});
