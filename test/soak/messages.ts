/**
 * Messages of QoS 1 and 2 in both directions between real Espruino and Mosquitto, over connections that are cut at random
 * bytes. No message of QoS 1 may be lost, none of QoS 2 lost or doubled, and no JsVar may leak.
 */
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connectAsync, type MqttClient } from "mqtt";
import { loadBoard } from "../../host/boards.ts";
import { buildFirmware } from "../../host/build/build.ts";
import { nextFraction, type Random, seededRandom } from "../../host/simulator/interpreter/random.ts";
import { type Cut, type CuttingProxy, startCuttingProxy } from "../fixtures/cutting-proxy.ts";
import { EspruinoProcess } from "../fixtures/espruino-process.ts";
import { startMosquitto } from "../fixtures/mosquitto.ts";
import { WireWatch } from "./wire-watch.ts";

/**
 * Limit of messages in flight to the device, for each QoS. No message may be queued at Mosquitto: release 2.0.11 forgets
 * messages of a persistent session beyond its limit of messages in flight when the device reconnects. The limit is below the
 * client's, above which a message of QoS 2 may be delivered twice.
 */
const AHEAD_MAX = 12;
const MOSQUITTO_SETTINGS = ["max_inflight_messages 0"];
const POLL_MS = 5;
const WARM_UP_MESSAGES = 40;
const PROGRESS_MS = 10_000;
const STALLED_MS = 60_000;
/** Time for the subscription, and for repeated messages. */
const SETTLE_MS = 2_000;
/** Longer than the client's ping period, because the client checks the oldest packet of the outbox at each PINGREQ. */
const IDLE_MS = 9_000;
/**
 * The JsVars that a variable gains when its number grows: 0 on 64-bit builds, which store every integer in the variable's
 * name; 1 on 32-bit builds, where integers above 8,191 have a separate JsVar. It is not a leak: only one variable of the client,
 * the last packet identifier, grows that far, and only once.
 */
const LARGE_INTEGER_JSVARS = "(function(){var a={n:1},b={n:60000};return E.getSizeOf(b)-E.getSizeOf(a)})()";
/** One cut in eight is within CONNECT, CONNACK and the packets right after them. */
const EARLY_SHARE = 0.125;
const EARLY_BYTES = 80;
/** The mean size of a message with its acknowledgements, over both directions. */
const BYTES_PER_MESSAGE = 12;

export interface MessageSoakOptions {
  readonly engine: string;
  /** The total number of messages: a quarter for each QoS and direction. */
  readonly messages: number;
  readonly cuts: number;
  readonly seed: number;
  readonly onProgress: (line: string) => void;
}

type ByQos = readonly [number, number, number];

interface DeviceReport {
  readonly connections: number;
  /** Connections that ended before CONNACK, and one that waits for it. */
  readonly unaccepted: number;
  /** Connections that the client ended. */
  readonly left: number;
  /** Maximum number of unacknowledged messages for each QoS. */
  readonly window: number;
  readonly problems: number;
  readonly isUp: boolean;
  readonly accepted: ByQos;
  readonly acknowledged: ByQos;
  readonly inDoubt: ByQos;
  readonly received: ByQos;
  readonly repeated: ByQos;
  readonly missed: ByQos;
}

/** The device's messages that the hub's other client received, by QoS. */
class Observer {
  readonly received = [0, 0, 0];
  readonly repeated = [0, 0, 0];
  readonly missed = [0, 0, 0];
  readonly published = [0, 0, 0];
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on("message", (topic, payload) => this.#take(Number(topic.at(-1)), Number(payload.toString())));
  }

  static async connect(port: number): Promise<Observer> {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
    const observer = new Observer(client);
    await client.subscribeAsync("soak/out/+", { qos: 2 });
    return observer;
  }

  publishUpTo(qos: 1 | 2, limit: number): void {
    for (let number = this.published[qos] ?? 0; number < limit; number++) {
      this.#client.publish(`soak/in/${qos}`, `${number}`, { qos });
      this.published[qos] = number + 1;
    }
  }

  close(): Promise<void> {
    return this.#client.endAsync(true);
  }

  #take(qos: number, number: number): void {
    const expected = this.received[qos] ?? 0;
    if (number < expected) this.repeated[qos] = (this.repeated[qos] ?? 0) + 1;
    else {
      this.missed[qos] = (this.missed[qos] ?? 0) + number - expected;
      this.received[qos] = number + 1;
    }
  }
}

function drawCut(random: Random, meanBytes: number): Cut {
  const isEarly = nextFraction(random) < EARLY_SHARE;
  return {
    direction: nextFraction(random) < 0.5 ? "up" : "down",
    afterBytes: Math.floor(nextFraction(random) * (isEarly ? EARLY_BYTES : 2 * meanBytes)),
    isReset: nextFraction(random) < 0.5,
  };
}

/** A sentence for each broken guarantee. Empty if there is none. */
export async function soakMessages(options: MessageSoakOptions): Promise<string[]> {
  const { app } = await buildFirmware({
    entry: fileURLToPath(new URL("soak-app.ts", import.meta.url)),
    board: loadBoard("linux"),
  });
  const random = seededRandom(options.seed);
  const meanBytes = (options.messages * BYTES_PER_MESSAGE) / options.cuts / (1 - EARLY_SHARE);
  const mosquitto = await startMosquitto(...MOSQUITTO_SETTINGS);
  const wire = new WireWatch();
  let isCutting = false;
  const proxy: CuttingProxy = await startCuttingProxy({
    hubPort: mosquitto.port,
    tap: wire,
    cutOf: () => (isCutting && proxy.cuts < options.cuts ? drawCut(random, meanBytes) : undefined),
  });
  const observer = await Observer.connect(mosquitto.port);
  const device = await EspruinoProcess.boot(app, options.engine);
  try {
    await device.run(`soak.connect(()=>require("net").connect({host:"127.0.0.1",port:${proxy.port}}))`);
    // Wait until the hub has the subscription, because it queues no messages before.
    await delay(SETTLE_MS);
    // Measure after every path has run once, so that permanent variables exist.
    await run(options, WARM_UP_MESSAGES, device, observer, proxy, wire);
    await delay(IDLE_MS);
    const grownIdentifier = Number(await device.run(LARGE_INTEGER_JSVARS));
    const before = Number(await device.run("process.memory().usage"));
    isCutting = true;
    proxy.dropAll();
    const report = await run(options, options.messages, device, observer, proxy, wire);
    await delay(IDLE_MS);
    const after = Number(await device.run("process.memory().usage"));
    options.onProgress(`JsVars before ${before}, after ${after}`);
    const broken = judge(options, report, observer, proxy);
    judgeRepeated(options, report, wire, broken);
    if (after > before + grownIdentifier)
      broken.push(`${after - before} JsVars more at the end than at the start`);
    if (device.lines.length > 0) broken.push(`the console said: ${device.lines.slice(0, 5).join(" / ")}`);
    return broken;
  } finally {
    await device.stop();
    await observer.close();
    await proxy.close();
    await mosquitto.close();
  }
}

/** Resolves when all messages have arrived and are acknowledged, or when nothing changes any more. */
async function run(
  { onProgress }: MessageSoakOptions,
  messages: number,
  device: EspruinoProcess,
  observer: Observer,
  proxy: CuttingProxy,
  wire: WireWatch,
): Promise<DeviceReport> {
  const ofEach = messages / 4;
  const startedMs = performance.now();
  let progressMs = startedMs;
  let movedMs = startedMs;
  let last = -1;
  await device.run(`soak.send(${ofEach})`);
  for (;;) {
    const report = JSON.parse(await device.run("soak.report()")) as DeviceReport;
    observer.publishUpTo(1, Math.min(ofEach, report.received[1] + AHEAD_MAX));
    observer.publishUpTo(2, Math.min(ofEach, report.received[2] + AHEAD_MAX - wire.unfinished));
    const sum = [report.acknowledged, report.received, observer.received].flat().reduce((a, b) => a + b, 0);
    const nowMs = performance.now();
    if (sum !== last) movedMs = nowMs;
    last = sum;
    const isDone = sum >= 6 * ofEach;
    if (nowMs - progressMs > PROGRESS_MS || isDone) {
      progressMs = nowMs;
      onProgress(
        `${Math.round((nowMs - startedMs) / 1000)} s: ${observer.received[1]} + ${observer.received[2]} out, ` +
          `${report.received[1]} + ${report.received[2]} in (QoS 1 + 2), ${proxy.cuts} cuts`,
      );
    }
    if (isDone || nowMs - movedMs > STALLED_MS) return report;
    await delay(POLL_MS);
  }
}

function judge(
  { messages, cuts }: MessageSoakOptions,
  report: DeviceReport,
  observer: Observer,
  proxy: CuttingProxy,
): string[] {
  const broken: string[] = [];
  const expect = (what: string, actual: number | undefined, expected: number): void => {
    if (actual !== expected) broken.push(`${what}: ${actual} instead of ${expected}`);
  };
  for (const qos of [1, 2] as const) {
    expect(`QoS ${qos} out, arrived`, observer.received[qos], messages / 4);
    expect(`QoS ${qos} out, missing`, observer.missed[qos], 0);
    expect(`QoS ${qos} out, called acknowledged`, report.acknowledged[qos], messages / 4);
    expect(`QoS ${qos} in, arrived`, report.received[qos], messages / 4);
    expect(`QoS ${qos} in, missing`, report.missed[qos], 0);
  }
  expect("QoS 2 out, doubled", observer.repeated[2], 0);
  // If a CONNACK was lost, the client cannot know whether the hub began a new session with that connection.
  const inDoubtMax = report.window * report.unaccepted;
  if (report.inDoubt[2] > inDoubtMax)
    broken.push(`QoS 2 out, called doubtful: ${report.inDoubt[2]} instead of at most ${inDoubtMax}`);
  expect("problems", report.problems, 0);
  expect("connections that the client ended", report.left, 0);
  expect("cuts", proxy.cuts, cuts);
  return broken;
}

/** The device may receive a message of QoS 2 twice only if the hub violated the protocol. */
function judgeRepeated(
  { onProgress }: MessageSoakOptions,
  report: DeviceReport,
  wire: WireWatch,
  broken: string[],
): void {
  const repeated = report.repeated[2];
  const { deliveredAgain } = wire;
  if (deliveredAgain > 0)
    onProgress(`Mosquitto delivered ${deliveredAgain} messages again after their PUBREL`);
  if (repeated > deliveredAgain)
    broken.push(`QoS 2 in, doubled: ${repeated}, and ${deliveredAgain} by the hub`);
}
