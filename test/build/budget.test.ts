import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { buildWithinBudgets, countJsVars } from "../../host/build/budgeted-build.ts";
import { createBuilder } from "../../host/build/build.ts";
import { formatUsage, usageOf } from "../../host/build/measuring/budget.ts";
import { ESTIMATE_ERROR_PERCENT, estimateJsVars } from "../../host/build/measuring/jsvars-estimate.ts";
import { measureJsVars } from "../../host/build/measuring/jsvars-measure.ts";
import { sizeReport } from "../../host/build/measuring/size-report.ts";
import { findEntry } from "../../host/project/find-entry.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { ESTIMATE_PROGRAMS } from "./estimate-programs.ts";

const folder = mkdtempSync(join(tmpdir(), "motekit-budget-"));
const entry = findEntry(undefined, folder);
const board = loadBoard("esp32");

afterAll(() => rmSync(folder, { recursive: true }));

describe("budgets", () => {
  it("of Storage: the build fails with figures and a remedy if it is exceeded", async () => {
    await expect(buildWithinBudgets({ entry, board, bytesMax: 1000 })).rejects.toMatchObject({
      code: "MK1204",
      message: expect.stringMatching(/\d+ bytes, \d+ over its budget of 1000/),
      remedy: expect.stringContaining("--max-bytes"),
    });
  });

  it("of JsVars: past it the build fails", async () => {
    await expect(buildWithinBudgets({ entry, board, jsVarsMax: 10 })).rejects.toMatchObject({
      code: "MK1228",
      remedy: expect.stringContaining("--max-jsvars"),
    });
  });

  it("are the board's, and are in the manifest", async () => {
    const { manifest } = await buildWithinBudgets({ entry, board });
    expect(manifest.usage.storage).toEqual({ used: manifest.sizeBytes, budget: 229_376, total: 917_504 });
    expect(manifest.usage.jsVars).toMatchObject({ budget: 8191, total: 16_383 });
    expect(manifest.usage.jsVars.used).toBeGreaterThan(100);
  });

  it("are shown as bars", () => {
    const usage = usageOf(22_938, { used: 819, how: "measured" }, board, {});
    expect(formatUsage(usage)).toEqual([
      "Storage: [==        ]  10.0% (used 22938 bytes of a budget of 229376)",
      "JsVars:  [=         ]  10.0% (used 819 of a budget of 8191, measured)",
    ]);
  });
});

describe("JsVars after load", () => {
  it("are estimated without an interpreter, and the margin of error is reported", async () => {
    const figure = await countJsVars(Buffer.from("var a=1;"), "/nowhere/espruino");
    expect(figure).toMatchObject({ how: "estimated", reason: "no /nowhere/espruino on PATH" });
    expect(figure.errorPercent).toBeGreaterThan(0);
  });

  describe.skipIf(!hasProgram("espruino"))("on the interpreter", () => {
    it("are one for each parameter, and the rest for the function", async () => {
      const plain = await measureJsVars(Buffer.from("function f(){}"));
      const three = await measureJsVars(Buffer.from("function f(a,b,c){}"));
      expect((three.used ?? 0) - (plain.used ?? 0)).toBe(3);
    });

    it("are within the margin of error of the estimate", async () => {
      const misses: string[] = [];
      const reference = String((await buildWithinBudgets({ entry, board })).app);
      for (const program of [...ESTIMATE_PROGRAMS, reference]) {
        const { used = 0 } = await measureJsVars(Buffer.from(program));
        const allowed = Math.max(15, (used * ESTIMATE_ERROR_PERCENT) / 100);
        const estimated = estimateJsVars(program);
        if (Math.abs(estimated - used) > allowed) misses.push(`${estimated} for ${used}: ${program}`);
      }
      expect(misses.length, misses.join("\n")).toBeLessThanOrEqual(ESTIMATE_PROGRAMS.length / 10);
    }, 30_000);

    it("of a program that never ends, or throws, are not measured", async () => {
      expect(await measureJsVars(Buffer.from('throw new Error("no sensor")'))).toMatchObject({
        reason: expect.stringContaining("no sensor"),
      });
      expect(await measureJsVars(Buffer.from("while(1);"))).toMatchObject({ reason: "it does not load" });
    });

    it("are counted although timers are set", async () => {
      expect((await measureJsVars(Buffer.from("setInterval(function(){},9)"))).used).toBeGreaterThan(0);
    });
  });
});

describe("the report of sizes", () => {
  it("gives each byte to a source, and sums up to the total", async () => {
    const { app, map } = await buildWithinBudgets({ entry, board });
    const { modules, unattributedBytes, totalBytes } = sizeReport(app, map);
    expect(totalBytes).toBe(app.length);
    expect(modules.reduce((sum, module) => sum + module.sizeBytes, unattributedBytes)).toBe(totalBytes);
    expect(modules[0]?.sizeBytes).toBeGreaterThanOrEqual(modules[1]?.sizeBytes ?? 0);
    expect(unattributedBytes).toBeGreaterThanOrEqual(0);
  });
});

describe("a builder", () => {
  it("builds what has changed, reports what is wrong with it, and recovers", async () => {
    const changing = join(folder, "changing.ts");
    const builder = createBuilder({ entry: changing, board });
    try {
      writeFileSync(changing, 'print("one");\n');
      expect(String((await builder.build()).app)).toContain("one");
      writeFileSync(changing, 'const n: number = "two";\nprint(n);\n');
      await expect(builder.build()).rejects.toMatchObject({ code: "MK1201" });
      await expect(builder.build()).rejects.toMatchObject({ code: "MK1201" });
      writeFileSync(changing, 'print("three");\n');
      expect(String((await builder.build()).app)).toContain("three");
    } finally {
      await builder.dispose();
    }
  });
});
