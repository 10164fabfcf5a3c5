/** `npm run test:all`: every test file, with the whole of the efforts in fixtures/effort.ts. */
import { mergeConfig } from "vitest/config";
import shortRun from "./vitest.config.ts";

export default mergeConfig(shortRun, { test: { exclude: [], env: { MOTEKIT_TESTS: "all" } } });
