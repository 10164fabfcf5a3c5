/**
 * Runs the recipes of docs/testing.md as a user's tests: in a project outside this repository, with the package that npm packs
 * and its types, built from the sources. It uses the dependencies of this repository, so that no network is needed.
 */
import { execFile, execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { packageRoot } from "../../host/file-system/package-root.ts";

const RECIPES = 10;
const project = mkdtempSync(join(tmpdir(), "motekit-user-"));

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** The folder of the package with the compiler's output. */
function compilePackage(): string {
  const folder = join(project, "package-folder");
  cpSync(inject("packageFolder"), folder, { recursive: true });
  cpSync(join(packageRoot(), "host"), join(folder, "host"), { recursive: true });
  execFileSync(process.execPath, [join(packageRoot(), "node_modules/typescript/bin/tsc"), "-b", "host"], {
    cwd: folder,
  });
  return folder;
}

function installPackage(): void {
  const modules = join(project, "node_modules");
  mkdirSync(modules);
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", project], {
    cwd: compilePackage(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  execFileSync("tar", ["-xzf", join(project, filename), "-C", modules]);
  execFileSync("mv", [join(modules, "package"), join(modules, "motekit")]);
  const own = join(packageRoot(), "node_modules");
  for (const name of readdirSync(own)) {
    if (!name.startsWith(".")) symlinkSync(join(own, name), join(modules, name));
  }
}

/** The code blocks of the page: the firmware, the beginning of a test, and the recipes. */
function blocksOfPage(): string[] {
  const page = readFileSync(join(packageRoot(), "docs/testing.md"), "utf8");
  return [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text as string);
}

async function runVitest(environment: Readonly<Record<string, string>> = {}) {
  const program = join(packageRoot(), "node_modules/vitest/vitest.mjs");
  const env: NodeJS.ProcessEnv = { ...process.env, ...environment };
  // Variables of the vitest process that runs this test.
  for (const name of Object.keys(env)) if (name.startsWith("VITEST")) delete env[name];
  const run = promisify(execFile)(
    process.execPath,
    [program, "run", "--reporter=json", "--outputFile=report.json"],
    { cwd: project, env },
  );
  const { stderr } = await run.catch((error: { stderr: string }) => error);
  const report = JSON.parse(readFileSync(join(project, "report.json"), "utf8")) as Report;
  return { stderr, report };
}

beforeAll(() => {
  installPackage();
  const [firmware, beginning, ...recipes] = blocksOfPage() as [string, string, ...string[]];
  mkdirSync(join(project, "src"));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  writeFileSync(join(project, "src/main.ts"), firmware);
  writeFileSync(join(project, "recipes.test.ts"), [beginning, ...recipes].join("\n"));
}, 120_000);

afterAll(() => rmSync(project, { recursive: true }));

it("packed package: the recipes of docs/testing.md pass in a user's project", async () => {
  const { report, stderr } = await runVitest();
  const failures = report.testResults.flatMap(({ assertionResults, message }) => [
    ...(message ? [message] : []),
    ...assertionResults.filter(({ status }) => status !== "passed").map(({ title }) => title),
  ]);
  expect(failures, stderr).toEqual([]);
  expect(report.numPassedTests).toBe(RECIPES);
}, 240_000);

it("packed package: the types refuse invalid arguments", async () => {
  const [, beginning, ...recipes] = blocksOfPage() as [string, string, ...string[]];
  const wrong = 'void createWorld(firmware).then((world) => world.advance("10 seconds"));';
  writeFileSync(join(project, "typed.ts"), [beginning, ...recipes, wrong].join("\n"));
  const program = join(packageRoot(), "node_modules/typescript/bin/tsc");
  const flags = "--noEmit --strict --skipLibCheck --module nodenext --target es2022 --types node typed.ts";
  const run = promisify(execFile)(process.execPath, [program, ...flags.split(" ")], { cwd: project });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  const errors = stdout.trim().split("\n");
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain(
    `Argument of type '"10 seconds"' is not assignable to parameter of type 'Duration'`,
  );
}, 240_000);

it("packed package: a failing test prints its seed, and MOTEKIT_SEED sets another", async () => {
  const [, beginning] = blocksOfPage() as [string, string];
  const test = `it("fails", async () => {
  const world = await createWorld({ ...firmware, seed: 5 });
  world.boot(home);
  await world.advance("12 s");
  expect(world.hub.published("nothing")).toHaveLength(1);
});`;
  writeFileSync(join(project, "recipes.test.ts"), `${beginning}\n${test}\n`);
  const own = await runVitest();
  expect(own.report.numPassedTests).toBe(0);
  expect(own.stderr).toContain("Seed 5: MOTEKIT_SEED=5 repeats it. 12.000 s passed.");
  expect(own.stderr).toMatch(/\d s {2}#1 > connect dev clean/);
  const given = await runVitest({ MOTEKIT_SEED: "11" });
  expect(given.stderr).toContain("Seed 11: ");
}, 240_000);
