/** The modules of the device API that only their users carry: motekit/qos2, motekit/persistence, motekit/stream, motekit/tls. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { type BuildResult, buildFirmware } from "../../host/build/build.ts";
import { MotekitError } from "../../host/errors.ts";
import { findEntry } from "../../host/project/find-entry.ts";
import { World } from "../../host/testing/world.ts";
import { SWEEP_CONFIGURATION } from "../fixtures/sweep.ts";

const folder = mkdtempSync(join(tmpdir(), "motekit-modules-"));
const board = loadBoard("linux");

/** A word of each module that minifying leaves as it is. */
const WORDS = {
  qos2: "no-pubrel",
  persistence: "mk.journal0",
  stream: "stream-broken",
  tls: 'require("tls")',
};

const ALL = `import { log, publish, start, subscribe } from "motekit";
import { getJournalCounters, usePersistence } from "motekit/persistence";
import { useQos2 } from "motekit/qos2";
import { publishStream } from "motekit/stream";
import { useTls } from "motekit/tls";
usePersistence();
useQos2();
useTls();
start({
  keepSession: true,
  onConnected: () => {
    const onEnd = (isSent: boolean) => log("streamed " + isSent + " " + getJournalCounters().files);
    publishStream("big", 3000, (offset) => "x".repeat(Math.min(500, 3000 - offset)), { retain: true, onEnd });
    publish("once", "payload", { qos: 2, onAcknowledged: (inDoubt) => log("once " + inDoubt) });
  },
});
subscribe("once", 2, ({ payload, qos, inDoubt }) => log(payload + " " + qos + " " + inDoubt));
`;

afterAll(() => rmSync(folder, { recursive: true }));

function build(text: string): Promise<BuildResult> {
  const entry = join(folder, "main.ts");
  writeFileSync(entry, text);
  return buildFirmware({ entry, board });
}

async function wordsIn(building: Promise<BuildResult>): Promise<string[]> {
  const code = Buffer.from((await building).app).toString("utf8");
  return Object.entries(WORDS)
    .filter(([, word]) => code.includes(word))
    .map(([name]) => name);
}

describe("an app contains", () => {
  it("none of them unless it imports them: the reference firmware has none", async () => {
    expect(await wordsIn(buildFirmware({ entry: findEntry(undefined, folder), board }))).toEqual([]);
  });

  it.each([
    ["qos2", 'import { useQos2 } from "motekit/qos2";\nuseQos2();'],
    ["persistence", 'import { usePersistence } from "motekit/persistence";\nusePersistence();'],
    ["stream", 'import { publishStream } from "motekit/stream";\npublishStream("a", 1, () => "x");'],
    ["tls", 'import { useTls } from "motekit/tls";\nuseTls();'],
  ])("%s alone, where it imports that", async (name, text) => {
    expect(await wordsIn(build(`import { start } from "motekit";\n${text}\nstart();\n`))).toEqual([name]);
  });

  it("all of them, where it imports all", async () => {
    expect(await wordsIn(build(ALL))).toEqual(Object.keys(WORDS));
  });
});

it("a board whose interpreter has no TLS refuses motekit/tls, by name", async () => {
  const entry = join(folder, "main.ts");
  writeFileSync(entry, 'import { useTls } from "motekit/tls";\nuseTls();\n');
  const lacking = { ...board, capabilities: board.capabilities.filter((name) => name !== "tls") };
  const failure = await buildFirmware({ entry, board: lacking }).catch((error: unknown) => error);
  expect((failure as MotekitError).problems[0]).toMatchObject({
    code: "MK1221",
    message: 'The board "linux" has no module "tls".',
    remedy: 'Choose a board with the capability "tls".',
  });
});

describe("the types", () => {
  const publishing = 'import { publish } from "motekit";\npublish("a", "", { qos: 2 });\n';

  it("allow QoS 2 only where motekit/qos2 is imported", async () => {
    const failure = await build(publishing).catch((error: unknown) => error);
    expect((failure as MotekitError).problems).toMatchObject([{ code: "MK1201", where: { line: 2 } }]);
    expect(failure).toBeInstanceOf(MotekitError);
    await build(`import { useQos2 } from "motekit/qos2";\nuseQos2();\n${publishing}`);
  });

  it("have no other such modules", async () => {
    const failure = await build('import { x } from "motekit/other";\nprint(x);\n').catch(
      (error: unknown) => error,
    );
    expect((failure as MotekitError).problems[0]).toMatchObject({ where: { line: 1 } });
  });
});

it("an app with all modules sends, streams, persists and receives messages", async () => {
  const { app } = await build(ALL);
  const world = new World({ board, app, configuration: SWEEP_CONFIGURATION, seed: 1 });
  world.boot();
  world.timeline.advance(2_000);
  const said = world.board.console.map(({ text }) => text).filter((text) => text.startsWith("~mk log"));
  expect(said.sort()).toEqual(["~mk log once false", "~mk log payload 2 false", "~mk log streamed true 1"]);
  expect(world.hub.hub.retained("big")?.payload.toString()).toBe("x".repeat(3000));
  expect(world.board.oracle.violations).toEqual([]);
  world.board.powerCut();
});
