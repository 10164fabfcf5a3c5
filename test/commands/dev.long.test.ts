/** The commands that run until told to end, as processes of their own: what a newcomer sees. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type RunningCommand, runCommand, startCommand } from "../fixtures/command.ts";
import { hasProgram, requireProgram } from "../fixtures/programs.ts";

const WAIT_MS = 45_000;
const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

interface Listening {
  readonly port: number;
  readonly wsPort: number;
  readonly wssPort?: number;
  readonly pageUrl: string;
}

let folder: string;
const commands: RunningCommand[] = [];
const programs: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "motekit-dev-"));
});

afterEach(async () => {
  for (const program of programs.splice(0)) program.kill();
  await Promise.all(commands.splice(0).map((command) => command.interrupt()));
  rmSync(folder, { recursive: true });
});

function start(...args: string[]): RunningCommand {
  const command = startCommand(args, folder);
  commands.push(command);
  return command;
}

async function listening(command: RunningCommand): Promise<Listening> {
  return JSON.parse(await command.untilLine('"event":"listening"')) as Listening;
}

/** mosquitto_sub on a hub; what it printed so far. */
function subscribe(port: number, topicFilter: string): () => string {
  const program = spawn(requireProgram("mosquitto_sub"), [
    "-p",
    String(port),
    "-t",
    topicFilter,
    "-F",
    "%t %r %p",
  ]);
  programs.push(program);
  let text = "";
  program.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return () => text;
}

async function publish(port: number, topic: string, payload: string): Promise<void> {
  const program = spawn(requireProgram("mosquitto_pub"), [
    "-p",
    String(port),
    "-t",
    topic,
    "-m",
    payload,
    "-q",
    "1",
  ]);
  await new Promise((resolve) => program.once("exit", resolve));
}

function untilMatch(text: () => string, pattern: RegExp): Promise<void> {
  return vi.waitFor(() => expect(text()).toMatch(pattern), { timeout: WAIT_MS, interval: 20 });
}

describe.skipIf(!hasProgram("mosquitto_sub"))("motekit dev, seen by Mosquitto's own clients", () => {
  it("shows telemetry to mosquitto_sub, and an `led` of mosquitto_pub changes the pin", async () => {
    const dev = start("dev", "--json", "--board", "esp32");
    const { port } = await listening(dev);
    const seen = subscribe(port, "devices/#");
    await untilMatch(seen, /^devices\/esp32-sim\/status \d online$/m);
    await publish(port, "devices/esp32-sim/command/interval", "1");
    await untilMatch(seen, /^devices\/esp32-sim\/telemetry\/temperature 0 \d+/m);
    await publish(port, "devices/esp32-sim/command/led", "true");
    expect(JSON.parse(await dev.untilLine('"event":"pin"'))).toEqual({ event: "pin", pin: "D2", level: 1 });
    await untilMatch(seen, /^devices\/esp32-sim\/event\/led 0 {"ok":true,"value":true}$/m);
  });

  it("shows the will when the process of a board is killed", async () => {
    const hub = start("hub", "--port", "0", "--ws-port", "0", "--json");
    const { port } = await listening(hub);
    const seen = subscribe(port, "devices/+/status");
    const board = start(
      "simulate",
      "--board",
      "linux",
      "--hub",
      `mqtt://127.0.0.1:${port}`,
      "--id",
      "doomed",
    );
    await untilMatch(seen, /^devices\/doomed\/status \d online$/m);
    board.process.kill("SIGKILL");
    await untilMatch(seen, /^devices\/doomed\/status \d offline$/m);
  });
});

describe("motekit dev", () => {
  it("takes the next free port where the usual one is taken, and says so; hub does not", async () => {
    const squatter = createServer().on("error", () => undefined);
    await new Promise<void>((resolve) => squatter.once("error", resolve).listen(1883, "127.0.0.1", resolve));
    try {
      const dev = start("dev");
      await dev.untilLine("page");
      await vi.waitFor(() =>
        expect(dev.errors.join("\n")).toMatch(/Port 1883 is taken by another program; MQTT is on \d+/),
      );
      const hub = await runCommand(["hub", "--ws-port", "0"], folder);
      expect(hub.stderr).toContain("Port 1883");
      expect(hub.exitCode).toBe(1);
    } finally {
      squatter.close();
    }
  });

  it("opens the networks that the project names, for this machine alone, and lets its own board in", async () => {
    const localHub = {
      host: "0.0.0.0",
      profile: "dedicated",
      port: 0,
      wsPort: 0,
      wssPort: 0,
      pageHubs: ["wss://hub.example:8084/mqtt"],
    };
    writeFileSync(
      join(folder, "motekit.config.ts"),
      `export default { localHub: ${JSON.stringify(localHub)} };`,
    );
    const dev = start("dev", "--json");
    const { pageUrl, wssPort } = await listening(dev);
    await dev.untilLine('"event":"connected"');
    expect(wssPort).toBeGreaterThan(0);
    expect(new URL(pageUrl).hostname).toBe("127.0.0.1");
    expect(dev.errors.join("\n")).not.toContain("open to the network");
    const page = await fetch(pageUrl);
    expect(page.headers.get("content-security-policy")).toContain("wss://hub.example:8084");
  });

  it("rebuilds and reboots when a source of the user's changes, and stays up when it does not build", async () => {
    const entry = join(folder, "src", "main.ts");
    const say = (text: string) =>
      writeFileSync(entry, `import { log, start } from "motekit";\nlog(${text});\nstart();\n`);
    mkdirSync(join(folder, "src"));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(REPOSITORY, join(folder, "node_modules", "motekit"));
    say('"first"');
    const dev = start("dev", "--json");
    await dev.untilLine('"detail":"first"');
    say('"second');
    await dev.untilLine('"event":"build-failed"');
    say('"third"');
    await dev.untilLine('"detail":"third"');
    expect(dev.lines.join("\n")).not.toContain('second"}');
  });
});

describe.skipIf(!hasProgram("chromium"))("the page on motekit dev", () => {
  it("shows a live message of the firmware, and its switch turns the LED", async () => {
    const dev = start("dev", "--json");
    const { pageUrl } = await listening(dev);
    await dev.untilLine('"event":"connected"');
    let browser: Browser | undefined;
    try {
      browser = await chromium.launch({
        executablePath: requireProgram("chromium"),
        args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
      });
      const page = await browser.newPage();
      page.setDefaultTimeout(WAIT_MS);
      await page.goto(pageUrl);
      await page.getByText("devices/esp32-sim/telemetry/uptime").filter({ visible: true }).first().waitFor();
      const led = page.getByRole("switch", { name: "LED" });
      await led.click();
      expect(JSON.parse(await dev.untilLine('"event":"pin"'))).toEqual({ event: "pin", pin: "D2", level: 1 });
      await vi.waitFor(async () => expect(await led.getAttribute("aria-checked")).toBe("true"), {
        timeout: WAIT_MS,
      });
      await led.click();
      await dev.untilLine('"level":0');
    } finally {
      await browser?.close();
    }
  });
});
