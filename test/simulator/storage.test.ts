/**
 * Compares Storage on simulated flash with that of the real interpreter: the same random calls give the same results and the
 * same bytes in flash.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { StorageFiles } from "../../host/simulator/board-api/storage.ts";
import { type Random, seededRandom } from "../../host/simulator/interpreter/random.ts";
import { PowerFailure } from "../../host/simulator/world/flash.ts";
import { hasProgram, requireProgram } from "../fixtures/programs.ts";

const STORAGE_BYTES = 262_144;
const folder = mkdtempSync(join(tmpdir(), "motekit-storage-"));

afterAll(() => rmSync(folder, { recursive: true }));

type Call =
  | { readonly kind: "write"; readonly name: string; readonly data: string; offset: number; size: number }
  | { readonly kind: "erase" | "compact"; readonly name: string };

function drawCall(random: Random): Call {
  const below = (bound: number) => random.nextUint32() % bound;
  const name = `file${below(4)}`;
  const kind = below(20);
  if (kind === 0) return { kind: "erase", name };
  if (kind === 1) return { kind: "compact", name };
  const data = String.fromCharCode(...Array.from({ length: below(40) }, () => (below(4) ? below(256) : 255)));
  const size = kind < 6 ? [0, 100, 2_000, 30_000][below(4)] : 0;
  return { kind: "write", name, data, offset: kind < 6 ? 0 : below(120), size: size ?? 0 };
}

function playSimulated(files: StorageFiles, call: Call): string {
  let outcome: string | undefined;
  if (call.kind === "write") outcome = files.write(call.name, call.data, call.offset, call.size);
  else if (call.kind === "erase") files.erase(call.name);
  else files.compact();
  return `~ ${outcome ?? "done"} ${files.freeBytes()}`;
}

/** A program for Espruino that prints a line for each call. */
function scriptOf(calls: readonly Call[]): string {
  const lines = calls.map((call) => {
    if (call.kind !== "write")
      return `t(function() { s.${call.kind}(${call.kind === "erase" ? `"${call.name}"` : ""}); });`;
    const data = Buffer.from(call.data, "latin1").toString("base64");
    return `t(function() { s.write("${call.name}", atob("${data}"), ${call.offset}, ${call.size}); });`;
  });
  return [
    'var s = require("Storage");',
    'function t(f) { var r = "done"; try { f(); } catch (e) { r = e.message; } print("~ " + r + " " + s.getFree()); }',
    ...lines,
  ].join("\n");
}

describe.skipIf(!hasProgram("espruino"))("Storage on simulated flash", () => {
  it.each([1, 2, 3, 4])(
    "has the same results and bytes as on Espruino (seed %i)",
    (seed) => {
      const random = seededRandom(seed);
      const calls = Array.from({ length: 300 }, () => drawCall(random));
      const files = new StorageFiles(STORAGE_BYTES);
      const simulated = calls.map((call) => playSimulated(files, call));
      writeFileSync(join(folder, "calls.js"), scriptOf(calls));
      rmSync(join(folder, "espruino.flash"), { force: true });
      const output = execFileSync(requireProgram("espruino"), ["calls.js"], {
        cwd: folder,
        encoding: "latin1",
      });
      const real = output.split(/\r?\n/).filter((line) => line.startsWith("~ "));
      expect(real).toEqual(simulated);
      expect(new Set(real.map((line) => line.replace(/\d+$/, ""))).size).toBeGreaterThan(3);
      const image = readFileSync(join(folder, "espruino.flash")).subarray(0, STORAGE_BYTES);
      expect(Buffer.compare(image, files.flash.bytes)).toBe(0);
    },
    60_000,
  );
});

describe("power failure in a write to simulated flash", () => {
  it("stores the bytes before it, and refuses further writes", () => {
    const files = new StorageFiles(STORAGE_BYTES);
    files.write("a", "x", 0, 100);
    files.flash.failPower = () => 5;
    expect(() => files.write("a", "0123456789ab", 4)).toThrow(PowerFailure);
    expect(() => files.write("b", "more")).toThrow(PowerFailure);
    expect(files.read("a")?.substring(4, 11)).toBe("01234\xff\xff");
    files.flash.failPower = undefined;
    files.flash.powerOn();
    expect(files.write("a", "56", 9)).toBeUndefined();
  });
});
