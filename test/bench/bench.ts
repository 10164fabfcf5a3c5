/**
 * What the MQTT client costs: bytes minified, and JsVars on the real interpreter, connected to Mosquitto. A peer's
 * module file is measured beside it, in the same run and the same way, when given:
 *
 *     npm run bench -- [--json] [--peer FILE]...
 *
 * A peer is a module of Espruino's with `create(host, options)`, whose result has `connect`, `subscribe` and `on`.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";
import { loadBoard } from "../../host/boards.ts";
import { buildFirmware } from "../../host/build/build.ts";
import { bundle, minify } from "../../host/build/bundle.ts";
import { findEntry } from "../../host/project.ts";
import { startMosquitto } from "../fixtures/mosquitto.ts";
import { findProgram } from "../fixtures/programs.ts";
import { type JsVars, measureJsVars } from "./jsvars.ts";

interface Row {
  readonly name: string;
  readonly sizeBytes: number;
  readonly jsVars: JsVars | undefined;
}

interface Candidate {
  readonly name: string;
  /** Minified. */
  readonly program: string;
  /** An expression: a function that connects, subscribes, and then calls its argument. */
  readonly connect: (port: number) => string;
}

async function ownClient(): Promise<Candidate> {
  const entry = fileURLToPath(new URL("client-alone.ts", import.meta.url));
  const { code } = await minify(await bundle(entry, loadBoard("linux")));
  return {
    name: "motekit",
    program: code.trim(),
    connect: (port) => `(done)=>{
subscribe("bench/#",1);
connect(()=>require("net").connect({host:"127.0.0.1",port:${port}}),{clientIdentifier:"bench",keepAliveSeconds:60,
cleanSession:true},{onUp:done,onDown:r=>print("DOWN",r),onMessage:(t,p)=>{},onProblem:p=>{}});}`,
  };
}

async function peer(file: string): Promise<Candidate> {
  const { code } = await esbuild.transform(readFileSync(file, "utf8"), { minify: true, target: "es2015" });
  return {
    name: basename(file),
    program: `(function(){var exports={};${code.trim()};global.peer=exports})();`,
    connect: (port) => `(done)=>{
var client=peer.create("127.0.0.1",{port:${port},client_id:"bench"});
client.on("connected",()=>{client.subscribe("bench/#");done();});client.connect();}`,
  };
}

async function measure(candidate: Candidate, port: number | undefined): Promise<Row> {
  const jsVars =
    port === undefined
      ? undefined
      : await measureJsVars(candidate.program, candidate.connect(port), process.env.ENGINE ?? "espruino");
  return { name: candidate.name, sizeBytes: Buffer.byteLength(candidate.program), jsVars };
}

function formatRow({ name, sizeBytes, jsVars }: Row): string {
  const columns = [sizeBytes, jsVars?.loaded ?? "-", jsVars?.connected ?? "-"];
  return name.padEnd(20) + columns.map((value) => String(value).padStart(12)).join("");
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { peer: { type: "string", multiple: true }, json: { type: "boolean" } },
  });
  const missing = ["espruino", "mosquitto"].filter((name) => findProgram(name) === undefined);
  const mosquitto = missing.length === 0 ? await startMosquitto() : undefined;
  try {
    const rows: Row[] = [];
    for (const candidate of [await ownClient(), ...(await Promise.all((values.peer ?? []).map(peer)))]) {
      rows.push(await measure(candidate, mosquitto?.port));
    }
    if (process.env.ENGINE) {
      for (const row of rows) process.stdout.write(`${formatRow(row)}\n`);
      return;
    }
    const firmware = await buildFirmware({ entry: findEntry(undefined, "."), board: loadBoard("linux") });
    if (values.json) {
      process.stdout.write(
        `${JSON.stringify({ rows, referenceFirmwareBytes: firmware.app.length, missing })}\n`,
      );
      return;
    }
    process.stdout.write("MQTT client            minified  JsVars loaded  connected (code in Storage)\n");
    for (const row of rows) process.stdout.write(`${formatRow(row)}\n`);
    process.stdout.write(`Reference firmware for linux: ${firmware.app.length} bytes\n`);
    if (missing.length > 0)
      process.stdout.write(`JsVars not measured: no ${missing.join(", no ")} on PATH\n`);
  } finally {
    await mosquitto?.close();
  }
}

await main();
