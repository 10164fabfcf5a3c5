import { readFileSync, writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { Command } from "commander";
import { type LineOptions, repairStorage, withBoard, withLineOptions } from "../attached-board/board-line.ts";
import { SECRET_FILES } from "../configure/secrets-on-board.ts";
import { MotekitError } from "../errors.ts";
import { bytesOf, utf8Of } from "../serial/bytes.ts";
import type { BoardConsole } from "../serial/console.ts";
import {
  compactStorage,
  FILE_NAME_BYTES_MAX,
  isFileName,
  listFiles,
  readFile,
  replaceFile,
  statFile,
  storageRoom,
} from "../serial/file-transfer.ts";
import { byteLiteral } from "../serial/literal.ts";
import type { CommandContext } from "../terminal/command-context.ts";

interface FilesCommandOptions extends LineOptions {
  readonly json?: true;
}

export function filesCommand(context: CommandContext): Command {
  const command = new Command("files").description("the files in a board's Storage");
  const add = (text: string, description: string, work: Work) => {
    const child = command.command(text).description(description).option("--json", "print a line of JSON");
    withLineOptions(child).action((...args: unknown[]) => {
      const names = args.slice(0, -2) as (string | undefined)[];
      return run(context, args.at(-2) as FilesCommandOptions, names, work);
    });
  };
  add("ls", "list files, with sizes, and the room that is left", list);
  add("get <name> [path]", "copy a file from the board (default: to its own name here)", get);
  add("put <path> [name]", "copy a file onto the board (default: by its own name)", put);
  add("rm <name>", "remove a file; its room comes back by a compaction only", remove);
  add("compact", "win back the room of removed files; power that fails now can cost every file", compact);
  return command.exitOverride();
}

interface Job {
  readonly context: CommandContext;
  readonly console: BoardConsole;
  readonly names: readonly (string | undefined)[];
}

/** What was done, for a person and for a program. */
interface Done {
  readonly lines: readonly string[];
  readonly record: object;
}

type Work = (job: Job) => Promise<Done>;

function run(
  context: CommandContext,
  options: FilesCommandOptions,
  names: readonly (string | undefined)[],
  work: Work,
): Promise<void> {
  return withBoard(context, options, async (console) => {
    await console.identify();
    const { lines, record } = await work({ context, console, names });
    if (options.json) context.print(JSON.stringify({ ok: true, ...record }));
    else for (const line of lines) context.print(line);
  });
}

async function list({ console }: Job): Promise<Done> {
  const files: { name: string; sizeBytes: number }[] = [];
  for (const stored of await listFiles(console)) {
    const name = Buffer.from(stored, "latin1").toString("utf8");
    files.push({ name, sizeBytes: (await statFile(console, stored))?.lengthBytes ?? 0 });
  }
  const room = await storageRoom(console);
  return {
    lines: [
      ...files.map(({ name, sizeBytes }) => `${String(sizeBytes).padStart(8)}  ${name}`),
      `${room.freeBytes} of ${room.totalBytes} bytes free, ${room.trashBytes} to be won back by a compaction`,
    ],
    record: { files, ...room },
  };
}

async function get({ context, console, names: [name = "", path] }: Job): Promise<Done> {
  const stored = requireName(name);
  if (SECRET_FILES.includes(name)) throw secretFile(name);
  const bytes = await readFile(console, stored);
  if (!bytes) throw noSuchFile(console, name);
  const target = resolve(context.workingFolder, path ?? basename(name));
  try {
    writeFileSync(target, bytes);
  } catch (cause) {
    throw localFile(target, cause);
  }
  return {
    lines: [`${name}: ${bytes.length} bytes to ${target}`],
    record: { name, sizeBytes: bytes.length, path: target },
  };
}

async function put({ context, console, names: [path = "", given] }: Job): Promise<Done> {
  const source = resolve(context.workingFolder, path);
  const name = given ?? basename(source);
  const stored = requireName(name);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(source);
  } catch (cause) {
    throw localFile(source, cause);
  }
  if (bytes.length === 0) throw emptyFile(source);
  await repairStorage(console);
  await replaceFile(console, stored, bytes);
  return {
    lines: [`${source}: ${bytes.length} bytes to ${name}, proved`],
    record: { name, sizeBytes: bytes.length, path: source },
  };
}

async function remove({ console, names: [name = ""] }: Job): Promise<Done> {
  const stored = requireName(name);
  if (!(await statFile(console, stored))) throw noSuchFile(console, name);
  await console.run(`require("Storage").erase(${byteLiteral(bytesOf(stored))})`);
  return { lines: [`${name} removed`], record: { name } };
}

async function compact({ console }: Job): Promise<Done> {
  await compactStorage(console);
  const room = await storageRoom(console);
  return { lines: [`${room.freeBytes} of ${room.totalBytes} bytes free`], record: room };
}

function requireName(name: string): string {
  if (isFileName(name)) return utf8Of(name);
  throw new MotekitError({
    code: "MK1704",
    message: `${JSON.stringify(name)} cannot be a file's name in Storage: it has 1 to ${FILE_NAME_BYTES_MAX} bytes.`,
    remedy: "Choose a shorter name: `motekit files put PATH NAME`.",
  });
}

function noSuchFile(console: BoardConsole, name: string): MotekitError {
  return new MotekitError({
    code: "MK1705",
    message: `The board on ${console.line.name} has no file ${JSON.stringify(name)}.`,
    remedy: "`motekit files ls` lists those that it has.",
  });
}

function secretFile(name: string): MotekitError {
  return new MotekitError({
    code: "MK1706",
    message: `${name} holds passwords and is not read back.`,
    remedy: "Write it anew where it was lost.",
  });
}

function localFile(path: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1707",
      message: `The file on this computer cannot be used: ${(cause as Error).message}.`,
      where: { file: path },
      remedy: "Check the path.",
    },
    { cause },
  );
}

function emptyFile(path: string): MotekitError {
  return new MotekitError({
    code: "MK1707",
    message: "The file is empty, and Storage has no empty files.",
    where: { file: path },
    remedy: "Remove the board's file instead: `motekit files rm NAME`.",
  });
}
