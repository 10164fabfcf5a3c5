/**
 * Measures the MQTT client: minified bytes, JsVars on the real interpreter connected to Mosquitto, and messages per second; and
 * the speed of simulated time and of the build.
 * Other clients (peers) can be measured in the same run and in the same way:
 *
 *     npm run bench -- [--json] [--rates] [--engine PROGRAM]... [--peer FILE]...
 *
 * A peer is the file of an Espruino module with `create(host, options)`, whose result has `connect`, `subscribe`, `publish` and
 * `on`. An engine is an Espruino for Linux. Default: `espruino` on PATH.
 */
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";
import { loadBoard } from "../../host/boards.ts";
import { buildFirmware } from "../../host/build/build.ts";
import { bundle, minify } from "../../host/build/bundling/bundle.ts";
import { lowerScript } from "../../host/build/lower-script.ts";
import { findEntry } from "../../host/project/find-entry.ts";
import { startMosquitto } from "../fixtures/mosquitto.ts";
import { findProgram } from "../fixtures/programs.ts";
import { formatSpeedRow, measureBuildSpeed } from "./build-speed.ts";
import { measureFirmwareJsVars, measureJsVars } from "./jsvars.ts";
import { measureIn, measureOut, measurePeakIn, type Subject } from "./rates.ts";
import { measureSimulatedTime } from "./simulated-time.ts";

interface Candidate extends Subject {
  readonly name: string;
  /** The program for counting JsVars, which connects in the same way. */
  readonly alone: Pick<Subject, "program" | "connect">;
}

interface Column {
  readonly title: string;
  readonly measure: (candidate: Candidate, port: number, engine: string) => Promise<number | undefined>;
}

interface Row {
  readonly engine: string;
  readonly name: string;
  readonly figures: readonly (number | undefined)[];
}

const SMALL_BYTES = 32;
const LARGE_BYTES = 4000;
const VERY_LARGE_BYTES = 16_000;

const JSVARS: Column[] = [
  {
    title: "loaded",
    measure: async ({ alone }, port, engine) =>
      (await measureJsVars(alone.program, alone.connect(port), engine)).loaded,
  },
  {
    title: "connected",
    measure: async ({ alone }, port, engine) =>
      (await measureJsVars(alone.program, alone.connect(port), engine)).connected,
  },
];

const RATES: Column[] = [
  ...([0, 1] as const).map((qos) => ({
    title: `out QoS ${qos}`,
    measure: (subject: Subject, port: number, engine: string) =>
      measureOut(subject, port, engine, { sizeBytes: SMALL_BYTES, qos }),
  })),
  ...([0, 1] as const).map((qos) => ({
    title: `in QoS ${qos}`,
    measure: (subject: Subject, port: number, engine: string) =>
      measureIn(subject, port, engine, { count: qos ? 900 : 20_000, sizeBytes: SMALL_BYTES, qos }),
  })),
  {
    title: "in 4 KB",
    measure: (subject, port, engine) =>
      measureIn(subject, port, engine, { count: 1500, sizeBytes: LARGE_BYTES, qos: 0 }),
  },
  {
    title: "16 KB in",
    measure: (subject, port, engine) => measurePeakIn(subject, port, engine, VERY_LARGE_BYTES),
  },
];

async function minified(file: string): Promise<string> {
  const entry = fileURLToPath(new URL(file, import.meta.url));
  const board = loadBoard("linux");
  return (await minify(lowerScript(await bundle(entry, board), dirname(entry), board))).code.trim();
}

function ownConnect(mqtt: string, port: number): string {
  return `(done,got)=>{${mqtt}subscribe("bench/in",1);
${mqtt}connect(()=>require("net").connect({host:"127.0.0.1",port:${port}}),{clientId:"bench",keepAliveSeconds:60,
cleanSession:true},{onUp:done,onDown:r=>print("DOWN",r),onMessage:(t,p)=>{if(got)got(p)},onProblem:p=>{},
onDrain:()=>{if(global.benchMore)benchMore()}});}`;
}

async function ownClient(): Promise<Candidate> {
  return {
    name: "motekit",
    alone: { program: await minified("client-alone.ts"), connect: (port) => ownConnect("", port) },
    program: await minified("client-limits.ts"),
    connect: (port) => `(mqtt.setLimits(16384,32768),${ownConnect("mqtt.", port)})`,
    publish: '(p,q)=>mqtt.publish("bench/out",p,q,false)',
    onDrain: "f=>{global.benchMore=f}",
  };
}

async function peer(file: string): Promise<Candidate> {
  const { code } = await esbuild.transform(readFileSync(file, "utf8"), { minify: true, target: "es2015" });
  const own = {
    program: `(function(){var exports={};${code.trim()};global.peer=exports})();`,
    // A peer may emit both events for each message, with different arguments.
    connect: (port: number) => `(done,got)=>{var take=m=>{if(got&&m.message!==undefined)got(m.message)};
client=peer.create("127.0.0.1",{port:${port},client_id:"bench"});client.on("message",take);client.on("publish",take);client.on("connected",()=>{client.subscribe("bench/in");done();});
client.connect();}`,
  };
  return {
    name: basename(file),
    alone: own,
    ...own,
    publish: '(p,q)=>{client.publish("bench/out",p,{qos:q})}',
    onDrain: 'f=>{(client.client||client.cl).on("drain",f)}',
  };
}

async function measure(
  candidate: Candidate,
  columns: readonly Column[],
  port: number,
  engine: string,
): Promise<Row> {
  const figures: (number | undefined)[] = [Buffer.byteLength(candidate.alone.program)];
  for (const column of columns) figures.push(await column.measure(candidate, port, engine));
  return { engine: basename(engine), name: candidate.name, figures };
}

function formatLine(engine: string, name: string, cells: readonly unknown[]): string {
  return `${engine.padEnd(12)}${name.padEnd(22)}${cells.map((cell) => String(cell ?? "-").padStart(11)).join("")}\n`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      peer: { type: "string", multiple: true },
      engine: { type: "string", multiple: true },
      rates: { type: "boolean" },
      json: { type: "boolean" },
    },
  });
  const simulated = await measureSimulatedTime();
  const engines = values.engine ?? ["espruino"];
  const missing = [...engines, "mosquitto"].filter((name) => findProgram(name) === undefined);
  const firmware = await buildFirmware({ entry: findEntry(undefined, "."), board: loadBoard("linux") });
  const candidates = [await ownClient(), ...(await Promise.all((values.peer ?? []).map(peer)))];
  const columns = missing.length > 0 ? [] : [...JSVARS, ...(values.rates ? RATES : [])];
  const rows: Row[] = [];
  const write = (text: string): void => void (values.json || process.stdout.write(text));
  write(formatLine("engine", "client", ["minified", ...columns.map(({ title }) => title)]));
  const mosquitto = missing.length === 0 ? await startMosquitto() : undefined;
  try {
    for (const engine of engines) {
      for (const candidate of candidates) {
        const row = await measure(candidate, columns, mosquitto?.port ?? 0, engine);
        rows.push(row);
        write(formatLine(row.engine, row.name, row.figures));
      }
      if (!mosquitto) continue;
      const app = Buffer.from(firmware.app).toString("latin1");
      const figures = [app.length, undefined, await measureFirmwareJsVars(app, mosquitto.port, engine)];
      rows.push({ engine: basename(engine), name: "reference firmware", figures });
      write(formatLine(basename(engine), "reference firmware", figures));
    }
  } finally {
    await mosquitto?.close();
  }
  const speed = await measureBuildSpeed();
  if (values.json) process.stdout.write(`${JSON.stringify({ columns, rows, missing, simulated, speed })}\n`);
  write(`A simulated board lives ${simulated.rate} times as fast as a real one.\n`);
  if (speed) for (const row of speed) write(formatSpeedRow(row));
  else write("The speed of the build is not measured: it needs dist (npx tsc -b) and /proc.\n");
  if (missing.length > 0) write(`Bytes only: no ${missing.join(", no ")} on PATH\n`);
}

await main();
