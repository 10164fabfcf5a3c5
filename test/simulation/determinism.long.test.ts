/** The same bundle, scenario and seed give the same transcript, byte for byte. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findEntry } from "../../host/project/find-entry.ts";
import { playReferenceScenario } from "../fixtures/reference-scenario.ts";
import { buildAppOnce } from "../fixtures/run/built-once.ts";

const PROGRAM = fileURLToPath(new URL("../fixtures/reference-scenario.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "motekit-determinism-"));
const appFile = join(folder, "app.js");
let app: Uint8Array;

beforeAll(async () => {
  const entry = findEntry(undefined, folder);
  app = await buildAppOnce(entry, "esp32");
  writeFileSync(appFile, app);
});

afterAll(() => rmSync(folder, { recursive: true }));

it("virtual time: two runs of an hour with the same seed and many faults have the same transcript", () => {
  const first = playReferenceScenario(app, 7);
  expect(first.split("\n").length).toBeGreaterThan(1_000);
  expect(first).toContain("disconnected");
  expect(first).toMatch(/pin D\d+ 1/);
  expect(playReferenceScenario(app, 7)).toBe(first);
});

it("virtual time: another seed gives another transcript", () => {
  expect(playReferenceScenario(app, 8)).not.toBe(playReferenceScenario(app, 7));
});

it("virtual time: two processes give the same transcript", () => {
  const digests = [1, 2].map(() =>
    execFileSync(process.execPath, ["--import", "tsx", PROGRAM, appFile, "7"], { encoding: "utf8" }).trim(),
  );
  const own = createHash("sha256").update(playReferenceScenario(app, 7)).digest("hex");
  expect(digests).toEqual([own, own]);
});
