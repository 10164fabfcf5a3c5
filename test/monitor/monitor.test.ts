import { beforeEach, expect, it } from "vitest";
import { MotekitError } from "../../host/errors.ts";
import { Monitor } from "../../host/monitor/monitor.ts";
import { createRedactor } from "../../host/monitor/redactor.ts";
import type { Line } from "../../host/serial/line.ts";
import type { SourcePositions } from "../../host/trace/source-positions.ts";
import { capture, capturedPositions, expectedTraces, type Shown, shown } from "../fixtures/crashing-app.ts";
import { TestLine } from "../fixtures/test-line.ts";
import { until } from "../fixtures/waiting.ts";

let lines: TestLine[];
let said: string[];
let traces: Shown[];
let ending: AbortController;
/** What the next attempts to open the port fail with. */
let failures: string[];

beforeEach(() => {
  lines = [];
  said = [];
  traces = [];
  failures = [];
  ending = new AbortController();
});

function start(
  positions?: SourcePositions,
  secrets: string[] = [],
  before = "",
): { monitor: Monitor; ended: Promise<Line | undefined> } {
  const monitor = new Monitor({
    open: () => {
      const code = failures.shift();
      if (code) return Promise.reject(new MotekitError({ code, message: "There is no port." }));
      lines.push(new TestLine());
      return Promise.resolve(lines.at(-1) as TestLine);
    },
    positions,
    redact: createRedactor(secrets),
    signal: ending.signal,
    sink: {
      onLine: (line) => void said.push(line),
      onUnfinished: (text) => void said.push(`${text}…`),
      onTrace: (trace) => void traces.push(shown(trace)),
      onNotice: (text) => void said.push(`# ${text}`),
    },
  });
  monitor.push(before);
  const first = new TestLine();
  lines.push(first);
  return { monitor, ended: monitor.run(first) };
}

async function opened(count: number): Promise<TestLine> {
  await until(`line ${count}`, () => lines.length === count);
  return lines.at(-1) as TestLine;
}

it("shows lines as they end, and a prompt when the board falls silent", async () => {
  const { ended } = start();
  const line = await opened(1);
  line.send(">typ\x1b[D\x1b[D\x1b[D\r\x1b[Jhällo\r\nhalf");
  line.send(" a line\r\n>");
  expect(said).toEqual(["hällo", "half a line"]);
  await until("the prompt", () => said.at(-1) === ">…");
  line.send(new Uint8Array([0xff, 0x41, 0x0a]));
  expect(said.at(-1)).toBe(">ÿA");
  ending.abort();
  await ended;
});

it("shows stack traces in the words of the sources", async () => {
  const { ended } = start(capturedPositions());
  const line = await opened(1);
  line.send(Buffer.from(capture("2v29.277.txt"), "latin1"));
  ending.abort();
  await ended;
  expect(traces).toEqual(expectedTraces("espruino"));
});

it("hides secrets", async () => {
  const { ended } = start(undefined, ["hunter22", 'a"quote', "x"]);
  const line = await opened(1);
  line.send(
    'key hunter22 and "a\\"quote"\r\nwifi.connect("home",{password:"geheim\\" nis"})\r\n{"password":"other","x":1}\r\npassword=geheim&x=1 wrong password: AUTH_FAIL\r\n',
  );
  ending.abort();
  await ended;
  expect(said).toEqual([
    'key •••• and "••••"',
    'wifi.connect("home",{password:"••••"})',
    '{"password":"••••","x":1}',
    "password=••••&x=1 wrong password: AUTH_FAIL",
  ]);
});

it("waits for a board that was unplugged, and goes on", async () => {
  const { ended, monitor } = start();
  const line = await opened(1);
  line.send("cut o");
  failures = ["MK1601", "MK1603"];
  line.end({ reason: "unplugged" });
  monitor.type("lost");
  const next = await opened(2);
  next.send("boot\r\n");
  monitor.type("\x03");
  expect(next.written).toBe("\x03");
  ending.abort();
  await ended;
  expect(said).toEqual([
    "cut o",
    "# /dev/ttyTEST was unplugged. Waiting for it to come back.",
    "# /dev/ttyTEST is back.",
    "boot",
  ]);
});

it("goes on where somebody else stopped to read, and leaves the line open", async () => {
  const { ended } = start(undefined, [], "one\r\nhalf a");
  const line = await opened(1);
  line.send(" line\r\n");
  ending.abort();
  expect(await ended).toBe(line);
  await line.write(new Uint8Array([0x0a]));
  expect(said).toEqual(["one", "half a line"]);
});
