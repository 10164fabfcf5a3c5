/** A journal that is written anew, beside the one in use. */
import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Change } from "../../host/broker/change.ts";
import { type FileLayer, nodeFiles } from "../../host/hub/journal/file-layer.ts";
import { JOURNAL_NAME, openJournal } from "../../host/hub/journal/journal.ts";
import { DRAFT_NAME } from "../../host/hub/journal/rewrite.ts";
import { AT_ONCE, makeFolder, readJournal, retained } from "../fixtures/journal-folders.ts";

/** Makes changes of a megabyte each. */
function large(count: number): Change[] {
  return Array.from({ length: count }, (_, index): Change => {
    const payload = Buffer.alloc(1024 * 1024, index);
    return { kind: "retained", message: { topic: `large ${index}`, payload, qos: 1, retain: true } };
  });
}

/** Returns what tells changes apart; to compare megabytes byte by byte takes long. */
function namesOf(changes: readonly Change[]): string[] {
  return changes.map((change) => {
    if (change.kind !== "retained") return JSON.stringify(change);
    const { topic, payload } = change.message;
    return `${topic} ${payload.length} ${createHash("sha256").update(payload).digest("hex")}`;
  });
}

/** A journal that is being written anew: its pieces, and the syncs in the background, come when they are called. */
function beginRewrite(snapshot: readonly Change[], write: FileLayer["write"] = nodeFiles.write) {
  const folder = makeFolder();
  const steps: (() => void)[] = [];
  const syncs: (() => void)[] = [];
  const { journal } = openJournal(folder, {
    compactBytesMin: 0,
    files: { ...nodeFiles, write, syncLater: (_descriptor, done) => void syncs.push(() => done(null)) },
    later: (run) => void steps.push(run),
  });
  for (const change of snapshot) journal.record(change);
  journal.compactIfDue(() => snapshot);
  return { folder, journal, steps, syncs };
}

describe("a journal that is rewritten", () => {
  test("is due when the file has grown beyond a multiple of its snapshot, and shrinks it", () => {
    const folder = makeFolder();
    const { journal } = openJournal(folder, { compactBytesMin: 2_000, ...AT_ONCE });
    const [change] = retained(1) as [Change];
    let snapshots = 0;
    let sizeBytesMax = 0;
    for (let turn = 0; turn < 100; turn++) {
      journal.record(change);
      journal.compactIfDue(() => {
        snapshots++;
        return [change];
      });
      sizeBytesMax = Math.max(sizeBytesMax, journal.sizeBytes);
    }
    journal.close();
    expect(sizeBytesMax).toBeLessThanOrEqual(2_000);
    expect(snapshots).toBeGreaterThan(2);
    expect(snapshots).toBeLessThan(20);
    const { changes } = readJournal(folder);
    expect(changes.length).toBeLessThan(20);
    expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(["retained"]));
  });

  test("with a large state is not due again immediately", () => {
    const folder = makeFolder();
    const { journal } = openJournal(folder, { compactBytesMin: 100, ...AT_ONCE });
    let snapshots = 0;
    for (const change of retained(100)) {
      journal.record(change);
      journal.compactIfDue(() => {
        snapshots++;
        return retained(100);
      });
    }
    journal.close();
    expect(snapshots).toBe(1);
  });

  test("holds later commits too", () => {
    const folder = makeFolder();
    const { journal } = openJournal(folder, { compactBytesMin: 0, ...AT_ONCE });
    for (const change of retained(3)) journal.record(change);
    journal.compactIfDue(() => retained(3));
    journal.record({ kind: "session", clientId: "later" });
    journal.commit();
    journal.close();
    expect(readJournal(folder).changes).toEqual([...retained(3), { kind: "session", clientId: "later" }]);
  });

  test("proceeds in pieces, and contains the commits that happen meanwhile in their order", () => {
    const snapshot = large(12);
    const { folder, journal, steps, syncs } = beginRewrite(snapshot);
    const sizeBytes = journal.sizeBytes;
    const meanwhile: Change[] = [];
    let stepCount = 0;
    let syncCount = 0;
    while (steps.length + syncs.length > 0) {
      const change: Change = { kind: "session", clientId: `${meanwhile.length}` };
      meanwhile.push(change);
      journal.record(change);
      // Neither begins another one.
      journal.compactIfDue(() => {
        throw new Error("It is being written already.");
      });
      expect(readdirSync(folder)).toContain(DRAFT_NAME);
      const step = steps.shift();
      if (step) stepCount++;
      else syncCount++;
      (step ?? syncs.shift())?.();
    }
    expect(stepCount).toBeGreaterThan(10);
    expect(syncCount).toBe(1);
    expect(readdirSync(folder)).not.toContain(DRAFT_NAME);
    expect(journal.sizeBytes).toBeLessThan(sizeBytes + 100 * meanwhile.length);
    journal.record({ kind: "session", clientId: "behind" });
    journal.commit();
    journal.close();
    const expected: Change[] = [...snapshot, ...meanwhile, { kind: "session", clientId: "behind" }];
    expect(namesOf(readJournal(folder).changes)).toEqual(namesOf(expected));
  });

  test("with a slow disk buffers little of the data that is committed meanwhile", () => {
    const snapshot = large(12);
    const { folder, journal, steps, syncs } = beginRewrite(snapshot);
    const draft = join(folder, DRAFT_NAME);
    const burst = large(4);
    // Not one step is made, for the hub has much to do: the draft grows with what is committed.
    for (const change of burst) {
      const before = statSync(draft).size;
      journal.record(change);
      journal.commit();
      expect(statSync(draft).size - before).toBeGreaterThanOrEqual(3 * 1024 * 1024);
    }
    while (steps.length + syncs.length > 0) (steps.shift() ?? syncs.shift())?.();
    journal.close();
    expect(namesOf(readJournal(folder).changes)).toEqual(namesOf([...snapshot, ...burst]));
  });

  test("that is unfinished when the hub ends is abandoned, even while the disk is writing", () => {
    for (const isSyncing of [false, true]) {
      const snapshot = large(3);
      const { folder, journal, steps, syncs } = beginRewrite(snapshot);
      while (isSyncing && syncs.length === 0) steps.shift()?.();
      expect(isSyncing ? syncs.length : steps.length).toBeGreaterThan(0);
      journal.close();
      expect(readdirSync(folder)).toEqual([JOURNAL_NAME]);
      for (const rest of [...steps, ...syncs]) rest();
      expect(namesOf(readJournal(folder).changes)).toEqual(namesOf(snapshot));
    }
  });

  test("reports a failing disk at the next commit, and loses nothing that was committed", () => {
    let isFull = false;
    const write: FileLayer["write"] = (descriptor, bytes, place) => {
      if (isFull) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      nodeFiles.write(descriptor, bytes, place);
    };
    const snapshot = large(3);
    const { folder, journal, steps, syncs } = beginRewrite(snapshot, write);
    isFull = true;
    steps.shift()?.();
    expect(steps.length + syncs.length).toBe(0);
    isFull = false;
    expect(() => journal.commit()).toThrow("the disk is full (ENOSPC)");
    journal.close();
    expect(namesOf(readJournal(folder).changes)).toEqual(namesOf(snapshot));
  });
});
