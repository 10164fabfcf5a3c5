/** `npm test`, and any test file alone: all but the files named `*.long.test.ts`, with the shorter of the efforts. */
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { SlowestFiles } from "./fixtures/run/slowest-files.ts";

export default defineConfig({
  resolve: {
    alias: { "motekit/board": new URL("fixtures/board-without-unicode.ts", import.meta.url).pathname },
  },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.long.test.ts"],
    globalSetup: ["test/fixtures/run/global-setup.ts"],
    reporters: ["default", new SlowestFiles()],
    env: { NO_COLOR: "1" },
    // Limits of time are for tests that hang: machines are shared, and one is three times slower than another.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 45_000 } },
    // Most tests wait for programs rather than for the processor; on two cores three workers take a fifth less time than two.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    root: new URL("..", import.meta.url).pathname,
  },
});
