/** The limits at the hub's edge, in time that the test passes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConnectionCaps } from "../../host/hub/edge/connection-caps.ts";
import { EDGE_LIMITS, EdgeLimits, type Entry } from "../../host/hub/edge/edge-limits.ts";
import { FlapWatch } from "../../host/hub/edge/flap-watch.ts";
import { isLoopback, peerOf } from "../../host/hub/edge/peer-address.ts";
import { ReadRate } from "../../host/hub/edge/read-rate.ts";
import { UnfinishedPackets } from "../../host/hub/edge/unfinished-packets.ts";

const BOARD = "192.168.1.20";
const LOOPBACK = "127.0.0.1";
const MINUTE_MS = 60_000;

function admissionOf(entry: Entry) {
  if (!("admission" in entry)) throw new Error(`Refused: ${entry.refusal.rule}`);
  return entry.admission;
}

/** The properties count what they met, so that none holds only because nothing happened. */
const SEEDED = { seed: 1 };

describe("a peer's address", () => {
  it.each([
    ["192.168.1.20", "192.168.1.20"],
    ["::ffff:192.168.1.20", "192.168.1.20"],
    ["::1", "::1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::abcd:1:2:3:4", "0:0:0:abcd::/64"],
    ["fe80::1:2%eth0", "fe80::1:2%eth0"],
  ])("%s counts as %s", (address, peer) => {
    expect(peerOf(address)).toBe(peer);
  });

  it.each([
    ["127.0.0.1", true],
    ["127.9.9.9", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["128.0.0.1", false],
    ["::ffff:192.168.1.20", false],
    ["::2", false],
  ])("%s is of this machine: %s", (address, isOfThisMachine) => {
    expect(isLoopback(address)).toBe(isOfThisMachine);
  });
});

describe("connections at once", () => {
  it("are counted for each peer and in all, whatever opens and ends", () => {
    const outcomes = { peer: 0, all: 0, none: 0 };
    const step = fc.record({
      peer: fc.constantFrom("a", "b", "c"),
      opens: fc.constantFrom(true, true, false),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
        const caps = new ConnectionCaps(7);
        const open = { a: 0, b: 0, c: 0 } as Record<string, number>;
        for (const { peer, opens } of steps) {
          const all = Object.values(open).reduce((sum, count) => sum + count, 0);
          const ofPeer = open[peer] as number;
          if (opens) {
            const expected = ofPeer >= 3 ? "peer" : all >= 7 ? "all" : "none";
            expect(caps.open(peer, 3)).toBe(expected);
            outcomes[expected]++;
            if (expected === "none") open[peer] = ofPeer + 1;
          } else if (ofPeer > 0) {
            caps.close(peer);
            open[peer] = ofPeer - 1;
          } else expect(() => caps.close(peer)).toThrow(RangeError);
          expect(caps.openInAll).toBe(Object.values(open).reduce((sum, count) => sum + count, 0));
        }
      }),
      SEEDED,
    );
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(500);
  });
});

describe("a client that connects again and again", () => {
  const rule = { connectsMax: 15, windowMs: MINUTE_MS, flappingMs: 5 * MINUTE_MS };

  it("is found at the sixteenth connection of a minute, and is allowed again after five minutes", () => {
    const watch = new FlapWatch(rule);
    for (let count = 0; count < 15; count++)
      expect(watch.record("d", count * 3_999)).toEqual({ isFlapping: false });
    expect(watch.record("d", 59_999)).toEqual({ isFlapping: true, untilMs: 359_999, isNew: true });
    expect(watch.record("d", 359_998)).toEqual({ isFlapping: true, untilMs: 359_999, isNew: false });
    expect(watch.record("d", 359_999)).toEqual({ isFlapping: false });
    expect(watch.record("other", 60_000)).toEqual({ isFlapping: false });
  });

  it("is one that began more connections than the limit within the window, by any schedule", () => {
    let flappingCount = 0;
    const gaps = fc.array(fc.integer({ min: 0, max: 7_000 }), { maxLength: 60, size: "max" });
    fc.assert(
      fc.property(gaps, (gapsMs) => {
        const watch = new FlapWatch(rule);
        const counted: number[] = [];
        let flappingUntilMs = 0;
        let nowMs = 0;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          const { isFlapping } = watch.record("d", nowMs);
          if (nowMs < flappingUntilMs) expect(isFlapping).toBe(true);
          else {
            const recent = counted.filter((timeMs) => timeMs > nowMs - MINUTE_MS).length;
            expect(isFlapping).toBe(recent >= 15);
            if (isFlapping) {
              flappingCount++;
              flappingUntilMs = nowMs + rule.flappingMs;
              counted.length = 0;
            } else counted.push(nowMs);
          }
        }
      }),
      SEEDED,
    );
    expect(flappingCount).toBeGreaterThan(40);
  });

  it("takes no more memory than the limit on names, even with a million clients", () => {
    const watch = new FlapWatch(rule);
    for (let count = 0; count < 16; count++) watch.record("flapping", 0);
    let sizeMax = 0;
    for (let name = 0; name < 1_000_000; name++) {
      watch.record(`10.${name}`, name / 1_000);
      sizeMax = Math.max(sizeMax, watch.size);
    }
    expect(sizeMax).toBeLessThanOrEqual(10_001);
    expect(watch.record("flapping", 1_000).isFlapping).toBe(true);
  });
});

describe("the rate of reading", () => {
  it("holds over any traffic of a connection that pauses when it must", () => {
    let pauseCount = 0;
    const chunk = fc.record({
      bytes: fc.integer({ min: 1, max: 65_536 }),
      packets: fc.integer({ min: 0, max: 200 }),
      waitMs: fc.integer({ min: 0, max: 500 }),
    });
    const rate = { packetsPerSecond: 100, bytesPerSecond: 10_000 };
    fc.assert(
      fc.property(fc.array(chunk, { minLength: 1, maxLength: 50, size: "max" }), (chunks) => {
        const reading = new ReadRate(rate, 0);
        let nowMs = 0;
        let packetsInAll = 0;
        let bytesInAll = 0;
        for (const { bytes, packets, waitMs } of chunks) {
          nowMs += waitMs;
          packetsInAll += packets;
          bytesInAll += bytes;
          const pauseMs = reading.consume(packets, bytes, nowMs);
          nowMs += pauseMs;
          if (pauseMs > 0) pauseCount++;
          // A second's worth may come at once, and each millisecond begun is waited for.
          expect(packetsInAll).toBeLessThanOrEqual(rate.packetsPerSecond * (nowMs / 1000 + 1) + 1e-6);
          expect(bytesInAll).toBeLessThanOrEqual(rate.bytesPerSecond * (nowMs / 1000 + 1) + 1e-6);
        }
      }),
      SEEDED,
    );
    expect(pauseCount).toBeGreaterThan(1_000);
  });

  it("never slows a connection that stays below it", () => {
    const reading = new ReadRate({ packetsPerSecond: 100, bytesPerSecond: 10_000 }, 0);
    for (let nowMs = 0; nowMs < MINUTE_MS; nowMs += 10) expect(reading.consume(1, 100, nowMs)).toBe(0);
  });
});

describe("incomplete packets", () => {
  it("hold no more than the bound in all, and the one that began first gives way", () => {
    let evictedCount = 0;
    const step = fc.record({ owner: fc.integer({ min: 0, max: 9 }), bytes: fc.integer({ min: 0, max: 40 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
        const unfinished = new UnfinishedPackets<number>(100);
        const kept = new Map<number, number>();
        for (const { owner, bytes } of steps) {
          if (bytes === 0) kept.delete(owner);
          else kept.set(owner, bytes);
          const expected: number[] = [];
          const total = () => [...kept.values()].reduce((sum, count) => sum + count, 0);
          for (const first of [...kept.keys()]) {
            if (total() <= 100) break;
            kept.delete(first);
            expected.push(first);
          }
          expect(unfinished.set(owner, bytes)).toEqual(expected);
          evictedCount += expected.length;
          expect(unfinished.bytesInAll).toBe(total());
        }
      }),
      SEEDED,
    );
    expect(evictedCount).toBeGreaterThan(1_000);
  });
});

describe("the hub's edge", () => {
  it("gives five seconds to CONNECT from the accepted connection on", () => {
    expect(admissionOf(new EdgeLimits().open(BOARD, 1_000)).connectByMs).toBe(6_000);
  });

  it("allows an address 200 connections and reports once that it wants more", () => {
    const edge = new EdgeLimits();
    const admissions = Array.from({ length: 200 }, () => admissionOf(edge.open(BOARD, 0)));
    const refusal = { rule: expect.stringContaining(BOARD), remedy: expect.stringMatching(/\w/) };
    expect(edge.open(BOARD, 0)).toEqual({ refusal, isNew: true });
    expect(edge.open(`::ffff:${BOARD}`, 0)).toEqual({ refusal, isNew: false });
    expect(edge.open("192.168.1.21", 0)).toHaveProperty("admission");
    admissions[0]?.close();
    expect(edge.open(BOARD, 2 * MINUTE_MS)).toHaveProperty("admission");
    expect(edge.open(BOARD, 2 * MINUTE_MS)).toEqual({ refusal, isNew: true });
  });

  it("allows 10,000 connections in all, a simulated fleet's included", () => {
    const edge = new EdgeLimits();
    for (let count = 0; count < 10_000; count++) admissionOf(edge.open(LOOPBACK, 0));
    const refused = { refusal: { rule: expect.stringContaining("10000"), remedy: expect.any(String) } };
    expect(edge.open(BOARD, 0)).toMatchObject({ ...refused, isNew: true });
    expect(edge.open("192.168.1.21", 0)).toMatchObject({ ...refused, isNew: false });
    expect(edge.openInAll).toBe(10_000);
  });

  it("refuses an address that opens connections without end, for five minutes", () => {
    const edge = new EdgeLimits();
    for (let count = 0; count < 200; count++) expect(edge.begin(BOARD, count)).toBeUndefined();
    expect(edge.begin(BOARD, 200)).toMatchObject({
      isNew: true,
      refusal: { rule: expect.stringContaining("300 s") },
    });
    expect(edge.begin(BOARD, 5 * MINUTE_MS)).toMatchObject({ isNew: false });
    expect(edge.begin(BOARD, 5 * MINUTE_MS + 200)).toBeUndefined();
  });

  it("refuses a board in a crash loop by its identifier, and not its neighbours nor its namesake elsewhere", () => {
    const edge = new EdgeLimits();
    for (let count = 0; count < 15; count++)
      expect(edge.connect(BOARD, "d", count)).toEqual({ isRefused: false });
    const flapping = edge.connect(BOARD, "d", 15);
    expect(flapping).toMatchObject({ isRefused: true, flapping: { isNew: true } });
    expect(flapping.flapping?.refusal.rule).toContain(`"d" at ${BOARD}`);
    expect(flapping.flapping?.refusal.remedy).toContain("crash");
    expect(edge.connect(BOARD, "e", 16)).toEqual({ isRefused: false });
    expect(edge.connect("192.168.1.21", "d", 16)).toEqual({ isRefused: false });
  });

  it("reports a crash loop on this machine and serves it, and never counts clients without identifier", () => {
    const edge = new EdgeLimits();
    const judgements = Array.from({ length: 20 }, (_, count) => edge.connect(LOOPBACK, "d", count));
    expect(judgements.filter(({ isRefused }) => isRefused)).toEqual([]);
    expect(judgements.filter(({ flapping }) => flapping?.isNew)).toHaveLength(1);
    for (let count = 0; count < 1_000; count++) {
      expect(edge.connect(BOARD, "", count)).toEqual({ isRefused: false });
    }
  });

  it("refuses clients of this machine too if an option says so", () => {
    const edge = new EdgeLimits({ ...EDGE_LIMITS, loopback: EDGE_LIMITS.remote });
    const judgements = Array.from({ length: 16 }, (_, count) => edge.connect(LOOPBACK, "d", count));
    expect(judgements.map(({ isRefused }) => isRefused).indexOf(true)).toBe(15);
  });

  it("does not store an identifier of 64 KiB", () => {
    const edge = new EdgeLimits();
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < 5_000; count++) {
      edge.connect(BOARD, `${count}${Buffer.alloc(65_000, "x").toString("latin1")}`, count);
    }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024);
  });

  it("slows down boards, and not this machine's programs", () => {
    const edge = new EdgeLimits();
    const { rate } = admissionOf(edge.open(BOARD, 0));
    expect(rate?.consume(1, 16 * 1024 * 1024, 0)).toBe(0);
    expect(rate?.consume(1, 1024 * 1024, 0)).toBeGreaterThan(50);
    expect(admissionOf(edge.open(LOOPBACK, 0)).rate).toBeUndefined();
  });
});
