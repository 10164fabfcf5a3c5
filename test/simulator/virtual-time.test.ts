/** Virtual time, and the virtual network from a program's point of view. */
import { describe, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { bootNodeBoard } from "../../host/simulator/engines/node-engine.ts";
import { seededRandom } from "../../host/simulator/interpreter/random.ts";
import { VIRTUAL_EPOCH_MS, VirtualTimeline } from "../../host/simulator/world/virtual-clock.ts";
import { type ConnectionFaults, VirtualNetwork } from "../../host/simulator/world/virtual-network.ts";
import { ALL_BYTES, allBytes } from "../fixtures/engine-suite.ts";
import { TEST_CONFIGURATION } from "../fixtures/simulated-boards.ts";

describe("virtual timeline", () => {
  it("makes calls in order of due time and then of scheduling, and none early", () => {
    const timeline = new VirtualTimeline();
    const lane = timeline.createLane();
    const calls: string[] = [];
    for (const [name, delayMs] of [
      ["c", 20],
      ["a", 10],
      ["b", 10],
      ["d", 21],
    ] as const) {
      lane.schedule(delayMs, () => calls.push(`${name} ${lane.uptimeMs()}`));
    }
    lane.schedule(10, () => calls.push("never")).cancel();
    timeline.advance(20);
    expect(calls).toEqual(["a 10", "b 10", "c 20"]);
    expect(lane.wallMs()).toBe(VIRTUAL_EPOCH_MS + 20);
  });

  it("has a wall clock for each lane, which may jump without changing uptime", () => {
    const timeline = new VirtualTimeline();
    const [one, other] = [timeline.createLane(), timeline.createLane()];
    one.jumpWall(-3_600_000);
    timeline.advance(1_000);
    expect([one.wallMs(), other.wallMs()]).toEqual([VIRTUAL_EPOCH_MS - 3_599_000, VIRTUAL_EPOCH_MS + 1_000]);
    expect([one.uptimeMs(), other.uptimeMs()]).toEqual([1_000, 1_000]);
  });

  it("delays the calls of a frozen lane in order, while other lanes continue", () => {
    const timeline = new VirtualTimeline();
    const [frozen, other] = [timeline.createLane(), timeline.createLane()];
    const calls: string[] = [];
    frozen.schedule(10, () => frozen.freeze(100));
    frozen.schedule(50, () => calls.push(`second ${frozen.uptimeMs()}`));
    frozen.schedule(40, () => calls.push(`first ${frozen.uptimeMs()}`));
    other.schedule(60, () => calls.push(`other ${other.uptimeMs()}`));
    timeline.advance(200);
    expect(calls).toEqual(["other 60", "first 110", "second 110"]);
    expect(timeline.nowMs()).toBe(200);
  });

  it("ends an endless loop of calls without time passing", () => {
    const timeline = new VirtualTimeline();
    const lane = timeline.createLane();
    const again = (): void => void lane.schedule(0, again);
    again();
    expect(() => timeline.advance(1)).toThrow("More than 100000 calls at 0 ms");
  });
});

interface Played {
  readonly lines: string[];
  readonly received: Buffer[];
  readonly peerSaw: string[];
}

/** Runs a program whose peer echoes all bytes and closes at "bye". */
function play(source: string, faults: ConnectionFaults | undefined, runMs = 1_000): Played {
  const timeline = new VirtualTimeline();
  const lane = timeline.createLane();
  const lines: string[] = [];
  const received: Buffer[] = [];
  const peerSaw: string[] = [];
  const network = new VirtualNetwork({
    lane,
    peerLane: timeline.createLane(),
    reach: ({ port }) =>
      port !== 1883
        ? undefined
        : {
            accept: (wire) => ({
              received: (bytes) => {
                received.push(Buffer.from(bytes));
                wire.send(bytes);
                if (Buffer.from(bytes).toString().endsWith("bye")) wire.close();
              },
              closed: () => void peerSaw.push(`closed at ${timeline.nowMs()}`),
            }),
          },
    faultsOf: () => faults,
  });
  const board = bootNodeBoard({
    board: loadBoard("linux"),
    app: Buffer.from(source, "latin1"),
    configuration: TEST_CONFIGURATION,
    engine: "node",
    clock: lane,
    network,
    random: seededRandom(1),
    onLine: (line) => void lines.push(line),
    onPin: () => undefined,
    onExit: () => undefined,
  });
  timeline.advance(runMs);
  board.kill();
  return { lines, received, peerSaw };
}

const TALK = `${ALL_BYTES}
var got = "", longest = 0, at = function() { return Math.round((getTime() - began) * 1000); }, began = getTime();
var s = require("net").connect({ host: "hub", port: 1883 }, function() { print("up", at()); s.write(all+all+all); });
s.on("data", function(d) { got += d; longest = Math.max(longest, d.length); });
s.on("error", function(e) { print("error", e.code); });
s.on("close", function(e) { print("close", e, got.length, at()); });
setTimeout(function() { print(got === all+all+all, longest); }, 500);`;

describe("virtual network", () => {
  it("transports every byte, in chunks of at most 536 bytes", () => {
    const { lines, received } = play(TALK, undefined);
    expect(lines).toEqual(["up 10", "true 536"]);
    expect(Buffer.concat(received)).toEqual(Buffer.concat([allBytes, allBytes, allBytes]));
  });

  it("splits chunks at every byte with chunkBytesMax 1", () => {
    const { lines, received } = play(TALK, { chunkBytesMax: 1 });
    expect(lines).toEqual(["up 10", "true 1"]);
    expect(received).toHaveLength(768);
  });

  it.each([0, 1, 300, 767])(
    "a cut in the direction up passes %i bytes and closes both ends",
    (afterBytes) => {
      const { lines, received, peerSaw } = play(TALK, { cut: { direction: "up", afterBytes } });
      expect(Buffer.concat(received)).toEqual(
        Buffer.concat([allBytes, allBytes, allBytes]).subarray(0, afterBytes),
      );
      expect(lines.at(-2)).toMatch(/^close (true|false) \d+ \d+$/);
      expect(peerSaw).toHaveLength(1);
    },
  );

  it("a cut in the direction down passes the bytes before it", () => {
    const { lines, peerSaw } = play(TALK, { cut: { direction: "down", afterBytes: 300 } });
    expect(lines[1]).toMatch(/^close false 300 \d+$/);
    expect(peerSaw).toHaveLength(1);
  });

  it("a half-open connection gives no event at either end", () => {
    const { lines, peerSaw } = play(TALK, { cut: { direction: "up", afterBytes: 300, silent: true } });
    expect(lines).toEqual(["up 10", "false 0"]);
    expect(peerSaw).toEqual([]);
  });

  it("reports the peer's end after its last bytes", () => {
    const source = `var s = require("net").connect({ host: "hub", port: 1883 }, function() { s.write("bye"); });
      s.on("data", function(d) { print(d); }); s.on("close", function(e) { print("close", e); });`;
    expect(play(source, undefined).lines).toEqual(["bye", "close false"]);
  });

  it.each<[string, ConnectionFaults | undefined, number, number]>([
    ["a refused connection throws at once", { refused: true }, 1883, 0],
    ["nobody at the address is a refusal", undefined, 1884, 0],
    ["a black hole freezes the board, and then throws", { blackHole: 9_000 }, 1883, 9_000],
  ])("%s", (_title, faults, port, tookMs) => {
    const source = `var began = getTime(), ticks = 0;
      setInterval(function() { ticks++; }, 100);
      setTimeout(function() {
        began = getTime(); ticks = 0;
        try { require("net").connect({ host: "hub", port: ${port} }, function() { print("up"); }); }
        catch (e) { print(e.message, Math.round((getTime() - began) * 1000), ticks); }
      }, 50);`;
    const { lines } = play(source, faults, 10_000);
    expect(lines[0]).toMatch(/^ERROR: Connect failed \(err 1\d\d\)$/);
    expect(lines.slice(1)).toEqual([`Unable to create socket ${tookMs} 0`]);
  });
});
