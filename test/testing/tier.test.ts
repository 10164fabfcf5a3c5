import { writeFileSync } from "node:fs";
import { it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { drawFaults, FAULT_KINDS, formatFault, playFaults } from "../../host/testing/fault-schedule.ts";
import { packetTrace } from "../../host/testing/packet-trace.ts";
import { World } from "../../host/testing/world.ts";
import { buildAppText } from "../fixtures/sequence-app.ts";

const APP = `import { every, log, onCommand, publish, start, subscribe } from "motekit";
import { usePersistence } from "motekit/persistence";
import { useQos2 } from "motekit/qos2";
usePersistence({ sizeBytes: 2000 });
useQos2();
let count = 0;
function text(length: number) { let data = ""; for (let i = 0; i < length; i++) data += String.fromCharCode(65 + (count + i) % 26); return data; }
every(4, () => { count++; publish("count/" + count, count % 5 ? String(count) : text(900), { qos: count % 3 ? (count % 3 === 1 ? 1 : 2) : 0 }); });
every(9.7, () => { publish("random", String(Math.floor(Math.random() * 1000)) + E.getTemperature()); });
setWatch((event) => publish("button", String(Math.round(event.time * 1000)), { qos: 1, retain: true }), D0, { repeat: true, edge: "both" });
onCommand("led", (value) => { digitalWrite(D2, value === true); return value; });
start({ keepSession: true });
subscribe("in/#", 2, (message) => { log("handled " + message.topicName); publish("echo", message.payload, { qos: 1 }); });
`;
const FROM = Number(process.env.FROM ?? 1),
  TO = Number(process.env.TO ?? 20);
it("same", async () => {
  const app = await buildAppText(APP, "esp32");
  const times = { node: 0, espruino: 0 };
  const play = async (engine: "node" | "espruino", seed: number) => {
    const t = Date.now();
    const world = new World({ board: loadBoard("esp32"), app, seed, engine, keepsTranscript: true });
    const board = world.addBoard({ wifi: { home: "secret" } });
    const draws: string[] = [];
    const own = world.network.latencyMs.bind(world.network);
    if (process.env.DRAWS)
      world.network.latencyMs = () => {
        const ms = own();
        draws.push(
          `${world.nowMs} ${ms} ${(new Error().stack ?? "")
            .split("\n")
            .slice(2, 7)
            .map((l) => l.trim().split(" ")[1])
            .join(" ")}`,
        );
        return ms;
      };
    const faults = drawFaults(seed, {
      kinds: FAULT_KINDS,
      cmds: ["connack", "suback", "puback", "publish", "pubrec", "pubrel", "pubcomp"],
      countMin: 3,
      countMax: 6,
      untilMs: Number(process.env.UNTIL ?? 100000),
    });
    playFaults(world, faults);
    board.powerOn();
    for (let s = 5; s < 100; s += 7)
      world.hub.runIn(s * 1000, () => world.hub.publish("devices/dev/command/led", s % 2 ? "true" : "false"));
    for (let s = 3; s < 110; s += 11)
      world.hub.runIn(s * 1000, () =>
        world.hub.publish("in/" + s, "x".repeat((s * 37) % 700), { qos: (s % 3) as 0 | 1 | 2 }),
      );
    for (let s = 13; s < 110; s += 17)
      world.hub.runIn(s * 1000, () => {
        try {
          board.pin("D0").drive(1);
          board.pin("D0").press("300 ms");
        } catch {}
      });
    await world.advance(Number(process.env.UNTIL ?? 100000) + 30000);
    for (const b of world.boards) b.powerCut();
    times[engine] += Date.now() - t;
    return { draws, lines: packetTrace(world.transcript()), transcript: world.transcript(), faults };
  };
  let bad = 0,
    packets = 0;
  for (let seed = FROM; seed <= TO; seed++) {
    const a = await play("node", seed);
    let b;
    try {
      b = await play("espruino", seed);
    } catch (e) {
      console.log("seed", seed, (e as Error).stack);
      bad++;
      continue;
    }
    packets += a.lines.length;
    if (a.lines.join("\n") !== b.lines.join("\n")) {
      bad++;
      const at = a.lines.findIndex((l, i) => l !== b.lines[i]);
      writeFileSync(`/tmp/e2/${seed}.node`, a.transcript);
      writeFileSync(`/tmp/e2/${seed}.esp`, b.transcript);
      writeFileSync(`/tmp/e2/${seed}.node.d`, a.draws.join("\n"));
      writeFileSync(`/tmp/e2/${seed}.esp.d`, b.draws.join("\n"));
      console.log(
        `seed ${seed} differs at ${at}/${a.lines.length}\n  N ${a.lines.slice(at, at + 3).join("\n  N ")}\n  E ${b.lines.slice(at, at + 3).join("\n  E ")}\n  ${a.faults.map(formatFault).join("\n  ")}`,
      );
    }
  }
  console.log("bad", bad, "of", TO - FROM + 1, packets, JSON.stringify(times));
}, 600000);
