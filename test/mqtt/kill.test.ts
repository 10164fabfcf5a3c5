/**
 * Persistence on the real interpreter: Espruino for Linux, killed at random moments, with Mosquitto on the other side.
 * `MOTEKIT_KILLS` runs another number of kills than the few of every test run.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { boardFiles } from "../../host/simulator/engines/board-files.ts";
import { bootFiles } from "../../host/simulator/engines/espruino-prelude.ts";
import { provision } from "../../host/simulator/engines/espruino-provision.ts";
import { nextFraction, seededRandom } from "../../host/simulator/interpreter/random.ts";
import { effort } from "../fixtures/effort.ts";
import { type Mosquitto, startMosquitto } from "../fixtures/mosquitto.ts";
import { hasProgram, requireProgram } from "../fixtures/programs.ts";
import { buildSessionApp, IN, OUT } from "../fixtures/session-app.ts";
import { SWEEP_CONFIGURATION } from "../fixtures/sweep.ts";
import { until } from "../fixtures/waiting.ts";

const KILLS = effort("boardKills");
const SAID_FILE = "said.txt";
const PERIOD_MS = 40;

let folder: string;
let hub: Mosquitto;
let judge: MqttClient;
/** Payloads of events as often as they came from the hub, by level of service. */
let arrived: Record<1 | 2, string[]>;
let device: ChildProcess | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "motekit-kill-"));
  hub = await startMosquitto();
  judge = await connectAsync(`mqtt://127.0.0.1:${hub.port}`);
  arrived = { 1: [], 2: [] };
  judge.on("message", (topic, payload) => {
    arrived[Number(topic.split("/")[1]) as 1 | 2].push(payload.toString());
  });
  await judge.subscribeAsync(`${OUT}/#`, { qos: 1 });
});

afterEach(async () => {
  device?.kill("SIGKILL");
  await judge.endAsync(true);
  await hub.close();
  rmSync(folder, { recursive: true });
});

function powerOn(): void {
  device = spawn(requireProgram("espruino"), [], { cwd: folder, stdio: ["pipe", "ignore", "ignore"] });
}

async function powerOff(): Promise<void> {
  const running = device as ChildProcess;
  const ended = new Promise((resolve) => running.once("exit", resolve));
  running.kill("SIGKILL");
  await ended;
}

/** Returns the app's words of one kind, over all its lives. */
function said(word: string): string[] {
  const file = join(folder, SAID_FILE);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

/** Sends messages of both levels until told to end. Returns their topics. */
async function sendMessages(isOver: () => boolean): Promise<string[]> {
  const topics: string[] = [];
  for (let number = 1; !isOver(); number++) {
    const qos = number % 2 ? 2 : 1;
    topics.push(`${IN}/${qos}/${number}`);
    await judge.publishAsync(topics.at(-1) as string, String(number), { qos });
    await delay(PERIOD_MS);
  }
  return topics;
}

const isMissing = !hasProgram("espruino") || !hasProgram("mosquitto");

describe.skipIf(isMissing)("Espruino that is killed at random moments", () => {
  it("loses no message of QoS 1 or 2, and doubles none of QoS 2, either way", async () => {
    const options = { persistence: true, eventCount: 1e6, periodSeconds: PERIOD_MS / 1000, file: SAID_FILE };
    const app = await buildSessionApp({ ...options, journalBytes: 4096 });
    const configuration = { ...SWEEP_CONFIGURATION, hub: { host: "127.0.0.1", port: hub.port } };
    const files = new Map([
      ...boardFiles(app, configuration),
      ...bootFiles(loadBoard("linux"), [], new Map()),
    ]);
    await provision(requireProgram("espruino"), folder, files);

    powerOn();
    await until("the first message", () => arrived[2].length > 0);
    let isOver = false;
    const sending = sendMessages(() => isOver);
    const random = seededRandom(4);
    for (let kill = 0; kill < KILLS; kill++) {
      await delay(200 + 1_200 * nextFraction(random));
      await powerOff();
      powerOn();
    }
    await delay(500);
    isOver = true;
    const sent = await sending;
    await until("the last message", () =>
      said("handled").some((line) => line.startsWith(sent.at(-1) as string)),
    );
    const accepted = said("accepted");
    await until("the last event", () =>
      accepted.every((name) => [...arrived[1], ...arrived[2]].includes(name)),
    );

    expect(accepted.length).toBeGreaterThan(KILLS * 5);
    // On a slow machine there may be no space for an event while the connection is away: then it never arrives.
    const refused = new Set(said("refused"));
    expect([...arrived[1], ...arrived[2]].filter((name) => refused.has(name))).toEqual([]);
    // Event by event: of QoS 2 each once, and nothing that nobody offered.
    expect(new Set(arrived[2]).size).toBe(arrived[2].length);
    const offered = new Set(said("offered"));
    expect([...arrived[1], ...arrived[2]].filter((name) => !offered.has(name))).toEqual([]);
    const handled = said("handled");
    expect(sent.filter((topic) => !handled.some((line) => line.replace("?", "") === topic))).toEqual([]);
    const surely = handled.filter((line) => line.startsWith(`${IN}/2/`) && !line.endsWith("?"));
    expect(surely.filter((line, index) => surely.indexOf(line) !== index)).toEqual([]);
    process.stdout.write(
      `${KILLS} kills: ${accepted.length} events accepted, ${arrived[1].length + arrived[2].length} arrived, ` +
        `${sent.length} messages sent, ${handled.length} handled, ` +
        `${handled.filter((line) => line.endsWith("?")).length} of them in doubt\n`,
    );
  }, 600_000);
});
