/** The content that a journal gives back, whatever has become of its file. */
import { statSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change } from "../../host/broker/change.ts";
import type { Message } from "../../host/broker/message.ts";
import { type FileLayer, nodeFiles } from "../../host/hub/journal/file-layer.ts";
import { encodeFileHeader, FILE_HEADER_BYTES, FRAME_HEADER_BYTES } from "../../host/hub/journal/frame.ts";
import { openJournal } from "../../host/hub/journal/journal.ts";
import { ARBITRARY_CHANGES, arbitraryChange } from "../fixtures/changes.ts";
import { codeOf } from "../fixtures/error-code.ts";
import {
  journalPath,
  makeFolder,
  readBytes,
  readJournal,
  writeBytes,
  writeCommits,
} from "../fixtures/journal-folders.ts";

const MIB = 1024 * 1024;
/** A journal begins with its header, and a snapshot of nothing. */
const EMPTY_BYTES = FILE_HEADER_BYTES + FRAME_HEADER_BYTES;

function message(payload: Buffer, more: Partial<Message> = {}): Message {
  return { topic: "a/b", payload, qos: 1, retain: false, ...more };
}

/** Three commits, so that each has one before and one behind it. */
const COMMITS: readonly (readonly Change[])[] = [
  [
    { kind: "session", clientId: "lamp" },
    { kind: "subscription", clientId: "lamp", topicFilter: "a/#", qos: 2 },
  ],
  [
    { kind: "accepted", clientId: "sensor", packetIdentifier: 7 },
    { kind: "queued", clientId: "lamp", sequence: 1, message: message(Buffer.from([0, 255, 13])) },
  ],
  [{ kind: "retained ended", topic: "a/b" }],
];

/** Counts the whole commits in the changes; fails where the changes end within a commit. */
function commitCount(commits: readonly (readonly Change[])[], changes: readonly Change[]): number {
  for (let count = 0; count <= commits.length; count++) {
    const whole = commits.slice(0, count).flat();
    if (whole.length !== changes.length) continue;
    expect(changes).toEqual(whole);
    return count;
  }
  throw new Error(`${changes.length} changes are no whole commits.`);
}

describe("a journal", () => {
  test.each(Object.entries(ARBITRARY_CHANGES))(
    "returns a change of the kind %s as it was",
    (_kind, arbitrary) => {
      const folder = makeFolder();
      const changes = fc.sample<Change>(arbitrary as fc.Arbitrary<Change>, 50);
      writeCommits(folder, [changes]);
      expect(readJournal(folder)).toEqual({ changes, droppedBytes: 0 });
    },
  );

  test("grows over restarts, and contains nothing that was not committed", () => {
    const folder = makeFolder();
    for (const commit of COMMITS) {
      const { journal } = openJournal(folder);
      for (const change of commit) journal.record(change);
      journal.commit();
      journal.record({ kind: "session", clientId: "never committed" });
      journal.close();
    }
    expect(readJournal(folder).changes).toEqual(COMMITS.flat());
  });

  test("writes nothing for an empty commit", () => {
    const folder = makeFolder();
    writeCommits(folder, [[], []]);
    expect(readBytes(folder).length).toBe(EMPTY_BYTES);
  });

  test("writes a message that is queued for many sessions once", () => {
    const folder = makeFolder();
    const payload = Buffer.alloc(1_000, 7);
    const queued = Array.from({ length: 50 }, (_, index): Change => {
      const qos = index % 2 === 0 ? 1 : 2;
      return { kind: "queued", clientId: `c${index}`, sequence: 1, message: message(payload, { qos }) };
    });
    writeCommits(folder, [queued]);
    expect(readBytes(folder).length).toBeLessThan(3_000);
    expect(readJournal(folder).changes).toEqual(queued);
  });

  test("reads back messages of 4 MiB one at a time", () => {
    const folder = makeFolder();
    const payload = Buffer.alloc(4 * MIB, 1);
    const changes = Array.from({ length: 8 }, (_, index): Change => {
      return { kind: "retained", message: message(payload, { topic: `t${index}` }) };
    });
    // In one commit and in several.
    writeCommits(folder, [changes, ...changes.map((change) => [change])]);
    let readBytesMax = 0;
    const read: FileLayer["read"] = (descriptor, place, lengthBytes) => {
      readBytesMax = Math.max(readBytesMax, lengthBytes);
      return nodeFiles.read(descriptor, place, lengthBytes);
    };
    const opened = openJournal(folder, { files: { ...nodeFiles, read } });
    let count = 0;
    for (const change of opened.changes) {
      const { kind, message: kept } = change as Extract<Change, { kind: "retained" }>;
      expect(kind).toBe("retained");
      expect(kept.topic).toBe(`t${count++ % 8}`);
      expect(kept.payload.equals(payload)).toBe(true);
    }
    opened.journal.close();
    expect(count).toBe(16);
    expect(readBytesMax).toBeLessThan(5.1 * MIB);
  });

  test("keeps 10,000 sessions of 3 subscriptions in a small file that opens fast", () => {
    const folder = makeFolder();
    const sessions = Array.from({ length: 10_000 }, (_, index) => {
      const clientId = `5f9c1f0e-7c1b-4a57-9d6b-${String(index).padStart(12, "0")}`;
      return [
        { kind: "session", clientId },
        ...["commands/#", "config", "broadcast/+/all"].map(
          (filter) =>
            ({
              kind: "subscription",
              clientId,
              topicFilter: `devices/${clientId}/${filter}`,
              qos: 1,
            }) as const,
        ),
      ] as const satisfies Change[];
    });
    writeCommits(folder, sessions);
    const startMs = performance.now();
    const { changes } = readJournal(folder);
    const tookMs = performance.now() - startMs;
    expect(changes).toHaveLength(40_000);
    expect(statSync(journalPath(folder)).size).toBeLessThan(5 * MIB);
    expect(tookMs).toBeLessThan(30_000);
  });
});

describe("a journal whose file was cut or changed", () => {
  test("gives whole commits after a cut anywhere: all that end before the cut", () => {
    const folder = makeFolder();
    writeCommits(folder, COMMITS);
    const bytes = readBytes(folder);
    let least = 0;
    for (let length = 0; length < bytes.length; length++) {
      writeBytes(folder, bytes.subarray(0, length));
      // The snapshot was whole before the file got its name: without it something else has happened.
      if (length < EMPTY_BYTES) expect(codeOf(() => readJournal(folder))).toBe("MK1432");
      else {
        const { changes, droppedBytes } = readJournal(folder);
        const count = commitCount(COMMITS, changes);
        expect(count).toBeGreaterThanOrEqual(least);
        least = count;
        expect(readBytes(folder).length).toBe(length - droppedBytes);
      }
    }
    expect(least).toBe(COMMITS.length - 1);
  });

  test("continues from the last whole commit after a cut anywhere", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(arbitraryChange, { minLength: 1, maxLength: 6 }), { maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        arbitraryChange,
        (commits, part, next) => {
          const folder = makeFolder();
          writeCommits(folder, commits);
          const bytes = readBytes(folder);
          const length = EMPTY_BYTES + Math.floor((bytes.length - EMPTY_BYTES) * part);
          writeBytes(folder, bytes.subarray(0, length));
          const { changes } = readJournal(folder);
          commitCount(commits, changes);
          writeCommits(folder, [[next]]);
          expect(readJournal(folder)).toEqual({ changes: [...changes, next], droppedBytes: 0 });
        },
      ),
      { numRuns: 100 },
    );
  });

  test("reports damage after a flip of any bit, or has lost its last commit", () => {
    const folder = makeFolder();
    writeCommits(folder, COMMITS);
    const bytes = readBytes(folder);
    const lost = { damaged: 0, lastCommit: 0 };
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const turned = Buffer.from(bytes);
      turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7));
      writeBytes(folder, turned);
      const code = codeOf(() => {
        const { changes, droppedBytes } = readJournal(folder);
        expect(commitCount(COMMITS, changes)).toBe(COMMITS.length - 1);
        expect(droppedBytes).toBeGreaterThan(0);
        lost.lastCommit++;
      });
      if (code === undefined) continue;
      expect(code).toBe("MK1432");
      lost.damaged++;
      // Nothing is repaired by itself.
      expect(readBytes(folder).equals(turned)).toBe(true);
    }
    const lastBytes = FRAME_HEADER_BYTES + 1 + 2 + 3;
    expect(lost).toEqual({ damaged: (bytes.length - lastBytes) * 8, lastCommit: lastBytes * 8 });
  });

  test("reports damage with the file, the byte, and the length of the intact part", () => {
    const folder = makeFolder();
    writeCommits(folder, COMMITS);
    const bytes = readBytes(folder);
    const place = EMPTY_BYTES + FRAME_HEADER_BYTES + 3;
    bytes[place] = (bytes[place] as number) ^ 1;
    writeBytes(folder, bytes);
    expect(() => openJournal(folder)).toThrow(
      expect.objectContaining({
        code: "MK1432",
        message: `The journal ${journalPath(folder)} is damaged at byte ${EMPTY_BYTES}.`,
        remedy: expect.stringContaining(`truncate -s ${EMPTY_BYTES} '${journalPath(folder)}'`),
      }),
    );
    // The remedy is one.
    writeBytes(folder, bytes.subarray(0, EMPTY_BYTES));
    expect(readJournal(folder)).toEqual({ changes: [], droppedBytes: 0 });
  });

  test("drops a torn message that looks like a journal, like any other", () => {
    const folder = makeFolder();
    writeCommits(folder, COMMITS);
    const payload = Buffer.concat([readBytes(folder), readBytes(folder)]);
    writeCommits(folder, [[{ kind: "retained", message: message(payload) }]]);
    const bytes = readBytes(folder);
    writeBytes(folder, bytes.subarray(0, bytes.length - 1));
    expect(readJournal(folder).changes).toEqual(COMMITS.flat());
  });

  test("drops garbage behind the last commit", () => {
    const folder = makeFolder();
    writeCommits(folder, COMMITS);
    const garbage = Buffer.concat([Buffer.alloc(3 * MIB), Buffer.from("MKJF".repeat(10))]);
    writeBytes(folder, Buffer.concat([readBytes(folder), garbage]));
    expect(readJournal(folder)).toEqual({ changes: COMMITS.flat(), droppedBytes: garbage.length });
    expect(readJournal(folder)).toEqual({ changes: COMMITS.flat(), droppedBytes: 0 });
  });

  test("finds damage behind 3 MiB of it", () => {
    const folder = makeFolder();
    writeCommits(folder, [[{ kind: "retained", message: message(Buffer.alloc(3 * MIB)) }], ...COMMITS]);
    const bytes = readBytes(folder);
    bytes[MIB] = 1;
    writeBytes(folder, bytes);
    expect(codeOf(() => openJournal(folder))).toBe("MK1432");
  });

  test("does not change a file that is not a journal, or a journal of another release", () => {
    const folder = makeFolder();
    writeBytes(folder, Buffer.from("Dear diary"));
    expect(codeOf(() => openJournal(folder))).toBe("MK1432");
    const later = encodeFileHeader(1, 2);
    writeBytes(folder, later);
    expect(() => openJournal(folder)).toThrow(
      expect.objectContaining({ code: "MK1434", message: expect.stringContaining("has format 2") }),
    );
    expect(readBytes(folder).equals(later)).toBe(true);
  });
});
