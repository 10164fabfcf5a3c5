import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { OutputBatch } from "../../host/hub/connection/output-batch.ts";

const LITTLE_BYTES = 100;
const MUCH_BYTES = 4 * 1024 * 1024;

function writtenBy(turn: (log: string[]) => OutputBatch): {
  readonly turn: OutputBatch;
  readonly log: string[];
} {
  const log: string[] = [];
  return { turn: turn(log), log };
}

function sound(log: string[]): OutputBatch {
  return new OutputBatch({
    commit: () => log.push("committed"),
    onFailure: (error) => log.push(String(error)),
  });
}

function flushable(log: string[], name: string) {
  return { flush: () => void log.push(name) };
}

describe("a turn of the hub", () => {
  it("stores its promises, then sends once to each connection, at the next turn of the event loop", async () => {
    const { turn, log } = writtenBy(sound);
    const first = flushable(log, "first");
    turn.add(first, LITTLE_BYTES);
    turn.add(flushable(log, "second"), LITTLE_BYTES);
    turn.add(first, LITTLE_BYTES);
    turn.endIfLarge();
    expect(log).toEqual([]);
    await nextTurn();
    expect(log).toEqual(["committed", "first", "second"]);
  });

  it("ends early if there is much to send, and the next one begins anew", async () => {
    const { turn, log } = writtenBy(sound);
    turn.add(flushable(log, "much"), MUCH_BYTES);
    expect(log).toEqual([]);
    turn.endIfLarge();
    expect(log).toEqual(["committed", "much"]);
    turn.add(flushable(log, "little"), LITTLE_BYTES);
    turn.endIfLarge();
    expect(log).toEqual(["committed", "much"]);
    await nextTurn();
    expect(log).toEqual(["committed", "much", "committed", "little"]);
  });

  it("sends nothing more after a failed write, and reports that once", async () => {
    const { turn, log } = writtenBy(
      (failures) =>
        new OutputBatch({
          commit: () => {
            throw new Error("disk full");
          },
          onFailure: (error) => failures.push(String(error)),
        }),
    );
    turn.add(flushable(log, "promised"), MUCH_BYTES);
    turn.endIfLarge();
    turn.add(flushable(log, "promised later"), LITTLE_BYTES);
    await nextTurn();
    expect(log).toEqual(["Error: disk full"]);
  });
});
