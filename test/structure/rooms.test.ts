import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, posix, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { ROOMS } from "./rooms.ts";

const PROJECT = resolve(import.meta.dirname, "../..");

interface SourceFile {
  /** From the project's folder. */
  readonly path: string;
  readonly room: string;
  /** Files of the project, by their paths; and modules by their names. */
  readonly files: readonly string[];
  /** The files that are neither source files nor stylesheets. */
  readonly otherFiles: readonly string[];
  readonly modules: readonly string[];
}

const SOURCES = ["firmware", "host"].flatMap(sourceFilesBelow).map(readSource);
const ROOM_NAMES = ROOMS.map(({ room }) => room);

describe("Rooms", () => {
  test("every folder with source files has an entry in the table, and every entry is such a folder", () => {
    const folders = new Set(SOURCES.map(({ room }) => room));
    expect(SOURCES.length).toBeGreaterThan(400);
    expect([...folders].filter((room) => !ROOM_NAMES.includes(room))).toEqual([]);
    expect(ROOM_NAMES.filter((room) => !folders.has(room))).toEqual([]);
    expect(new Set(ROOM_NAMES).size).toBe(ROOM_NAMES.length);
  });

  test("a room imports only rooms that are listed before it, so that there are no cycles between rooms", () => {
    const upward = ROOMS.flatMap(({ room, imports }, index) =>
      imports
        .filter((other) => !ROOM_NAMES.slice(0, index).includes(other))
        .map((other) => `${room} -> ${other}`),
    );
    expect(upward).toEqual([]);
  });

  test("every relative import names a source file or a stylesheet by its whole name", () => {
    const known = new Set(SOURCES.map(({ path }) => path));
    const unknown = SOURCES.flatMap(({ path, otherFiles }) => otherFiles.map((file) => `${path} -> ${file}`));
    expect(unknown).toEqual([]);
    expect(SOURCES.flatMap(({ files }) => files).filter((file) => !known.has(file))).toEqual([]);
  });

  test("there are no cycles between files", () => {
    expect(cyclesIn(new Map(SOURCES.map(({ path, files }) => [path, files])))).toEqual([]);
  });

  test.each(ROOMS)("$room imports just the rooms that its entry lists", ({ room, imports }) => {
    const used = new Set(filesOf(room).flatMap(({ files }) => files.map(roomOf)));
    used.delete(room);
    expect([...used].sort()).toEqual([...imports].sort());
  });

  test.each(ROOMS)("$room imports just the packages that its entry lists", ({ room, packages = [] }) => {
    const used = new Set(filesOf(room).flatMap(({ modules }) => modules.filter(isPackage).map(packageName)));
    expect([...used].sort()).toEqual([...packages].sort());
  });

  test.each(ROOMS)("$room uses Node's modules only where its entry says so", ({ room, node = [] }) => {
    const users = filesOf(room).filter(({ modules }) => modules.some((name) => !isPackage(name)));
    const names = users.map(({ path }) => basename(path));
    if (node === true) expect(names).not.toEqual([]);
    else expect(names.sort()).toEqual([...node].sort());
  });

  test("commands do not import each other", () => {
    const commands = filesOf("host/commands");
    expect(commands.length).toBeGreaterThan(10);
    expect(commands.flatMap(({ files }) => files).filter((file) => roomOf(file) === "host/commands")).toEqual(
      [],
    );
  });

  test("the search for cycles finds one", () => {
    const found = cyclesIn(
      new Map([
        ["a", ["b"]],
        ["b", ["c"]],
        ["c", ["b"]],
      ]),
    );
    expect(found).toEqual([["b", "c"]]);
  });
});

function sourceFilesBelow(folder: string): string[] {
  const entries = readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter(({ name }) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts"))
    .map(({ parentPath, name }) => toPosix(relative(PROJECT, join(parentPath, name))));
}

/** Imports of types count too: who needs a type of a room knows the room. */
function readSource(path: string): SourceFile {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(PROJECT, path), "utf8"), true, true);
  const names = importedFiles.map(({ fileName }) => fileName);
  const isRelative = (name: string): boolean => name.startsWith(".");
  const files = names.filter(isRelative).map((name) => posix.join(posix.dirname(path), name));
  return {
    path,
    room: roomOf(path),
    files: files.filter((file) => /\.tsx?$/.test(file)),
    otherFiles: files.filter((file) => !/\.(tsx?|css)$/.test(file)),
    modules: names.filter((name) => !isRelative(name)),
  };
}

/** Finds the room of a file. A file that stands directly in `host` is a room of its own. */
function roomOf(path: string): string {
  const folder = dirname(path);
  return folder === "host" ? path : folder;
}

function filesOf(room: string): SourceFile[] {
  return SOURCES.filter((source) => source.room === room);
}

function isPackage(name: string): boolean {
  return !name.startsWith("node:");
}

function packageName(name: string): string {
  return name.split("/", name.startsWith("@") ? 2 : 1).join("/");
}

function toPosix(path: string): string {
  return path.split("\\").join("/");
}

/** Groups of nodes that can all reach one another, each sorted: Tarjan's strongly connected components. */
function cyclesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const cycles: string[][] = [];

  function visit(node: string): void {
    order.set(node, order.size);
    lowest.set(node, order.size - 1);
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (open.includes(next)) lowest.set(node, Math.min(lowest.get(node) ?? 0, lowest.get(next) ?? 0));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const group = open.splice(open.indexOf(node));
    if (group.length > 1) cycles.push(group.sort());
  }

  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return cycles;
}
