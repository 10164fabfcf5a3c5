/** `npm run test:all`: every test file, with the whole of the efforts in fixtures/effort.ts. */
import type { ViteUserConfig } from "vitest/config";
import shortRun from "./vitest.config.ts";

// Spread, because vitest's `mergeConfig` joins lists: the short run's `exclude` would stay.
const wholeRun: ViteUserConfig = {
  ...shortRun,
  test: { ...shortRun.test, exclude: [], env: { ...shortRun.test?.env, MOTEKIT_TESTS: "all" } },
};

export default wholeRun;
