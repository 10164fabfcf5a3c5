/**
 * Fills the simulated flash of Espruino for Linux (`espruino.flash` in its working folder): a generated script writes each
 * file in pieces and prints the stored length and CRC-32, which are compared with the expected ones.
 */
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { MotekitError } from "../../errors.ts";
import { toBytes } from "../interpreter/byte-strings.ts";
import { ConsoleLines } from "./espruino-console.ts";

const SCRIPT_FILE = "provision.js";
const PIECE_BYTES = 1024;
const TIMEOUT_MS = 20_000;

/** Throws MK1304 if the program does not answer like Espruino, MK1305 if the files do not fit. */
export async function provision(
  program: string,
  folder: string,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  await writeFile(join(folder, SCRIPT_FILE), provisionScript(files), "latin1");
  const lines = await runScript(program, folder);
  for (const [name, content] of files) {
    if (lines.includes(reportLine(name, content.length, crc32(toBytes(content))))) continue;
    const uncaught = lines.find((line) => line.startsWith("Uncaught"));
    if (uncaught) throw doesNotFit(name, content.length, uncaught);
    throw notEspruino(program, lines);
  }
}

function reportLine(name: string, lengthBytes: number, crc: number): string {
  return `~mk-simulator file ${name} ${lengthBytes} ${crc}`;
}

function provisionScript(files: ReadonlyMap<string, string>): string {
  const lines = ['var storage = require("Storage"), file;'];
  for (const [name, content] of files) {
    const bytes = toBytes(content);
    for (let offset = 0; offset < Math.max(bytes.length, 1); offset += PIECE_BYTES) {
      const piece = bytes.subarray(offset, offset + PIECE_BYTES).toString("base64");
      lines.push(`storage.write("${name}", atob("${piece}"), ${offset}, ${bytes.length});`);
    }
    lines.push(`file = storage.read("${name}");`);
    lines.push(`print("~mk-simulator file ${name} " + file.length + " " + E.CRC32(file));`);
  }
  return lines.join("\n");
}

function runScript(program: string, folder: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [SCRIPT_FILE], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
    const lines: string[] = [];
    const output = new ConsoleLines((line) => void lines.push(line));
    const deadline = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    child.stdin.on("error", () => undefined);
    child.stdout.on("data", (bytes: Buffer) => output.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => output.push(bytes));
    child.on("error", (cause) => {
      clearTimeout(deadline);
      reject(notEspruino(program, [cause.message], cause));
    });
    child.on("close", () => {
      clearTimeout(deadline);
      output.flush();
      resolve(lines);
    });
  });
}

function doesNotFit(name: string, lengthBytes: number, uncaught: string): MotekitError {
  return new MotekitError({
    code: "MK1305",
    message: `${name} (${lengthBytes} bytes) does not fit into Espruino's Storage: ${uncaught}.`,
    remedy: "Make the app smaller. `motekit build --analyze` shows the size of each source file.",
  });
}

export function notEspruino(program: string, lines: readonly string[], cause?: unknown): MotekitError {
  const said = lines.slice(-3).join(" / ") || "nothing";
  return new MotekitError(
    {
      code: "MK1304",
      message: `${program} did not start like Espruino for Linux. It printed: ${said}.`,
      remedy:
        "Give the path of an Espruino built with BOARD=LINUX with --espruino PATH, or use --engine node.",
    },
    { cause },
  );
}
