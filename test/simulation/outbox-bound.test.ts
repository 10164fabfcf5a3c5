/** A hub that is away for a long time: the outbox fills to its limit, refuses further messages, and loses no accepted one. */
import { beforeAll, expect, it } from "vitest";
import { ENTRY_SIZE_BYTES, OUTBOX_SIZE_BYTES_MAX } from "../../firmware/mqtt/limits.ts";
import { buildSequenceApp, EVENT_TOPIC } from "../fixtures/sequence-app.ts";
import { arrivedEvents, RECONNECT_MS, Sweep, said } from "../fixtures/sweep.ts";

const RETRY_MS_MAX = 60_000;
/** Size of the fixed header, the topic name with its length, the packet identifier, and the overhead of an outbox entry. */
const OVERHEAD_BYTES = 2 + 2 + EVENT_TOPIC.length + 2 + ENTRY_SIZE_BYTES;
let sweep: Sweep;

beforeAll(async () => {
  sweep = new Sweep(await buildSequenceApp(1, 500));
});

it.each([1, 2, 3, 4, 5])("a full outbox refuses messages and loses no accepted one (seed %i)", (seed) => {
  const world = sweep.createWorld({ seed });
  world.board.powerOn();
  world.timeline.advance(10_500);
  world.hub.run((hub, nowMs) => hub.restart(false, nowMs));
  world.hub.isListening = false;
  world.timeline.advance(300_000);
  const accepted = said(world, "accepted");
  const waiting = accepted.slice(new Set(arrivedEvents(world.hub.hub)).size);
  const waitingBytes = waiting.reduce((sum, number) => sum + OVERHEAD_BYTES + number.length, 0);
  expect(waitingBytes).toBeLessThanOrEqual(OUTBOX_SIZE_BYTES_MAX);
  expect(waitingBytes).toBeGreaterThan(OUTBOX_SIZE_BYTES_MAX - 2 * OVERHEAD_BYTES);
  expect(world.board.console.filter(({ text }) => text === "~mk log full").length).toBeGreaterThan(100);

  world.hub.isListening = true;
  world.timeline.advance(RETRY_MS_MAX + RECONNECT_MS);
  const arrived = arrivedEvents(world.hub.hub);
  for (const number of accepted) expect(arrived).toContain(number);
  expect(world.board.oracle.violations).toEqual([]);
  world.board.powerCut();
});
