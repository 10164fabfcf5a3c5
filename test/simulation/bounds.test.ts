/** The memory limits that an app sets apply to the messages that it sends and receives. */
import { expect, it } from "vitest";
import { ENTRY_SIZE_BYTES } from "../../firmware/mqtt/limits.ts";
import { buildAppText } from "../fixtures/sequence-app.ts";
import { Sweep, said } from "../fixtures/sweep.ts";

const OUTBOX_SIZE_BYTES = 1000;
const PACKET_SIZE_BYTES = 300;
const TOPIC = "t";
const PAYLOAD_SIZE_BYTES = 100;
/** Size of the fixed header, the topic name with its length, the packet identifier, and the overhead of an outbox entry. */
const MESSAGE_SIZE_BYTES = 2 + 2 + TOPIC.length + 2 + PAYLOAD_SIZE_BYTES + ENTRY_SIZE_BYTES;

const APP = `import { log, publish, setOutboxSize, setPacketSize, start, subscribe } from "motekit";
setOutboxSize(${OUTBOX_SIZE_BYTES});
setPacketSize(${PACKET_SIZE_BYTES});
subscribe("in", 1, ({ payload }) => log("took " + payload.length));
setTimeout(() => {
  let taken = 0;
  while (publish("${TOPIC}", "x".repeat(${PAYLOAD_SIZE_BYTES}), { qos: 1 })) taken++;
  log("sent " + taken);
}, 20_000);
start();
`;

it("setOutboxSize and setPacketSize limit the queued messages and the messages from the hub", async () => {
  const world = new Sweep(await buildAppText(APP)).createWorld({ seed: 1 });
  world.board.powerOn();
  world.timeline.advance(10_000);
  // The packet after its fixed header: the topic name with its length, the packet identifier, the payload.
  const largest = PACKET_SIZE_BYTES - 2 - "in".length - 2;
  for (const length of [largest, largest + 1, 10]) {
    world.hub.run((hub, nowMs) =>
      hub.publish({ topic: "in", payload: Buffer.alloc(length), qos: 1, retain: false }, nowMs),
    );
  }
  world.timeline.advance(5_000);
  expect(said(world, "took")).toEqual([String(largest), "10"]);
  expect(world.board.console.map(({ text }) => text)).toContain("~mk error message-too-long: in");

  world.hub.isListening = false;
  world.hub.run((hub, nowMs) => hub.restart(false, nowMs));
  world.timeline.advance(10_000);
  // The event of the boot is acknowledged, so the outbox is empty.
  expect(said(world, "sent")).toEqual([String(Math.floor(OUTBOX_SIZE_BYTES / MESSAGE_SIZE_BYTES))]);
  expect(world.board.oracle.violations).toEqual([]);
  world.board.powerCut();
});
