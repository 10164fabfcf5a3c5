/** JsVars on the user's Espruino for Linux: before a program is loaded from Storage, after, and when connected. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

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

function writePieces(program: string): string {
  const statements: string[] = [];
  for (let at = 0; at < program.length; at += PIECE_SIZE_BYTES) {
    const piece = literal(program.slice(at, at + PIECE_SIZE_BYTES));
    statements.push(`require("Storage").write("program",${piece},${at},${program.length});`);
  }
  return statements.join("\n");
}

/**
 * The program writes itself and reboots into a run without the writer's text. `connect` is an expression that is
 * called with a function to call once connected and subscribed.
 */
export async function measureJsVars(program: string, connect: string, engine: string): Promise<JsVars> {
  const folder = mkdtempSync(join(tmpdir(), "motekit-bench-"));
  const run = async (name: string, text: string): Promise<string> => {
    writeFileSync(join(folder, name), text);
    const { stdout } = await promisify(execFile)(engine, [name], {
      cwd: folder,
      timeout: RUN_TIMEOUT_MS,
    });
    return stdout;
  };
  try {
    await run("write.js", writePieces(program));
    const output = await run(
      "run.js",
      `var benchUse=()=>process.memory().usage,benchConnect=${connect};var benchBefore=benchUse();
eval(require("Storage").read("program"));var benchLoaded=benchUse();
benchConnect(()=>setTimeout(()=>{print("JSVARS "+(benchLoaded-benchBefore)+" "+(benchUse()-benchBefore)+" ");quit();},500));`,
    );
    const found = /JSVARS (\d+) (\d+) /.exec(output);
    if (!found) throw new Error(`Espruino did not get as far as a connection:\n${output}`);
    return { loaded: Number(found[1]), connected: Number(found[2]) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
