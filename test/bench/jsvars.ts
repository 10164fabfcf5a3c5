/** JsVars on the user's Espruino for Linux: before a program is loaded from Storage, after, and when connected. */
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
/** Storage.write takes a string that the script holds: in pieces, so that none of it stays in a variable. */
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
 * The program writes itself and reboots into a run without the writer's text. `connect` is an expression that is
 * called with a function to call once connected and subscribed.
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

/** JsVars of a whole firmware as it is shipped, two seconds after its start, on its hub, beyond those of a run without it. */
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
