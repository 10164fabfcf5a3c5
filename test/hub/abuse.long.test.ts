/**
 * Hostile and broken peers against the hub as a process of its own: it lives, its memory grows by no more than stated,
 * it says why it defends itself, and two honest clients are served all the while.
 *
 * MOTEKIT_ABUSE_MS: how long bytes are random, default 5,000. MOTEKIT_SEED: another seed than 1.
 */
import { afterEach, describe, expect, it } from "vitest";
import { abuses } from "../fixtures/abuses.ts";
import { HonestPair } from "../fixtures/honest-pair.ts";
import { canWatchMemory, HubProcess } from "../fixtures/hub-process.ts";
import { until } from "../fixtures/waiting.ts";

const RANDOM_MS = Number(process.env.MOTEKIT_ABUSE_MS ?? 5_000);
const SEED = Number(process.env.MOTEKIT_SEED ?? 1);
/** An honest client waits no longer; on an idle machine it is some ten milliseconds. */
const ECHO_MS_MAX = 20_000;
const TEST_MS_MAX = 300_000 + RANDOM_MS;

const running: HubProcess[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((hub) => hub.stop()));
});

describe.skipIf(!canWatchMemory())("a hub that is abused", () => {
  it.each(abuses(RANDOM_MS, SEED))(
    `withstands $title (seed ${SEED})`,
    async ({ title, act, grownMiBMax, told }) => {
      const hub = await HubProcess.start();
      running.push(hub);
      const pair = await HonestPair.meet(hub.port);
      await until("the first echoes", () => pair.echoes >= 5);
      const before = hub.memory();
      const startMs = performance.now();
      await act(hub);
      await pair.part();
      const tookMs = performance.now() - startMs;
      expect(hub.isAlive).toBe(true);
      const after = hub.memory();
      process.stdout.write(
        `${title}: ${Math.round(before.residentMiB)} MiB before, ${Math.round(after.peakMiB)} at the peak, ` +
          `${Math.round(after.residentMiB)} after ${Math.round(tookMs)} ms; ${pair.echoes} honest messages, ` +
          `the slowest in ${Math.round(pair.slowestMs)} ms\n`,
      );
      expect(after.peakMiB - before.residentMiB).toBeLessThan(grownMiBMax);
      expect(pair.slowestMs).toBeLessThan(ECHO_MS_MAX);
      if (told) expect(hub.lines).toContainEqual(expect.stringMatching(told));
      // A newcomer is served as well.
      await (await HonestPair.meet(hub.port)).part();
    },
    TEST_MS_MAX,
  );
});
