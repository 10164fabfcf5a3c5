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
  const command = new Command("files");
  const add = (text: string, description: string, operation: Operation) => {
    const child = command.command(text).description(description).option("--json", "print the result as JSON");
    withLineOptions(child).action((...args: unknown[]) => {
      const names = args.slice(0, -2) as (string | undefined)[];
      return run(context, args.at(-2) as FilesCommandOptions, names, operation);
    });
  };
  add("ls", "list the files with their sizes, and the free space", list);
  add("get <name> [path]", "copy a file from the board (default path: the same name in this folder)", get);
  add("put <path> [name]", "copy a file to the board (default name: that of the file)", put);
  add("rm <name>", "remove a file; `motekit files compact` frees its space", remove);
  add(
    "compact",
    "free the space of removed files; keep the board powered, because a power failure meanwhile can destroy all files",
    compact,
  );
  return command.exitOverride();
}

interface Job {
  readonly context: CommandContext;
  readonly console: BoardConsole;
  readonly names: readonly (string | undefined)[];
}

/** The result of an operation: lines for people, and a record for `--json`. */
interface OperationResult {
  readonly lines: readonly string[];
  readonly record: object;
}

type Operation = (job: Job) => Promise<OperationResult>;

function run(
  context: CommandContext,
  options: FilesCommandOptions,
  names: readonly (string | undefined)[],
  operation: Operation,
): Promise<void> {
  return withBoard(context, options, async (console) => {
    await console.identify();
    const { lines, record } = await operation({ context, console, names });
    if (options.json) context.print(JSON.stringify({ ok: true, ...record }));
    else for (const line of lines) context.print(line);
  });
}

async function list({ console }: Job): Promise<OperationResult> {
  const files: { name: string; sizeBytes: number }[] = [];
  for (const stored of await listFiles(console)) {
    const name = Buffer.from(stored, "latin1").toString("utf8");
    files.push({ name, sizeBytes: (await statFile(console, stored))?.lengthBytes ?? 0 });
  }
  const room = await storageRoom(console);
  return {
    lines: [
      ...files.map(({ name, sizeBytes }) => `${String(sizeBytes).padStart(8)}  ${name}`),
      `${room.freeBytes} of ${room.totalBytes} bytes are free; a compaction would free ${room.trashBytes} more`,
    ],
    record: { files, ...room },
  };
}

async function get({ context, console, names: [name = "", path] }: Job): Promise<OperationResult> {
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
    lines: [`Copied ${name} (${bytes.length} bytes) to ${target}.`],
    record: { name, sizeBytes: bytes.length, path: target },
  };
}

async function put({ context, console, names: [path = "", given] }: Job): Promise<OperationResult> {
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
    lines: [`Copied ${source} (${bytes.length} bytes) to ${name} on the board, and verified it.`],
    record: { name, sizeBytes: bytes.length, path: source },
  };
}

async function remove({ console, names: [name = ""] }: Job): Promise<OperationResult> {
  const stored = requireName(name);
  if (!(await statFile(console, stored))) throw noSuchFile(console, name);
  await console.run(`require("Storage").erase(${byteLiteral(bytesOf(stored))})`);
  return { lines: [`Removed ${name}.`], record: { name } };
}

async function compact({ console }: Job): Promise<OperationResult> {
  await compactStorage(console);
  const room = await storageRoom(console);
  return { lines: [`${room.freeBytes} of ${room.totalBytes} bytes are free.`], record: room };
}

function requireName(name: string): string {
  if (isFileName(name)) return utf8Of(name);
  throw new MotekitError({
    code: "MK1704",
    message: `${JSON.stringify(name)} is not a valid file name in Storage, where names have 1 to ${FILE_NAME_BYTES_MAX} bytes.`,
    remedy: "Choose a name of that length, as in `motekit files put PATH NAME`.",
  });
}

function noSuchFile(console: BoardConsole, name: string): MotekitError {
  return new MotekitError({
    code: "MK1705",
    message: `The board on ${console.line.name} has no file named ${JSON.stringify(name)}.`,
    remedy: "List the board's files with `motekit files ls`.",
  });
}

function secretFile(name: string): MotekitError {
  return new MotekitError({
    code: "MK1706",
    message: `The file ${name} contains passwords, so motekit does not copy it from the board.`,
    remedy:
      "Run `motekit configure --show` to see the configuration without its passwords, or `motekit configure` to write it again.",
  });
}

function localFile(path: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1707",
      message: `The file on this computer cannot be read or written: ${(cause as Error).message}.`,
      where: { file: path },
      remedy: "Check the path and its permissions.",
    },
    { cause },
  );
}

function emptyFile(path: string): MotekitError {
  return new MotekitError({
    code: "MK1707",
    message: "The file is empty, and Storage cannot hold empty files.",
    where: { file: path },
    remedy: "Remove the file from the board with `motekit files rm NAME` instead.",
  });
}
