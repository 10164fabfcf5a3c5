/**
 * The line is cut at every byte of a configuration: the record is the one of before or the new one, and the next
 * configuration works, over a new line as well as after a new start.
 * `MOTEKIT_CUT_STRIDE=1` takes each byte.
 */
import { expect, test } from "vitest";
import { effort } from "../fixtures/effort.ts";
import { configuring, PowerCutBoard } from "../fixtures/serial/power-cut-board.ts";

const STRIDE_BYTES = effort("configureCutStep");

test("a configuration that is cut at any byte leaves the old record or the new, and the next one works", {
  timeout: 3_600_000,
}, async () => {
  const start = new PowerCutBoard();
  for (const deviceId of ["one", "two"]) await start.perform(configuring(deviceId));
  const whole = new PowerCutBoard(start.image);
  const { sentBytes } = await whole.perform(configuring("three"));
  expect(whole.deviceId).toBe("three");

  const found = new Map<string | undefined, number>();
  for (let cut = 0; cut < sentBytes; cut += STRIDE_BYTES) {
    const title = `cut at ${cut} of ${sentBytes}`;
    const board = new PowerCutBoard(start.image);
    expect((await board.perform(configuring("three"), { line: cut })).failure, title).toBe("line");
    found.set(board.deviceId, (found.get(board.deviceId) ?? 0) + 1);
    expect((await board.perform(configuring("four"))).failure, title).toBeUndefined();
    expect(board.deviceId, title).toBe("four");

    const replugged = new PowerCutBoard(start.image);
    await replugged.perform(configuring("three"), { line: cut, replugged: configuring("four") });
    expect(replugged.deviceId, title).toBe("four");
  }
  expect([...found.keys()].sort()).toEqual(["three", "two"]);
  process.stdout.write(
    `configuration cut at every ${STRIDE_BYTES}. of ${sentBytes} bytes: ${[...found.values()].join(" old, ")} new\n`,
  );
});
