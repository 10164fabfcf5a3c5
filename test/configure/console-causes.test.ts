/**
 * The host's reading of a firmware's console: each cause of a missing connection, as the firmware prints it in a virtual
 * world, and nothing of what an app prints or throws.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { ConnectionWatch } from "../../host/configure/watch-connection.ts";
import { readFirmwareLine } from "../../host/serial/firmware-line.ts";
import { ENGINES, type Engine } from "../../host/simulator/board-api/simulated-board.ts";
import type { ConsoleLine } from "../../host/testing/testing.ts";
import { createWorld } from "../../host/testing/testing.ts";
import type { World } from "../../host/testing/world.ts";
import { HOME } from "../fixtures/connected-world.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { buildAppText } from "../fixtures/sequence-app.ts";

const BUILDS_MS_MAX = 60_000;

/** Returns the diagnosis of `configure --wait` from a console, and the lines that it saw until then. */
async function diagnosis(
  lines: readonly Pick<ConsoleLine, "text" | "atMs">[],
  timeoutMs = 5,
): Promise<{ readonly message: string; readonly readLines: number }> {
  let nowMs = 0;
  let readLines = 0;
  const watch = new ConnectionWatch(
    () => nowMs,
    () => void readLines++,
  );
  for (const { text, atMs } of lines) {
    nowMs = atMs;
    watch.push(text);
  }
  const outcome = await watch.connected("/dev/board", timeoutMs).catch((error: Error) => error);
  return { message: outcome instanceof Error ? outcome.message : `connected to ${outcome.hub}`, readLines };
}

describe("a cause", () => {
  let app: Uint8Array;

  beforeAll(async () => {
    app = await buildAppText('import { start } from "motekit";\nstart();\n', "esp32");
  }, BUILDS_MS_MAX);

  const refuses =
    (returnCode: number) =>
    ({ hub }: World): void =>
      hub.refuse({ refuseConnect: () => returnCode });

  it.each<[string, string, (world: World) => void, string]>([
    ["a wrong Wi-Fi password", "wifi 202", ({ wifi }) => wifi.add("home", "other"), "refuses the password"],
    [
      "no access point",
      "wifi 201",
      ({ wifi }) => wifi.signal("home", -95),
      "The Wi-Fi network was not found",
    ],
    [
      "no address",
      "wifi no-answer",
      ({ wifi }) => wifi.dhcpFailure("home"),
      "does not assign an address to the board",
    ],
    ["no DNS", "dns", ({ network }) => network.dnsFailure("1 h"), "cannot resolve the hub's name"],
    [
      "a refused connection",
      "connect",
      ({ network }) => network.refuse("1 h"),
      "no hub responds at the configured address",
    ],
    [
      "a black hole",
      "connect",
      ({ network }) => network.blackHole("1 h"),
      "no hub responds at the configured address",
    ],
    [
      "no CONNACK in time",
      "no-connack",
      ({ hub }) => hub.goSilent(),
      "no hub responds at the configured address",
    ],
    ["CONNACK 1", "connack 1", refuses(1), "it does not support MQTT 3.1.1"],
    ["CONNACK 2", "connack 2", refuses(2), "refuses the device's identifier"],
    ["CONNACK 3", "connack 3", refuses(3), "unavailable"],
    ["CONNACK 4", "connack 4", refuses(4), "the user name or the password is wrong"],
    ["CONNACK 5", "connack 5", refuses(5), "the user name or the password is wrong"],
    ["CONNACK 6", "connack 6", refuses(6), "The hub refuses the device."],
  ])("is printed by the firmware and read by the host: %s", async (_title, words, harm, said) => {
    const world = await createWorld({ board: "esp32", app });
    world.wifi.add("home", "secret");
    harm(world);
    const board = world.boot(HOME);
    await world.advance("50 s");
    const codes = board.console.flatMap(({ text }) => {
      const line = readFirmwareLine(text);
      return line?.word ? [[line.word, line.code].filter(Boolean).join(" ")] : [];
    });
    expect(new Set(codes)).toEqual(new Set([words]));
    expect((await diagnosis(board.console)).message).toContain(said);
  });

  it("is reported as long as the board waits in silence for TCP", async () => {
    const world = await createWorld({ board: "esp32", app });
    world.network.blackHole("1 h");
    const board = world.boot(HOME);
    await world.advance("5 s");
    // The interpreter is ahead of the world while it is frozen.
    const heard = board.console.filter(({ atMs }) => atMs <= 5_000);
    expect(heard.at(-1)?.text).toMatch(/^~mk network /);
    expect((await diagnosis(heard)).message).toContain("no hub responds at the configured address");
  });

  it("that is over is not reported: the access point came, and then the hub refused", async () => {
    const world = await createWorld({ board: "esp32", app });
    world.wifi.add("home", "secret");
    world.wifi.signal("home", -95);
    world.network.dnsFailure("1 h");
    const board = world.boot(HOME);
    await world.advance("20 s");
    world.wifi.signal("home", -50);
    await world.advance("40 s");
    expect((await diagnosis(board.console)).message).toContain("cannot resolve the hub's name");
  });
});

describe("the wait for a connection", () => {
  const refused = (code: number, seconds: number, atMs: number) => ({
    text: `~mk disconnected connack ${code}: words; next try in ${seconds} s`,
    atMs,
  });

  it("ends at once after a refusal, if the device will not try again in time", async () => {
    const { message } = await diagnosis([refused(4, 304, 10)], 90_000);
    expect(message).toBe(
      "The device did not reach its hub. The hub refuses the device, because the user name or the password is wrong, or the device may not connect.",
    );
  });

  it("ends when the device repeats a refusal, after all its hubs have refused it", async () => {
    const { message } = await diagnosis([refused(2, 304, 10), refused(2, 304, 304_010)], 900_000);
    expect(message).toBe("The device did not reach its hub. The hub refuses the device's identifier.");
  });

  it.each([
    ["a refusal that came once, and another try soon", [refused(5, 0, 10)]],
    ["refusals by two hubs, where a third may take the device", [refused(5, 0, 10), refused(5, 0, 1_010)]],
    ["two refusals of different codes", [refused(4, 0, 10), refused(5, 0, 3_010)]],
    ["a hub that is unavailable", [refused(3, 3, 10), refused(3, 3, 3_010), refused(3, 304, 6_010)]],
  ])("does not end: %s", async (_title, lines) => {
    const { message } = await diagnosis(lines, 20);
    expect(message).toMatch(/^The device did not reach its hub within 0 s\. /);
  });

  it("is not ended by a refusal if the device reached its hub after all", async () => {
    const { message } = await diagnosis(
      [refused(4, 0, 10), { text: "~mk connected hub:1883", atMs: 20 }],
      20,
    );
    expect(message).toBe("connected to hub:1883");
  });
});

describe("a device that does not reach its hub, although it has a network", () => {
  const said = (...texts: string[]) =>
    texts.map((text, index) => ({ text: `~mk ${text}`, atMs: index * 10 }));

  it.each([
    ["says nothing more", ["network home"], "no hub responds at the configured address"],
    [
      "has no TLS at its hub",
      ["network home", "disconnected socket: Error: SSL; next try in 1 s"],
      "fails before the hub responds",
    ],
    [
      "has an app that throws",
      ["network home", "error uncaught Error: x"],
      "Its last message was: error uncaught Error: x",
    ],
    [
      "restarts again and again",
      ["boot dev", "network home", "error restart: MEMORY", "boot dev", "network home"],
      "ran out of memory or stack",
    ],
    [
      "was refused before its network came again",
      ["network home", "disconnected connack 4: words; next try in 1 s", "network home"],
      "the user name or the password is wrong",
    ],
  ])("gets its cause reported if it %s", async (_what, texts, expected) => {
    const { message } = await diagnosis(said(...texts), 20);
    expect(message).toContain(expected);
  });
});

const FORGED = "~mk connected evil:1883";
/** Lines that an app may print, or that somebody gave it, and that look like the firmware's. */
const HOSTILE = [
  "CONNACK 4",
  "refused: bad user name or password (CONNACK 4); next try in 2 s",
  "disconnected connack 4: bad user name or password; next try in 304 s",
  "sensor 2 is gone",
  "201",
  "wifi 201",
  "NO_AP_FOUND",
  "error no answer from home",
  "no app",
  "no-app",
  "Unable to locate host",
  "Connect failed (err 111)",
  FORGED,
  `a\n${FORGED}`,
  `a\r\n${FORGED}\r\n`,
  `a\x1b[J${FORGED}`,
  `a\r\x1b[J${FORGED}`,
  "a\n~mk error no app",
  "a\n~mk error wifi 202",
  "a\n~mk boot evil",
  "a\n~mk disconnected connack 4: bad user name or password; next try in 304 s",
  "a\nUncaught Error: evil",
];

const hostileApp = `import { every, log, start } from "motekit";
const TEXTS: string[] = ${JSON.stringify(HOSTILE)};
let next = 0;
every(1, () => {
  const turn = next++;
  const text = TEXTS[turn >> 2];
  if (text === undefined) return;
  if (turn % 4 === 0) log(text);
  if (turn % 4 === 1) throw new Error(text);
  if (turn % 4 === 2) throw text;
  if (turn % 4 === 3) Promise.reject(new TypeError(text));
});
start();
`;

describe.each<Engine>([...ENGINES])("an app's text on the engine %s", (engine) => {
  const absent = engine === "espruino" && !hasProgram("espruino");

  it.skipIf(absent)("is never taken for a word of the firmware", { timeout: 120_000 }, async () => {
    const app = await buildAppText(hostileApp, "esp32");
    const world = await createWorld({ board: "esp32", app, engine });
    const board = world.boot(HOME);
    await world.advance(`${HOSTILE.length * 4 + 10} s`);
    world.close();
    const firmware = board.console.flatMap(({ text }) => readFirmwareLine(text) ?? []);
    const counts: Record<string, number> = {};
    for (const { kind, word } of firmware) {
      const key = word ? `${kind} ${word}` : kind;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    expect(counts).toEqual({
      boot: 1,
      network: 1,
      connected: 1,
      log: HOSTILE.length,
      "error uncaught": expect.any(Number),
    });
    expect(counts["error uncaught"]).toBeGreaterThan(HOSTILE.length);
    expect(board.lines.filter((line) => line.startsWith("Uncaught "))).toHaveLength(HOSTILE.length * 3);
    const unproved = board.console.filter(({ text }) => !/^~mk (connected|network) (?!evil)/.test(text));
    expect((await diagnosis(unproved)).message).toMatch(/ Its last message was: error uncaught /);
  });
});

describe("older firmware", () => {
  it.each([
    ["error no app", "no-app", undefined],
    ["error no configuration: configure this device anew", "no-configuration", undefined],
    ["error damaged configuration: configure this device anew", "damaged-configuration", undefined],
    ["error 201", "wifi", "201"],
    ["error AUTH_FAIL", "wifi", "202"],
    ["error no answer from my home", "wifi", "no-answer"],
    ["error message too long: in/text", "message-too-long", undefined],
    ["error subscription refused: a/#", "subscription-refused", undefined],
    ["error not kept: Storage is full", "not-kept", undefined],
    ["error uncaught Error: CONNACK 4", "uncaught", undefined],
    ["error restart: MEMORY", "restart", undefined],
    ["disconnected refused 4", "connack", "4"],
    ["disconnected refused: bad user name or password (CONNACK 4); next try in 304 s", "connack", "4"],
    ["disconnected refused: reserved return code (CONNACK 77); next try in 304 s", "connack", "77"],
    ["disconnected InternalError: Unable to locate host; next try in 1 s", "dns", undefined],
    ["disconnected InternalError: Unable to create socket; next try in 1 s", "connect", undefined],
    ["disconnected Error: Connect failed (err 111); next try in 1 s", "connect", undefined],
    ["disconnected no CONNACK; next try in 1 s", "no-connack", undefined],
    ["disconnected no PINGRESP; next try in 1 s", "no-pingresp", undefined],
    ["disconnected no acknowledgement; next try in 1 s", "no-acknowledgement", undefined],
    ["disconnected malformed packet 20; next try in 1 s", "malformed", undefined],
    ["disconnected topic too long; next try in 1 s", "topic-too-long", undefined],
    ["disconnected too many messages without PUBREL; next try in 1 s", "no-pubrel", undefined],
    ["disconnected hub does not read; next try in 1 s", "unread", undefined],
    ["disconnected stream broke off; next try in 1 s", "stream-broken", undefined],
    ["disconnected network lost; next try in 1 s", "network-lost", undefined],
    ["disconnected closed; next try in 1 s", "closed", undefined],
  ])("is recognized by its exact words: %s", (line, word, code) => {
    expect(readFirmwareLine(`~mk ${line}`)).toMatchObject({ word, code });
  });

  it.each(HOSTILE.filter((text) => !/[\r\n]/.test(text)))(
    "has no cause in an app's text: %s",
    async (text) => {
      const lines = [`~mk log ${text}`, `~mk error uncaught Error: ${text}`, `~mk error uncaught ${text}`];
      expect(lines.map((line) => readFirmwareLine(line)?.word)).toEqual([undefined, "uncaught", "uncaught"]);
      const { message } = await diagnosis(lines.map((line) => ({ text: line, atMs: 0 })));
      expect(message).toContain(`Its last message was: error uncaught ${text}.`);
    },
  );

  it.each([
    "error no app in slot 1",
    "error the 201 of the app",
    "error 2010",
    "disconnected refused",
    "disconnected refused: the app (CONNACK 4)",
    "disconnected not found",
  ])("is not recognized by words that it never printed: %s", (line) => {
    expect(readFirmwareLine(`~mk ${line}`)).toMatchObject({ word: undefined, code: undefined });
  });
});
