/** A journal whose process is killed, whose disk fails, or whose folder another hub has. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, inject, test } from "vitest";
import type { Change } from "../../host/broker/change.ts";
import { type FileLayer, nodeFiles } from "../../host/hub/journal/file-layer.ts";
import { LOCK_NAME } from "../../host/hub/journal/folder-lock.ts";
import { JOURNAL_NAME, type JournalOptions, openJournal } from "../../host/hub/journal/journal.ts";
import { SYNC_MS } from "../../host/hub/journal/journal-file.ts";
import { effort } from "../fixtures/effort.ts";
import {
  AT_ONCE,
  journalPath,
  makeFolder,
  readBytes,
  readJournal,
  retained,
  writeCommits,
} from "../fixtures/journal-folders.ts";
import { until } from "../fixtures/waiting.ts";

const KILLS = effort("journalKills");
const CHAINS = 2;
const RUN_MS_MAX = 60;

/**
 * Counts on from what the journal has. A number is safe when it is printed; each stands in a commit of three changes, of up
 * to 60 KB, and the file is written anew every few commits.
 */
const COUNTING_HUB = `
import { writeSync } from "node:fs";
import { openJournal } from ${JSON.stringify(join(inject("packageFolder"), "dist/host/hub/journal/journal.js"))};
const { changes, journal } = openJournal(process.argv[1], { compactBytesMin: 200_000 });
const commitOf = (number) => ["a", "b", "c"].map((topic) => ({
  kind: "retained",
  message: { topic, qos: 1, retain: true, payload: Buffer.alloc(4 + ((number * 7919) % 20_000), number.toString().padEnd(6)) },
}));
let number = 0;
for (const { message } of changes) number = Number(message.payload.toString("latin1", 0, 6));
writeSync(1, "start " + number + "\\n");
const countOn = () => {
  number++;
  for (const change of commitOf(number)) journal.record(change);
  journal.commit();
  writeSync(1, number + "\\n");
  journal.compactIfDue(() => commitOf(number));
  setImmediate(countOn);
};
countOn();
`;

/** Runs it until it is killed; resolves with the last number that it said. */
async function countUntilKilled(folder: string, runMs: number): Promise<number> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", COUNTING_HUB, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last = -1;
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    if (last < 0) setTimeout(() => child.kill("SIGKILL"), runMs);
    // Short lines reach a pipe whole, or not at all.
    last = Number(line.replace("start ", ""));
  });
  await once(lines, "close");
  if (child.signalCode === null && child.exitCode === null) await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
  return last;
}

/** The number that the journal has, of a whole commit. */
function countedIn(folder: string): number {
  const numbers = readJournal(folder).changes.map((change) => {
    if (change.kind !== "retained") throw new Error(`A change of the kind ${change.kind}.`);
    return [change.message.topic, Number(change.message.payload.toString("latin1", 0, 6))] as const;
  });
  expect(numbers.length % 3).toBe(0);
  const last = numbers.slice(-3);
  const number = last[0]?.[1] ?? 0;
  if (numbers.length > 0) expect(last).toEqual(["a", "b", "c"].map((topic) => [topic, number]));
  return number;
}

describe("a journal whose process is killed", () => {
  test(`at ${KILLS} moments still has all that it reported as safe`, { timeout: 120_000 }, async () => {
    let counted = 0;
    const chain = async (): Promise<void> => {
      const folder = makeFolder();
      for (let kill = 0; kill < KILLS / CHAINS; kill++) {
        const said = await countUntilKilled(folder, Math.random() * RUN_MS_MAX);
        const kept = countedIn(folder);
        // One more may have been written than was said.
        expect(kept).toBeGreaterThanOrEqual(said);
        expect(kept).toBeLessThanOrEqual(said + 1);
        counted = Math.max(counted, kept);
      }
    };
    await Promise.all(Array.from({ length: CHAINS }, chain));
    expect(counted).toBeGreaterThan(KILLS);
  });

  test("at any operation of a compaction, and in the middle of each write, has the same content", () => {
    const changes = retained(5);
    let steps = 0;
    for (let isOver = false; !isOver; steps++) {
      for (const part of [0, 0.5]) {
        const folder = makeFolder();
        writeCommits(
          folder,
          [...retained(4), ...changes].map((change) => [change]),
        );
        const { files, dieAfter } = mortalFiles();
        const { journal } = openJournal(folder, { files, compactBytesMin: 0, ...AT_ONCE });
        journal.record({ kind: "session", clientId: "last" });
        journal.commit();
        dieAfter(steps, part);
        const snapshot: Change[] = [...changes, { kind: "session", clientId: "last" }];
        isOver = !throws(() => journal.compactIfDue(() => snapshot));
        // As if the process had ended here.
        rmSync(join(folder, LOCK_NAME));
        const kept = readJournal(folder).changes;
        expect(kept.slice(-snapshot.length)).toEqual(snapshot);
        if (isOver) expect(kept).toEqual(snapshot);
        expect(readdirSync(folder)).toEqual([JOURNAL_NAME]);
      }
    }
    // Open, header, snapshot, sync, rename, folder, and the old file's end.
    expect(steps).toBeGreaterThan(6);
  });
});

function throws(run: () => void): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}

/** Files of a process that ends: after so many operations nothing happens any more, and of a write then only a part. */
function mortalFiles(): { readonly files: FileLayer; dieAfter(steps: number, part: number): void } {
  let stepsLeft = Number.POSITIVE_INFINITY;
  let partOfLast = 0;
  const live = <Arguments extends unknown[], Result>(run: (...given: Arguments) => Result) => {
    return (...given: Arguments): Result => {
      if (stepsLeft-- <= 0) throw new Error("The process has ended.");
      return run(...given);
    };
  };
  const files: FileLayer = {
    ...nodeFiles,
    open: live(nodeFiles.open),
    close: live(nodeFiles.close),
    write(descriptor, bytes, place) {
      if (stepsLeft === 0) nodeFiles.write(descriptor, bytes.subarray(0, bytes.length * partOfLast), place);
      live(nodeFiles.write)(descriptor, bytes, place);
    },
    sync: live(nodeFiles.sync),
    rename: live(nodeFiles.rename),
    syncFolder: live(nodeFiles.syncFolder),
  };
  const dieAfter = (steps: number, part: number): void => {
    stepsLeft = steps;
    partOfLast = part;
  };
  return { files, dieAfter };
}

const FULL = "/dev/full";

describe("a disk that fails", () => {
  test.runIf(existsSync(FULL))("a full disk is reported, and committed data is kept", () => {
    const folder = makeFolder();
    writeCommits(folder, [retained(2)]);
    const full = openSync(FULL, "r+");
    let isFull = false;
    const write: FileLayer["write"] = (descriptor, bytes, place) => {
      if (!isFull) return nodeFiles.write(descriptor, bytes, place);
      // What of it finds room.
      nodeFiles.write(descriptor, bytes.subarray(0, bytes.length / 2), place);
      nodeFiles.write(full, bytes.subarray(bytes.length / 2), 0);
    };
    const { journal } = openJournal(folder, { files: { ...nodeFiles, write } });
    journal.record({ kind: "session", clientId: "before" });
    journal.commit();
    isFull = true;
    journal.record({ kind: "session", clientId: "lost" });
    const told = expect.objectContaining({
      code: "MK1433",
      message: expect.stringMatching(/hub\.journal: the disk is full \(ENOSPC\)\. The hub has stopped/),
      cause: expect.objectContaining({ code: "ENOSPC" }),
    });
    expect(() => journal.commit()).toThrow(told);
    // There is space again, but what came between is missing: nothing is acknowledged any more.
    isFull = false;
    journal.record({ kind: "session", clientId: "after" });
    expect(() => journal.commit()).toThrow(told);
    expect(() => journal.compactIfDue(() => [])).toThrow(told);
    journal.close();
    closeSync(full);
    const { changes, droppedBytes } = readJournal(folder);
    expect(changes).toEqual([...retained(2), { kind: "session", clientId: "before" }]);
    expect(droppedBytes).toBeGreaterThan(0);
  });

  test("a disk error after a successful write is reported at the next commit", async () => {
    const folder = makeFolder();
    let syncs = 0;
    const syncLater: FileLayer["syncLater"] = (_descriptor, done) => {
      syncs++;
      setImmediate(done, Object.assign(new Error("i/o error"), { code: "EIO" }));
    };
    const { journal } = openJournal(folder, { files: { ...nodeFiles, syncLater } });
    const startMs = performance.now();
    journal.record({ kind: "session", clientId: "a" });
    journal.commit();
    await until("the file to be synced", () => syncs > 0);
    expect(performance.now() - startMs).toBeGreaterThan(SYNC_MS * 0.9);
    await until("the failure to be told", () => throws(() => journal.commit()));
    expect(() => journal.commit()).toThrow("the disk failed (EIO)");
    journal.close();
  });

  test("written data is synced to the disk within about a second, once for many commits", async () => {
    let syncs = 0;
    const syncLater: FileLayer["syncLater"] = (descriptor, done) => {
      syncs++;
      nodeFiles.syncLater(descriptor, done);
    };
    const { journal } = openJournal(makeFolder(), { files: { ...nodeFiles, syncLater } });
    for (let turn = 0; turn < 100; turn++) {
      journal.record({ kind: "session", clientId: `${turn}` });
      journal.commit();
    }
    await until("the file to be synced", () => syncs > 0);
    journal.close();
    expect(syncs).toBe(1);
  });

  test.each([
    ["is a file", (folder: string) => writeFileSync(join(folder, "data"), "")],
    [
      "has a folder in the journal's place",
      (folder: string) => mkdirSync(join(folder, "data", JOURNAL_NAME), { recursive: true }),
    ],
  ])("a folder that %s is reported by its path", (_what, spoil) => {
    const folder = makeFolder();
    spoil(folder);
    const path = join(folder, "data");
    const told = { code: "MK1431", message: expect.stringContaining(`in the folder ${path}: `) };
    expect(() => openJournal(path)).toThrow(expect.objectContaining(told));
    if (statSync(path).isDirectory()) expect(readdirSync(path)).toEqual([JOURNAL_NAME]);
  });

  test.runIf(existsSync(FULL))("a full folder is reported when the journal is made", () => {
    const open: FileLayer["open"] = (path, flags) => nodeFiles.open(flags === "w+" ? FULL : path, flags);
    const options: JournalOptions = { files: { ...nodeFiles, open } };
    expect(() => openJournal(makeFolder(), options)).toThrow(
      expect.objectContaining({
        code: "MK1431",
        message: expect.stringContaining("the disk is full (ENOSPC)"),
      }),
    );
  });
});

describe("a folder that another hub uses", () => {
  test("is refused with that hub's process, until it ends or is killed", { timeout: 60_000 }, async () => {
    const folder = makeFolder();
    const child = spawn(process.execPath, ["--input-type=module", "-e", COUNTING_HUB, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.stdout.resume();
    expect(() => openJournal(folder)).toThrow(
      expect.objectContaining({
        code: "MK1430",
        message: `The hub's folder ${folder} is in use by another hub, process ${child.pid}.`,
      }),
    );
    child.kill("SIGKILL");
    await once(child, "exit");
    const { journal } = openJournal(folder);
    expect(() => openJournal(folder)).toThrow(`process ${process.pid}`);
    journal.close();
    openJournal(folder).journal.close();
    expect(readdirSync(folder)).toEqual([JOURNAL_NAME]);
  });

  test.runIf(process.platform === "linux")(
    "is not locked if a later process has the process ID of a killed hub",
    () => {
      const folder = makeFolder();
      writeFileSync(join(folder, LOCK_NAME), `${process.pid} 0000:1\n`);
      openJournal(folder).journal.close();
      writeFileSync(join(folder, LOCK_NAME), "");
      openJournal(folder).journal.close();
    },
  );

  test.runIf(process.platform === "linux")(
    "is not locked if the hub is a zombie process",
    {
      timeout: 30_000,
    },
    async () => {
      const folder = makeFolder();
      // The shell becomes a program that asks after no child.
      const script = `"$0" --input-type=module -e "$1" "$2" >/dev/null & echo $!; exec sleep 20`;
      const parent = spawn("sh", ["-c", script, process.execPath, COUNTING_HUB, folder], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const hub = Number(line.toString());
      try {
        await until("the hub to have the folder", () => readdirSync(folder).includes(LOCK_NAME));
        process.kill(hub, "SIGKILL");
        await until("the folder to be free", () => !throws(() => openJournal(folder).journal.close()));
        // It is there still.
        process.kill(hub, 0);
      } finally {
        parent.kill("SIGKILL");
      }
    },
  );

  test("is locked while a damaged journal is being read, and not afterwards", () => {
    const folder = makeFolder();
    writeCommits(folder, []);
    writeFileSync(journalPath(folder), readBytes(folder).subarray(1));
    expect(() => openJournal(folder)).toThrow(expect.objectContaining({ code: "MK1432" }));
    expect(readdirSync(folder)).toEqual([JOURNAL_NAME]);
  });
});
