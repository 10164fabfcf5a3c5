/** The hub as a process with a folder, killed while messages go through it, and started again on the same folder. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { IPublishPacket } from "mqtt-packet";
import { expect, test } from "vitest";
import { COMMAND, type RunningCommand, runCommand, startCommand } from "../fixtures/command.ts";
import { effort } from "../fixtures/effort.ts";
import { makeFolder } from "../fixtures/journal-folders.ts";
import { KeptPublisher, KeptSubscriber } from "../fixtures/kept-clients.ts";
import { connectPacket, PacketClient } from "../fixtures/packet-client.ts";
import { until } from "../fixtures/waiting.ts";

const KILLS = effort("hubKills");
/** Below what a hub keeps for a session that is away, in all. */
const COUNT_EACH = 500;
/** Of a slow machine. */
const DRAIN_MS_MAX = 30_000;

async function startHub(
  dataFolder: string,
): Promise<{ readonly command: RunningCommand; readonly port: number }> {
  const command = startCommand(["hub", "--port", "0", "--ws-port", "0", "--json", "--data", dataFolder]);
  const { port } = JSON.parse(await command.untilLine('"listening"')) as { port: number };
  return { command, port };
}

async function kill({ process: child }: RunningCommand): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

function firstArrivals(numbers: readonly number[]): number[] {
  return [...new Set(numbers)];
}

test(`a hub that is killed ${KILLS} times under load loses nothing that it acknowledged`, {
  timeout: 120_000,
}, async () => {
  const folder = makeFolder();
  const atLeastOnce = new KeptPublisher("publisher-1", { topic: "load/1", qos: 1, payloadBytes: 100 });
  const exactlyOnce = new KeptPublisher("publisher-2", { topic: "load/2", qos: 2, payloadBytes: 2_000 });
  const present = new KeptSubscriber("present", "load/#");
  const away = new KeptSubscriber("away", "load/+");
  let hub = await startHub(folder);
  try {
    // From here on the client is away, and its messages are queued in its session.
    await away.connect(hub.port);
    await present.connect(hub.port);
    away.drop();
    for (let killed = 0; killed < KILLS; killed++) {
      // On the last, nobody listens.
      if (killed > 0 && killed < KILLS - 1) await present.connect(hub.port);
      for (const publisher of [atLeastOnce, exactlyOnce]) publisher.publishMore(COUNT_EACH);
      await Promise.all([atLeastOnce.connect(hub.port), exactlyOnce.connect(hub.port)]);
      const publisher = killed % 2 === 0 ? atLeastOnce : exactlyOnce;
      const number = COUNT_EACH * (killed + Math.random());
      await until("the moment to kill", () => publisher.count > number);
      // At every other kill the last acknowledgements are lost on their way.
      if (killed % 4 > 1) for (const client of [atLeastOnce, exactlyOnce, present]) client.drop();
      await kill(hub.command);
      hub = await startHub(folder);
    }
    await Promise.all([atLeastOnce, exactlyOnce, present, away].map((client) => client.connect(hub.port)));
    await until(
      "what is left to be published",
      () => atLeastOnce.isFinished && exactlyOnce.isFinished,
      DRAIN_MS_MAX,
    );
    for (const { delivered } of [present, away]) {
      await until(
        "the last messages",
        () =>
          delivered.get("load/1")?.at(-1) === atLeastOnce.count &&
          delivered.get("load/2")?.at(-1) === exactlyOnce.count,
        DRAIN_MS_MAX,
      );
    }
  } finally {
    for (const client of [atLeastOnce, exactlyOnce, present, away]) client.drop();
    await hub.command.interrupt();
  }
  for (const { delivered, lostSessions } of [present, away]) {
    expect(lostSessions).toBe(1);
    const arrived = firstArrivals(delivered.get("load/1") ?? []);
    expect(arrived).toEqual(numbersTo(atLeastOnce.count));
    expect(delivered.get("load/2")).toEqual(numbersTo(exactlyOnce.count));
  }
});

test.runIf(process.platform !== "win32")(
  "a hub that cannot write any more ends, and has kept all that it acknowledged",
  {
    timeout: 60_000,
  },
  async () => {
    const folder = makeFolder();
    const program = ["hub", "--port", "0", "--ws-port", "0", "--json", "--data", folder];
    // Files may have 1 MiB; the system then answers as it does on a full disk.
    const limited = spawn(
      "sh",
      ["-c", 'ulimit -f 2048; exec "$0" "$@"', process.execPath, COMMAND, ...program],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    const ended = once(limited, "exit");
    const lines: string[] = [];
    createInterface({ input: limited.stdout }).on("line", (line) => lines.push(line));
    const line = await until("the hub to listen", () => lines[0]);
    const client = new PacketClient((JSON.parse(line) as { port: number }).port);
    client.send(connectPacket("writer"));
    await client.next("connack");
    let acknowledged = 0;
    try {
      for (;;) {
        const number = acknowledged + 1;
        const payload = Buffer.alloc(50_000, "x");
        client.send({
          cmd: "publish",
          topic: `n/${number}`,
          payload,
          qos: 1,
          retain: true,
          dup: false,
          messageId: number,
        });
        await client.next("puback");
        acknowledged = number;
      }
    } catch (error) {
      expect((error as Error).message).toBe("The connection ended before puback came.");
    }
    expect(await ended).toEqual([1, null]);
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ ok: false, problems: [{ code: "MK1433" }] });
    expect(acknowledged).toBe(20);

    const hub = await startHub(folder);
    const reader = new PacketClient(hub.port);
    try {
      reader.send(connectPacket("reader"));
      await reader.next("connack");
      reader.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "n/+", qos: 0 }] });
      await reader.next("suback");
      await reader.roundTrip();
      const topics = reader.unread.map((packet) => (packet as IPublishPacket).topic);
      expect(new Set(topics)).toEqual(new Set(numbersTo(acknowledged).map((number) => `n/${number}`)));
      // It had written the first half of the next one, and says so.
      expect(hub.command.errors.join()).toMatch(
        /^The hub was ended while it wrote\. What was half written \(\d+ bytes\) is dropped/,
      );
    } finally {
      reader.drop();
      await hub.command.interrupt();
    }
  },
);

test("a second hub on the same folder is refused, and what was told to a hub that was stopped is there", {
  timeout: 60_000,
}, async () => {
  const folder = makeFolder();
  const subscriber = new KeptSubscriber("stays", "a/#");
  let hub = await startHub(folder);
  try {
    await subscriber.connect(hub.port);
    const second = await runCommand(["hub", "--port", "0", "--ws-port", "0", "--data", folder]);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toContain("MK1430");
    expect(second.stderr).toContain(`process ${hub.command.process.pid}`);
    expect((await hub.command.interrupt()).exitCode).toBe(0);
    hub = await startHub(folder);
    await subscriber.connect(hub.port);
    expect(subscriber.lostSessions).toBe(1);
  } finally {
    subscriber.drop();
    await hub.command.interrupt();
  }
});

function numbersTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
