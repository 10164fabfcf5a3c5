/**
 * Schedules of several faults drawn from a seed. `MOTEKIT_SCHEDULES` runs another number of them than the few hundred
 * that every test run has, and `MOTEKIT_SEED` one alone.
 */
import { afterAll, beforeAll, it } from "vitest";
import type { PacketFault } from "../../host/mock-hub/packet-faults.ts";
import { nextFraction, type Random, seededRandom } from "../../host/simulator/random.ts";
import type { ConnectionFaults } from "../../host/simulator/virtual-network.ts";
import type { VirtualWorld } from "../../host/testing/virtual-world.ts";
import { buildSequenceApp } from "../fixtures/sequence-app.ts";
import { CONNACK_TIMEOUT_MS, NOTICE_MS, RECONNECT_MS, type Schedule, Sweep } from "../fixtures/sweep.ts";

const SCHEDULES = Number(process.env.MOTEKIT_SCHEDULES ?? 400);
const MESSAGES = 25;
const FAULTS_MS = 300_000;
/** Ten minutes in all. */
const SESSION_MS = 520_000;
const RETRY_MS_MAX = 60_000;
const SETTLE_MS = Math.max(NOTICE_MS, CONNACK_TIMEOUT_MS) + RETRY_MS_MAX + RECONNECT_MS;
const FAULTY_ATTEMPTS_MAX = 12;
const CMDS = ["connack", "suback", "puback", "publish", "pingresp"] as const;

let sweep: Sweep;
const met = new Map<string, number>();

beforeAll(async () => {
  sweep = new Sweep(await buildSequenceApp(10, MESSAGES));
});

afterAll(() => {
  const kinds = [...met].sort().map(([kind, times]) => `${kind} ${times}`);
  process.stdout.write(`${sweep.summary("random schedules")}faults drawn: ${kinds.join(", ")}\n`);
});

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random.nextUint32() % items.length];
  if (item === undefined) throw new Error("Nothing to pick from.");
  return item;
}

function drawConnectionFaults(random: Random): ConnectionFaults | undefined {
  const direction = pick(random, ["up", "down"] as const);
  const byte = random.nextUint32() % 400;
  const kind = pick(random, ["cut", "severed", "split", "refused", "black hole", "small chunks", "none"]);
  met.set(kind, (met.get(kind) ?? 0) + 1);
  switch (kind) {
    case "cut":
      return { cut: { direction, afterBytes: byte } };
    case "severed":
      return { cut: { direction, afterBytes: byte, silent: true } };
    case "split":
      return { split: { direction, atByte: byte + 1, pauseMs: random.nextUint32() % 5_000 } };
    case "refused":
      return { refused: true };
    case "black hole":
      return { blackHole: 1_000 + (random.nextUint32() % 30_000) };
    case "small chunks":
      return { chunkBytesMax: 1 + (random.nextUint32() % 7) };
    default:
      return undefined;
  }
}

function drawPacketFault(random: Random): PacketFault {
  const action = pick(random, ["drop", "double", "delay"] as const);
  const fault = {
    direction: "out",
    cmd: pick(random, CMDS),
    nth: 1 + (random.nextUint32() % 8),
    action,
  } as const;
  met.set(action, (met.get(action) ?? 0) + 1);
  return action === "delay" ? { ...fault, delayMs: random.nextUint32() % 20_000 } : fault;
}

/** Something that befalls the hub or the network. */
function arrangeEvent(random: Random, world: VirtualWorld): void {
  const atMs = nextFraction(random) * FAULTS_MS;
  const forMs = nextFraction(random) * 60_000;
  const kind = pick(random, [
    "restart, state kept",
    "restart, state lost",
    "silence",
    "all cut",
    "all severed",
  ]);
  met.set(kind, (met.get(kind) ?? 0) + 1);
  world.hub.runIn(atMs, (hub, nowMs) => {
    if (kind === "silence") hub.goSilent();
    else if (kind === "all cut") world.network.cut();
    else if (kind === "all severed") world.network.sever();
    else {
      hub.restart(kind === "restart, state kept", nowMs);
      world.hubListens = false;
    }
  });
  world.hub.runIn(atMs + forMs, (hub, nowMs) => {
    hub.speak(nowMs);
    world.hubListens = true;
  });
}

function drawSchedule(seed: number): Schedule {
  const random = seededRandom(seed);
  const attempts = Array.from({ length: FAULTY_ATTEMPTS_MAX }, () => drawConnectionFaults(random));
  return {
    name: `random ${seed}`,
    seed,
    faultsOf: (attempt, nowMs) => (nowMs < FAULTS_MS ? attempts[attempt - 1] : undefined),
    packetFaults: [drawPacketFault(random), drawPacketFault(random)],
    arrange: (world) => {
      for (let events = 1 + (random.nextUint32() % 4); events > 0; events--) arrangeEvent(random, world);
    },
    sessionMs: SESSION_MS,
    settleMs: SETTLE_MS,
  };
}

it("keeps every promise under every schedule that is drawn", () => {
  const alone = process.env.MOTEKIT_SEED;
  if (alone !== undefined) {
    sweep.run(drawSchedule(Number(alone)));
    return;
  }
  for (let seed = 1; seed <= SCHEDULES; seed++) sweep.run(drawSchedule(seed));
}, 3_600_000);
