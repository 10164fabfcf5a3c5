/** The simulated boards of a program, connected to a real hub by TCP. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import type { FleetEvent, SimulatedBoardRecord } from "../../host/control/simulated-boards.ts";
import { BOARDS_MAX, BoardFleet, type FleetOptions } from "../../host/fleet/board-fleet.ts";
import { openHub, type TestHub } from "../fixtures/hubs.ts";
import { hasProgram } from "../fixtures/programs.ts";

/** Each test builds firmware, and some boot many boards. */
const TIMEOUT_MS = 120_000;
const WAIT = { timeout: 45_000, interval: 50 };

/** Says what it knows of pins and Storage, and lights the LED while the button is held. */
const APP = `
import { start } from "motekit";
const storage = require("Storage");
const boots = Number(storage.read("boots") || "0") + 1;
storage.write("boots", String(boots));
console.log("boot number " + boots);
setWatch((event) => {
  digitalWrite(D2, event.state ? 0 : 1);
  console.log("button " + event.state);
}, D0, { repeat: true, edge: "both" });
start();
`;

let folder: string;
let hub: TestHub;
let fleet: BoardFleet;
let events: FleetEvent[];
const ended = new AbortController();

function options(): FleetOptions {
  return {
    entry: () => join(folder, "main.ts"),
    workingFolder: folder,
    hub: () => ({ host: "127.0.0.1", port: hub.port }),
    engine: "node",
  };
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "motekit-fleet-"));
  writeFileSync(join(folder, "main.ts"), APP);
  hub = await openHub();
  fleet = new BoardFleet(options());
  events = [];
  fleet.watch((event) => void events.push(event), ended.signal);
});

afterEach(async () => {
  await fleet.close();
  rmSync(folder, { recursive: true });
});

function lines(id: string): string[] {
  return events.flatMap((event) => (event.kind === "line" && event.id === id ? [event.line.text] : []));
}

/** Returns the last record of a board. */
function record(id: string): SimulatedBoardRecord | undefined {
  return events
    .flatMap((event) => (event.kind === "board" && event.board.id === id ? [event.board] : []))
    .at(-1);
}

function statuses(id: string): unknown[] {
  return hub.events
    .filter(({ event, topic }) => event === "message" && topic === `devices/${id}/status`)
    .map(({ payload }) => payload);
}

describe("a fleet", { timeout: TIMEOUT_MS }, () => {
  it("boots boards of several kinds, each with an ID of its own, and says so", async () => {
    expect(await fleet.boot({ board: "esp32" })).toBe("esp32-sim");
    expect(await fleet.boot({ board: "esp32" })).toBe("esp32-sim-2");
    expect(await fleet.boot({ board: "esp32c3", id: "pump" })).toBe("pump");
    await expect.poll(() => statuses("pump"), WAIT).toEqual(["online"]);
    await expect.poll(() => statuses("esp32-sim-2"), WAIT).toEqual(["online"]);
    expect(record("pump")).toMatchObject({ board: "esp32c3", state: "running", wifi: true });
    const late: FleetEvent[] = [];
    fleet.watch((event) => void late.push(event), ended.signal);
    expect(late[0]).toMatchObject({
      kind: "boards",
      boards: [{ id: "esp32-sim" }, { id: "esp32-sim-2" }, { id: "pump" }],
    });
    await expect(fleet.boot({ board: "esp32", id: "pump" })).rejects.toMatchObject({ code: "MK1470" });
    await expect(fleet.boot({ board: "none" })).rejects.toMatchObject({ code: expect.stringMatching(/^MK/) });
  });

  it("cuts the power, so that the hub publishes the will, and restores it with the content of Storage", async () => {
    await fleet.boot({ board: "esp32", id: "pump" });
    await expect.poll(() => statuses("pump"), WAIT).toEqual(["online"]);
    await fleet.act({ id: "pump", action: "power off" });
    await expect.poll(() => statuses("pump"), WAIT).toEqual(["online", "offline"]);
    expect(record("pump")?.state).toBe("off");
    const typed = fleet.act({ id: "pump", action: "type", line: "1" });
    await expect(typed).rejects.toMatchObject({
      code: "MK1471",
      message: expect.stringContaining("is not running"),
    });
    await fleet.act({ id: "pump", action: "power on" });
    await expect.poll(() => statuses("pump"), WAIT).toEqual(["online", "offline", "online"]);
    await fleet.act({ id: "pump", action: "reset" });
    await expect
      .poll(() => lines("pump").filter((line) => line.startsWith("boot number")), WAIT)
      .toEqual(["boot number 1", "boot number 2", "boot number 3"]);
  });

  it("switches the Wi-Fi off and on: the board notices, and reconnects by itself", async () => {
    await fleet.boot({ board: "esp32", id: "pump" });
    await expect.poll(() => lines("pump").join(), WAIT).toContain("connected");
    await fleet.act({ id: "pump", action: "wifi off" });
    await expect.poll(() => lines("pump").join(), WAIT).toContain("network-lost");
    expect(record("pump")?.wifi).toBe(false);
    await fleet.act({ id: "pump", action: "wifi on" });
    await expect
      .poll(() => lines("pump").filter((line) => line.startsWith("connected")).length, WAIT)
      .toBe(2);
  });

  it("drives pins, and shows those that the app writes", async () => {
    await fleet.boot({ board: "esp32", id: "pump" });
    await expect.poll(() => lines("pump").join(), WAIT).toContain("boot number 1");
    await fleet.act({ id: "pump", action: "drive", pin: "D0", level: 1 });
    await fleet.act({ id: "pump", action: "drive", pin: "D0", level: 0 });
    await expect
      .poll(() => record("pump")?.pins, WAIT)
      .toEqual([
        { pin: "D0", level: 0, by: "page" },
        { pin: "D2", level: 1, by: "app" },
      ]);
    expect(lines("pump")).toContain("button false");
    const noPin = fleet.act({ id: "pump", action: "drive", pin: "D99", level: 1 });
    await expect(noPin).rejects.toMatchObject({ code: "MK1471" });
    await fleet.act({ id: "pump", action: "power off" });
    expect(record("pump")?.pins).toEqual([{ pin: "D0", level: 0, by: "page" }]);
  });

  it("starts with the button held, where the page holds it at power-on and at reset", async () => {
    const said = () => lines("pump").filter((line) => line.startsWith("first"));
    writeFileSync(join(folder, "main.ts"), `console.log("first " + digitalRead(D0)); digitalWrite(D2, 1);`);
    await fleet.boot({ board: "esp32", id: "pump" });
    await expect.poll(said, WAIT).toEqual(["first 1"]);
    for (const pin of ["D0", "D2"]) await fleet.act({ id: "pump", action: "drive", pin, level: 0 });
    await fleet.act({ id: "pump", action: "reset" });
    await expect.poll(said, WAIT).toEqual(["first 1", "first 0"]);
    await fleet.act({ id: "pump", action: "power off" });
    // What the app wrote is gone, what the page drives is not.
    expect(record("pump")?.pins).toEqual([
      { pin: "D2", level: 0, by: "page" },
      { pin: "D0", level: 0, by: "page" },
    ]);
    await fleet.act({ id: "pump", action: "drive", pin: "D0", level: 1 });
    await fleet.act({ id: "pump", action: "power on" });
    await expect.poll(said, WAIT).toEqual(["first 1", "first 0", "first 1"]);
  });

  it("accepts a console line, which can access Node, but none if the hub is open to the network", async () => {
    const line = 'setTimeout.constructor("return process.version")()';
    const typeRequest = { id: "pump", action: "type", line } as const;
    await fleet.boot({ board: "esp32", id: "pump" });
    await fleet.act(typeRequest);
    // Why it is so: Node's own `process` is in reach.
    expect(lines("pump").slice(-2)).toEqual([`> ${line}`, `= "${process.version}"`]);

    const open = new BoardFleet({ ...options(), isOpenToNetwork: true });
    try {
      const told: FleetEvent[] = [];
      await open.boot({ board: "esp32", id: "pump" });
      open.watch((event) => void told.push(event), ended.signal);
      await expect(open.act(typeRequest)).rejects.toMatchObject({ code: "MK1472" });
      await open.act({ id: "pump", action: "drive", pin: "D4", level: 1 });
      expect(JSON.stringify(told)).not.toContain("setTimeout");
      expect(told.at(-1)).toMatchObject({
        board: { state: "running", takesLines: false, pins: [{ pin: "D4", level: 1 }] },
      });
    } finally {
      await open.close();
    }
  });

  it("starts all boards with what a change of the sources brings, and none with what does not build", async () => {
    await fleet.boot({ board: "esp32", id: "pump" });
    await fleet.boot({ board: "esp32c3", id: "fan" });
    writeFileSync(join(folder, "main.ts"), APP.replace("boot number", "second boot number"));
    await fleet.rebuild(loadBoard("esp32"));
    for (const id of ["pump", "fan"]) {
      await expect.poll(() => lines(id), WAIT).toContain("second boot number 2");
    }
    writeFileSync(join(folder, "main.ts"), "const broken: number = 'text';");
    await expect(fleet.rebuild(loadBoard("esp32"))).rejects.toMatchObject({
      code: expect.stringMatching(/^MK12/),
    });
    expect(record("pump")?.state).toBe("running");
  });

  it("removes a board, and limits the number of boards", async () => {
    await fleet.boot({ board: "esp32", id: "pump" });
    await fleet.act({ id: "pump", action: "remove" });
    expect(events.at(-1)).toEqual({ kind: "removed", id: "pump" });
    await expect(fleet.act({ id: "pump", action: "reset" })).rejects.toMatchObject({ code: "MK1470" });
    for (let count = 0; count < BOARDS_MAX; count++) await fleet.boot({ board: "esp32" });
    await expect(fleet.boot({ board: "esp32" })).rejects.toMatchObject({ code: "MK1470" });
  });

  it.skipIf(!hasProgram("espruino"))(
    "boots a board on real Espruino, whose Wi-Fi it cannot switch",
    async () => {
      await fleet.boot({ board: "linux", id: "real", engine: "espruino" });
      await expect.poll(() => statuses("real"), WAIT).toEqual(["online"]);
      const off = fleet.act({ id: "real", action: "wifi off" });
      await expect(off).rejects.toMatchObject({ code: "MK1471" });
      await fleet.act({ id: "real", action: "power off" });
      await expect.poll(() => statuses("real"), WAIT).toEqual(["online", "offline"]);
      await fleet.act({ id: "real", action: "power on" });
      await expect.poll(() => statuses("real"), WAIT).toEqual(["online", "offline", "online"]);
    },
  );
});
