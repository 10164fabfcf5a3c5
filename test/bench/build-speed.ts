/**
 * Measures how fast the build is, in pairs of runs beside Node and esbuild alone, so that the ratios hold on any machine. It runs
 * the compiled commands in `dist`; `npx tsc -b` makes them.
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import type * as Boards from "../../host/boards.ts";
import type * as Build from "../../host/build/build.ts";
import { packageRoot } from "../../host/file-system/package-root.ts";
import { writeOrdinaryProject } from "../fixtures/ordinary-project/ordinary-project.ts";

const PAIRS = 5;
/** Of /proc: user and system time of the children that have ended, in ticks of 10 ms. */
const CHILD_TIME_FIELDS = [13, 14];
const TICK_SECONDS = 0.01;

export interface SpeedRow {
  readonly title: string;
  /** Medians of seconds: CPU time where a process is measured, wall time in one process. */
  readonly seconds: number;
  readonly besideTitle: string;
  readonly besideSeconds: number;
  /** Median of the ratios of the pairs. */
  readonly ratio: number;
}

type Measure = () => number | Promise<number>;

/** Undefined where the compiled commands are missing. */
export async function measureBuildSpeed(): Promise<readonly SpeedRow[] | undefined> {
  const cli = join(packageRoot(), "dist", "host", "cli.js");
  if (!existsSync(cli) || !existsSync("/proc/self/stat")) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "motekit-speed-"));
  try {
    const modules = join(folder, "node_modules");
    mkdirSync(modules);
    symlinkSync(packageRoot(), join(modules, "motekit"), "dir");
    const entry = writeOrdinaryProject(folder);
    writeFileSync(
      join(folder, "src", "reference.ts"),
      readFileSync(join(packageRoot(), "firmware", "main.ts")),
    );
    return [...(await processRows(cli, folder, entry)), await rebuildRow(entry)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function processRows(cli: string, folder: string, entry: string): Promise<SpeedRow[]> {
  const cache = join(folder, "node_modules", ".cache");
  const node = (...args: string[]) => cpuSecondsOf(process.execPath, args, folder);
  const build = (file: string) =>
    node(cli, "build", file, "-b", "esp32", "--max-bytes", "1000000", "--max-jsvars", "1000000");
  const cold = (file: string) => {
    rmSync(cache, { recursive: true, force: true });
    return build(file);
  };
  const reference = join(folder, "src", "reference.ts");
  const bare = (file: string) => () => node("--input-type=module", "-e", esbuildAlone(file));
  return [
    await pairs(
      "motekit --help",
      () => node(cli, "--help"),
      "node -e 0",
      () => node("-e", "0"),
    ),
    await pairs("reference firmware, cold", () => cold(reference), "esbuild alone", bare(reference)),
    await pairs("21 files, cold", () => cold(entry), "esbuild alone", bare(entry)),
    await pairs("21 files, unchanged", () => build(entry), "esbuild alone", bare(entry)),
  ];
}

/** A program that bundles and minifies the same modules with esbuild, and does nothing else. */
function esbuildAlone(entry: string): string {
  const firmware = join(packageRoot(), "firmware");
  const options = {
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    logLevel: "silent",
    alias: {
      motekit: join(firmware, "device.ts"),
      "motekit/board": "board",
      "motekit/network": join(firmware, "wifi.ts"),
    },
    external: ["board", "net", "Storage", "Wifi"],
  };
  const path = pathToFileURL(fileURLToPath(import.meta.resolve("esbuild"))).href;
  return `import { build } from ${JSON.stringify(path)}; await build(${JSON.stringify(options)});`;
}

/** In the process of `dev`: a change of one file of 21, until the bundle is there. */
async function rebuildRow(entry: string): Promise<SpeedRow> {
  const dist = join(packageRoot(), "dist", "host");
  const { createBuilder } = (await import(join(dist, "build", "build.js"))) as typeof Build;
  const { loadBoard } = (await import(join(dist, "boards.js"))) as typeof Boards;
  const builder = createBuilder({ entry, board: loadBoard("esp32"), bytesMax: 1_000_000 });
  const external = ["motekit"];
  const context = await esbuild.context({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    external,
  });
  const file = join(entry, "..", "part-9.ts");
  const text = readFileSync(file, "utf8");
  let turn = 0;
  const rebuild = (work: () => Promise<unknown>) => async () => {
    writeFileSync(file, text.replace('log("part 9")', `log("part 9, ${turn++}")`));
    const startedAt = performance.now();
    await work();
    return (performance.now() - startedAt) / 1000;
  };
  try {
    const own = rebuild(() => builder.build());
    const beside = rebuild(() => context.rebuild());
    return await pairs("21 files, one changed", own, "esbuild alone", beside);
  } finally {
    await Promise.all([builder.dispose(), context.dispose()]);
  }
}

/** Runs both in turn, once before it counts. */
async function pairs(title: string, own: Measure, besideTitle: string, beside: Measure): Promise<SpeedRow> {
  await own();
  await beside();
  const runs: [number, number][] = [];
  for (let pair = 0; pair < PAIRS; pair++) runs.push([await own(), await beside()]);
  return {
    title,
    seconds: median(runs.map(([seconds]) => seconds)),
    besideTitle,
    besideSeconds: median(runs.map(([, seconds]) => seconds)),
    ratio: median(runs.map(([one, other]) => one / Math.max(other, 0.001))),
  };
}

function median(figures: readonly number[]): number {
  return [...figures].sort((one, other) => one - other)[figures.length >> 1] ?? Number.NaN;
}

function cpuSecondsOf(program: string, args: readonly string[], folder: string): number {
  const before = childSeconds();
  const { status, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${stderr}`);
  return childSeconds() - before;
}

function childSeconds(): number {
  // The name of the process, in parentheses, may hold blanks.
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return CHILD_TIME_FIELDS.reduce((sum, field) => sum + Number(fields[field]) * TICK_SECONDS, 0);
}

export function formatSpeedRow({ title, seconds, besideTitle, besideSeconds, ratio }: SpeedRow): string {
  const own = `${seconds.toFixed(2)} s`.padStart(9);
  return `${title.padEnd(28)}${own}   ${besideTitle} ${besideSeconds.toFixed(2)} s, ratio ${ratio.toFixed(1)}\n`;
}
