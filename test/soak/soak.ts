/**
 * `npm run soak`: what takes too long for every test run.
 *
 *     npm run soak -- [--messages N] [--cuts N] [--seed N] [--engine PROGRAM]
 */
import { parseArgs } from "node:util";
import { soakMessages } from "./messages.ts";

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "100000" },
    cuts: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    engine: { type: "string", default: "espruino" },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const broken = await soakMessages({
  engine: values.engine,
  messages: Number(values.messages),
  cuts: Number(values.cuts),
  seed: Number(values.seed),
  onProgress: say,
});
for (const sentence of broken) say(`BROKEN: ${sentence}`);
say(broken.length > 0 ? `${broken.length} promises broken.` : "Every promise was kept.");
process.exitCode = broken.length > 0 ? 1 : 0;
