/** Counts JsVars on Espruino for Linux: before and after loading a program from Storage, and when it is connected. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import {
  CONFIGURATION_FILES,
  CONFIGURATION_VERSION,
  sealConfiguration,
} from "../../firmware/contract/configuration.ts";

const RUN_TIMEOUT_MS = 20_000;
/** Writes the program in pieces, so that its text does not stay in a variable of the script. */
const PIECE_SIZE_BYTES = 512;

export interface JsVars {
  readonly loaded: number;
  readonly connected: number;
}

function literal(bytes: string): string {
  return JSON.stringify(bytes).replace(/[\x7f-\xff]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`);
}

export function writePieces(program: string): string {
  const statements: string[] = [];
  for (let at = 0; at < program.length; at += PIECE_SIZE_BYTES) {
    const piece = literal(program.slice(at, at + PIECE_SIZE_BYTES));
    statements.push(`require("Storage").write("program",${piece},${at},${program.length});`);
  }
  return statements.join("\n");
}

async function runOn(
  engine: string,
  scripts: readonly (readonly [name: string, text: string])[],
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "motekit-bench-"));
  let output = "";
  try {
    for (const [name, text] of scripts) {
      writeFileSync(join(folder, name), text);
      const options = { cwd: folder, timeout: RUN_TIMEOUT_MS, maxBuffer: 1e8 };
      output = (await promisify(execFile)(engine, [name], options)).stdout;
    }
    return output;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The program writes itself to Storage and reboots, so that the writer's text is not in memory. `connect` is an expression of a
 * function. Its argument is a callback for the connected and subscribed client.
 */
export async function measureJsVars(program: string, connect: string, engine: string): Promise<JsVars> {
  const output = await runOn(engine, [
    ["write.js", writePieces(program)],
    [
      "run.js",
      `var benchUse=()=>process.memory().usage,benchConnect=${connect};var benchBefore=benchUse();
eval(require("Storage").read("program"));var benchLoaded=benchUse();
benchConnect(()=>setTimeout(()=>{print("JSVARS "+(benchLoaded-benchBefore)+" "+(benchUse()-benchBefore)+" ");quit();},500));`,
    ],
  ]);
  const found = /JSVARS (\d+) (\d+) /.exec(output);
  if (!found) throw new Error(`Espruino did not get as far as a connection:\n${output}`);
  return { loaded: Number(found[1]), connected: Number(found[2]) };
}

/** JsVars of a complete firmware, two seconds after its start and connected to its hub, in addition to those of an empty run. */
export async function measureFirmwareJsVars(app: string, port: number, engine: string): Promise<number> {
  const configuration = sealConfiguration(
    JSON.stringify({
      version: CONFIGURATION_VERSION,
      sequence: 1,
      deviceId: "bench",
      wifi: [],
      hub: { host: "127.0.0.1", port },
      topicPrefix: "devices",
      keepAliveSeconds: 60,
    }),
    (bytes) => crc32(Buffer.from(bytes, "latin1")),
  );
  const write = `${writePieces(app)}\nrequire("Storage").write("${CONFIGURATION_FILES[0]}",${literal(configuration)});`;
  const usageAfter = async (statement: string): Promise<{ usage: number; output: string }> => {
    const run = `setTimeout(()=>{print("JSVARS "+process.memory().usage+" ");quit();},2000);${statement}`;
    const output = await runOn(engine, [
      ["write.js", write],
      ["run.js", run],
    ]);
    return { usage: Number(/JSVARS (\d+) /.exec(output)?.[1]), output };
  };
  const bare = await usageAfter("");
  const running = await usageAfter('eval(require("Storage").read("program"));');
  if (!running.output.includes("connected")) {
    throw new Error(`The firmware did not connect:\n${running.output}`);
  }
  return running.usage - bare.usage;
}
