/**
 * Measures the local hub under load, beside Mosquitto and aedes in the same run:
 *
 *     npm run bench:hub -- [--json] [--rounds 3] [--seconds 2]
 *
 * Hubs are measured in rounds, and a ratio is the median of the ratios of all rounds, because computers are shared and noisy.
 * Each hub is a process. One client process, the same for all hubs, makes the load.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { LoadClient, PUBLISH_QOS_0, publishQos1 } from "./load-client.ts";
import { LOAD_HUBS, type LoadHub } from "./load-hubs.ts";

/** Maximum number of messages that were sent and have not arrived. */
const UNDERWAY_MAX = 2_000;
const BLOCK_MESSAGES = 50;
const FAN_OUT = 50;
const PUBLISHERS = 10;
/** Maximum number of unacknowledged messages of a QoS 1 publisher. */
const UNACKNOWLEDGED = 5;
const CONNECTORS = 20;
const ECHOES = 1_000;
/** Duration of a warm-up before a measurement, for just-in-time compilers. */
const WARM_UP_ECHOES = 3_000;
const IDLE_CONNECTIONS = 1_000;
const SETTLE_MS = 300;

interface Figure {
  readonly title: string;
  readonly unit: string;
  /** True if a higher value is better. */
  readonly isMoreBetter: boolean;
  measure(hub: LoadHub, seconds: number): Promise<number>;
}

const FIGURES: readonly Figure[] = [
  {
    title: "QoS 0, 1 to 1",
    unit: "msg/s",
    isMoreBetter: true,
    measure: (hub, seconds) => fanOut(hub, seconds, 1),
  },
  { title: "QoS 1, 10 to 1", unit: "msg/s", isMoreBetter: true, measure: manyToOne },
  {
    title: `QoS 0, 1 to ${FAN_OUT}`,
    unit: "msg/s",
    isMoreBetter: true,
    measure: (hub, seconds) => fanOut(hub, seconds, FAN_OUT),
  },
  { title: "connections", unit: "1/s", isMoreBetter: true, measure: connections },
  { title: "echo QoS 0, p50", unit: "ms", isMoreBetter: false, measure: (hub) => echo(hub, 0, 0.5) },
  { title: "echo QoS 1, p50", unit: "ms", isMoreBetter: false, measure: (hub) => echo(hub, 1, 0.5) },
  { title: "echo QoS 1, p99", unit: "ms", isMoreBetter: false, measure: (hub) => echo(hub, 1, 0.99) },
  { title: "idle connection", unit: "KiB", isMoreBetter: false, measure: idleMemory },
];

/** Messages per second that all subscribers receive together. */
async function fanOut({ port }: LoadHub, seconds: number, subscriberCount: number): Promise<number> {
  const subscribers = await Promise.all(
    Array.from({ length: subscriberCount }, (_, index) => LoadClient.subscribed(port, `s${index}`, 0)),
  );
  const publisher = await LoadClient.open(port, "publisher");
  const block = Buffer.concat(Array.from({ length: BLOCK_MESSAGES }, () => PUBLISH_QOS_0));
  const arrived = () => subscribers.reduce((sum, { publishes }) => sum + publishes, 0);
  const rate = await during(seconds, arrived, async () => {
    if (publisher.publishes * subscriberCount - arrived() < UNDERWAY_MAX * subscriberCount) {
      publisher.socket.write(block);
      publisher.publishes += BLOCK_MESSAGES;
    }
    await new Promise((resolve) => setImmediate(resolve));
  });
  for (const client of [publisher, ...subscribers]) client.close();
  return rate;
}

async function manyToOne({ port }: LoadHub, seconds: number): Promise<number> {
  const subscriber = await LoadClient.subscribed(port, "subscriber", 1);
  const publishers = await Promise.all(
    Array.from({ length: PUBLISHERS }, (_, index) => LoadClient.open(port, `p${index}`)),
  );
  for (const publisher of publishers) {
    let sent = 0;
    publisher.onProgress = () => {
      while (sent - publisher.pubacks < UNACKNOWLEDGED) {
        publisher.socket.write(publishQos1((sent++ % 65_535) + 1));
      }
    };
    publisher.count();
    publisher.onProgress();
  }
  const rate = await during(
    seconds,
    () => subscriber.publishes,
    () => delay(10),
  );
  for (const client of [subscriber, ...publishers]) client.close();
  return rate;
}

/** The growth of `count` per second while `step` runs. */
async function during(seconds: number, count: () => number, step: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  const before = count();
  while (performance.now() - startedMs < seconds * 1000) await step();
  return (count() - before) / ((performance.now() - startedMs) / 1000);
}

async function connections({ port }: LoadHub, seconds: number): Promise<number> {
  const endMs = performance.now() + seconds * 1000;
  let count = 0;
  const connectAgain = async (index: number): Promise<void> => {
    while (performance.now() < endMs) {
      (await LoadClient.open(port, `c${index}`)).close();
      count++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTORS }, (_, index) => connectAgain(index)));
  return count / seconds;
}

/** Time from sending a PUBLISH to receiving it, in milliseconds. */
async function echo({ port }: LoadHub, qos: 0 | 1, quantile: number): Promise<number> {
  const client = await LoadClient.subscribed(port, "echo", qos);
  const tookMs: number[] = [];
  for (let index = 0; index < WARM_UP_ECHOES + ECHOES; index++) {
    const startedMs = performance.now();
    const isBack = new Promise<void>((resolve) => {
      client.onProgress = () => {
        if (client.publishes > index) resolve();
      };
    });
    client.socket.write(qos === 0 ? PUBLISH_QOS_0 : publishQos1(index + 1));
    await isBack;
    tookMs.push(performance.now() - startedMs);
  }
  client.close();
  tookMs.splice(0, WARM_UP_ECHOES);
  tookMs.sort((one, other) => one - other);
  return tookMs[Math.floor(tookMs.length * quantile)] as number;
}

async function idleMemory(hub: LoadHub): Promise<number> {
  const before = hub.memory();
  const clients: LoadClient[] = [];
  for (let index = 0; index < IDLE_CONNECTIONS; index++) {
    clients.push(await LoadClient.open(hub.port, `idle${index}`));
  }
  await delay(SETTLE_MS);
  const grown = hub.memory() - before;
  for (const client of clients) client.close();
  return grown / IDLE_CONNECTIONS / 1024;
}

type Rounds = Readonly<Record<string, number[]>>;

async function measure(figure: Figure, rounds: number, seconds: number): Promise<Rounds> {
  const results: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, start] of Object.entries(LOAD_HUBS)) {
      const hub = await start();
      try {
        results[name] ??= [];
        results[name].push(await figure.measure(hub, seconds));
      } finally {
        await hub.stop();
      }
    }
  }
  return results;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] as number;
}

/** The ratio of our value to the peer's, for each round. */
function ratio(rounds: Rounds, peer: string, name = "motekit"): number {
  return median((rounds[name] ?? []).map((value, round) => value / (rounds[peer]?.[round] as number)));
}

function formatNumber(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2);
}

function positive(text: string, option: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`--${option} wants a number above 0, not ${text}.`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "2" },
    },
  });
  const names = Object.keys(LOAD_HUBS);
  const roundCount = positive(values.rounds, "rounds");
  const seconds = positive(values.seconds, "seconds");
  for (const figure of FIGURES) {
    const rounds = await measure(figure, roundCount, seconds);
    const ratios = {
      Mosquitto: ratio(rounds, "Mosquitto"),
      aedes: ratio(rounds, "aedes"),
      withData: ratio(rounds, "motekit", "motekit --data"),
      withWire: ratio(rounds, "motekit", "motekit with wire"),
    };
    if (values.json) {
      console.log(JSON.stringify({ figure: figure.title, unit: figure.unit, rounds, ratios }));
      continue;
    }
    const figures = names.map((name) => `${name} ${formatNumber(median(rounds[name] ?? []))}`);
    console.log(`${figure.title} (${figure.unit}): ${figures.join(", ")}`);
    const better = figure.isMoreBetter ? "more is better" : "less is better";
    const { Mosquitto, aedes, withData, withWire } = ratios;
    const peers = `${Mosquitto.toFixed(2)} × Mosquitto, ${aedes.toFixed(2)} × aedes`;
    console.log(
      `    ${peers}; with --data ${withData.toFixed(2)} × without, with the wire told ${withWire.toFixed(2)} × without; ${better}`,
    );
  }
}

await main();
