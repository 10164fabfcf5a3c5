/** Compares the simulated Espruino with the real one by small programs (probes). */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { hasProgram } from "../fixtures/programs.ts";
import { EVENTS } from "./probes/events.ts";
import { NUMBERS } from "./probes/numbers.ts";
import { PINS } from "./probes/pins.ts";
import { printOnEspruino, printOnSimulator } from "./probes/places.ts";
import { PRINT } from "./probes/printing.ts";
import type { Probe } from "./probes/probe.ts";
import { PROMISES } from "./probes/promises.ts";
import { SOCKETS } from "./probes/sockets.ts";
import { STORAGE } from "./probes/storage.ts";
import { STRINGS } from "./probes/strings.ts";
import { TIMERS } from "./probes/timers.ts";
import { TROUBLE } from "./probes/trouble.ts";

const THEMES: Readonly<Record<string, readonly Probe[]>> = {
  events: EVENTS,
  timers: TIMERS,
  promises: PROMISES,
  strings: STRINGS,
  numbers: NUMBERS,
  storage: STORAGE,
  trouble: TROUBLE,
  printing: PRINT,
  sockets: SOCKETS,
  pins: PINS,
};
const PROBES_MIN = 100;
const REAL_MS_MAX = 60_000;
const docs = readFileSync(new URL("../../docs/simulator.md", import.meta.url), "utf8");

const all = Object.values(THEMES).flat();
const differing = all.filter(({ simulated }) => simulated);

describe.each(Object.entries(THEMES))("probes of Espruino: %s", (_theme, probes) => {
  const expected = (choose: (probe: Probe) => readonly string[]) =>
    probes.map((probe) => [probe.name, choose(probe)]);
  const found = (prints: ReadonlyMap<number, readonly string[]>) =>
    probes.map(({ name }, index) => [name, prints.get(index)]);

  it("the simulator gives the recorded results", () => {
    expect(found(printOnSimulator(probes))).toEqual(
      expected(({ prints, simulated }) => simulated?.prints ?? prints),
    );
  });

  it.skipIf(!hasProgram("espruino"))(
    "the real interpreter gives the recorded results",
    { timeout: REAL_MS_MAX },
    async () => {
      expect(found(await printOnEspruino(probes))).toEqual(expected(({ prints }) => prints));
    },
  );
});

it("probes of Espruino: docs/simulator.md lists all differences", () => {
  expect(all.length).toBeGreaterThanOrEqual(PROBES_MIN);
  for (const { simulated } of differing) expect(docs).toContain(`| ${simulated?.row} `);
  for (const { prints, simulated } of differing) expect(simulated?.prints).not.toEqual(prints);
});

afterAll(() => {
  const agree = all.length - differing.length;
  process.stdout.write(
    `${all.length} probes: ${agree} agree, ${differing.length} differ as docs/simulator.md says\n`,
  );
});
