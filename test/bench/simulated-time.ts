/** Measures the speed of virtual time: one board with the reference firmware, telemetry at QoS 1, and the protocol oracle. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadBoard } from "../../host/boards.ts";
import { packageRoot } from "../../host/file-system/package-root.ts";
import { World } from "../../host/testing/world.ts";
import { buildEdited } from "../fixtures/sequence-app.ts";

const BOARD = "esp32";
const WARM_UP = "10 h";
const MEASURED_MS = 5 * 86_400_000;
/** Publishes uptime, free memory and temperature every 10 s. */
const MESSAGES = (3 * MEASURED_MS) / 10_000;

export interface SimulatedTime {
  /** Simulated seconds per real second. */
  readonly rate: number;
  readonly packets: number;
}

export async function measureSimulatedTime(): Promise<SimulatedTime> {
  const main = readFileSync(join(packageRoot(), "firmware/main.ts"), "utf8");
  const app = await buildEdited((modules) => main.replace('"motekit"', `"${modules}/device.ts"`), BOARD, [
    {
      file: "device.ts",
      text: 'return publish(ownTopic("telemetry", name), JSON.stringify(value), options);',
      by: 'return publish(ownTopic("telemetry", name), JSON.stringify(value), options || { qos: 1 });',
    },
  ]);
  const world = new World({ board: loadBoard(BOARD), app, seed: 1, configuration: { keepAliveSeconds: 60 } });
  const board = world.boot({ wifi: { home: "secret" } });
  await world.advance(WARM_UP);
  const before = board.oracle.packetCount;
  const startedMs = performance.now();
  await world.advance(MEASURED_MS);
  const realMs = performance.now() - startedMs;
  const packets = board.oracle.packetCount - before;
  const [violation] = world.violations;
  if (violation !== undefined) throw new Error(violation);
  if (packets < 2 * MESSAGES) throw new Error(`Only ${packets} packets: not all messages were acknowledged.`);
  board.powerCut();
  return { rate: Math.round(MEASURED_MS / realMs), packets };
}
