/**
 * `npm run soak`: tests that take too long for each test run, about an hour in total. First messages on real Espruino over
 * connections that are cut at random; then many random fault schedules; seeds on both the simulator and real Espruino; programs
 * that are generated; uploads
 * and configurations whose line or power is cut at every place; and the local hub with random bytes for a minute. The exit code
 * is 1 if a guarantee was broken.
 *
 *     npm run soak -- [--messages N] [--cuts N] [--seed N] [--engine PROGRAM] [--schedules N] [--tier-seeds N] [--line-cuts N]
 *     [--programs N] [--suite-tests N] [--abuse-seconds N]
 *
 * If the environment variable MOTEKIT_TEST262 is the path of a checkout of test262, a sample of it runs as well.
 */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { soakMessages } from "./messages.ts";
import { soakSuite } from "./official-suite.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "100000" },
    cuts: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    engine: { type: "string", default: "espruino" },
    schedules: { type: "string", default: "100000" },
    /** The number of scenarios that run on both the simulator and real Espruino. */
    "tier-seeds": { type: "string", default: "200" },
    /** The number of random programs that run on Node and on real Espruino. 0 runs none. */
    programs: { type: "string", default: "20000" },
    /** The number of tests of ECMAScript's test suite, if its checkout is given. */
    "suite-tests": { type: "string", default: "1000" },
    /** The number of cuts on real Espruino. On the simulated board each byte is cut. 0 runs neither. */
    "line-cuts": { type: "string", default: "50" },
    /** Duration of random bytes, and of packets with flipped bits. 0 runs neither. */
    "abuse-seconds": { type: "string", default: "60" },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs test files with larger numbers than usual. Resolves with vitest's exit code. */
function runTests(
  files: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number | null> {
  const limits = ["--testTimeout=3600000", "--hookTimeout=120000"];
  const args = ["vitest", "run", "--config", "test/vitest.all.config.ts", ...limits, ...files];
  const child = spawn("npx", args, { stdio: "inherit", env: { ...process.env, ...environment } });
  return new Promise((resolve) => child.once("close", resolve));
}

// Ending this process also ends its children.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

const broken = await soakMessages({
  engine: values.engine,
  messages: Number(values.messages),
  cuts: Number(values.cuts),
  seed: Number(values.seed),
  onProgress: say,
});
if (Number(values.schedules) > 0) {
  const environment = { MOTEKIT_SCHEDULES: values.schedules };
  if ((await runTests(["test/simulation/random-"], environment)) !== 0) {
    broken.push("random schedules: see above");
  }
}
if (Number(values["tier-seeds"]) > 0) {
  const environment = { MOTEKIT_TIER_SEEDS: values["tier-seeds"] };
  if ((await runTests(["test/testing/second-tier"], environment)) !== 0) {
    broken.push("the same seeds on real Espruino: see above");
  }
}
if (Number(values.programs) > 0) {
  const environment = { MOTEKIT_PROGRAMS: values.programs, MOTEKIT_SEED: values.seed };
  if ((await runTests(["test/language/generated"], environment)) !== 0) {
    broken.push("generated programs: see above");
  }
}
broken.push(
  ...(await soakSuite({
    checkout: process.env.MOTEKIT_TEST262,
    count: Number(values["suite-tests"]),
    seed: Number(values.seed),
    say,
  })),
);
if (Number(values["line-cuts"]) > 0) {
  const environment = {
    MOTEKIT_POWER_STRIDE: "1",
    MOTEKIT_CUT_STRIDE: "1",
    MOTEKIT_CUTS: values["line-cuts"],
  };
  if (
    (await runTests(["test/upload/power-cuts", "test/upload/cuts", "test/configure/cuts"], environment)) !== 0
  ) {
    broken.push("uploads and configurations that are cut: see above");
  }
}
if (Number(values["abuse-seconds"]) > 0) {
  const environment = {
    MOTEKIT_ABUSE_MS: String(Number(values["abuse-seconds"]) * 1000),
    MOTEKIT_SEED: values.seed,
  };
  if ((await runTests(["test/hub/abuse"], environment)) !== 0) broken.push("the hub's abuse: see above");
}
for (const sentence of broken) say(`BROKEN: ${sentence}`);
say(broken.length > 0 ? `${broken.length} promises broken.` : "Every promise was kept.");
process.exitCode = broken.length > 0 ? 1 : 0;
