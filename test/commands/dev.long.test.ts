/** `dev`, `hub` and `simulate` as separate processes, as a new user runs them. */
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

/** Starts mosquitto_sub. Returns a function that gives its output so far. */
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

describe.skipIf(!hasProgram("mosquitto_sub"))("motekit dev with Mosquitto's clients", () => {
  it("mosquitto_sub receives telemetry, and the command `led` from mosquitto_pub changes the pin", async () => {
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

  it("mosquitto_sub receives the will when the process of a simulated board is killed", async () => {
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
  it("uses the next free port with a warning if the default port is in use; motekit hub fails", async () => {
    const otherServer = createServer().on("error", () => undefined);
    await new Promise<void>((resolve) =>
      otherServer.once("error", resolve).listen(1883, "127.0.0.1", resolve),
    );
    try {
      const dev = start("dev");
      await dev.untilLine("page");
      await vi.waitFor(() =>
        expect(dev.errors.join("\n")).toMatch(
          /Port 1883 is in use by another program, so MQTT uses port \d+ instead/,
        ),
      );
      const hub = await runCommand(["hub", "--ws-port", "0"], folder);
      expect(hub.stderr).toContain("MK1401");
      expect(hub.exitCode).toBe(1);
    } finally {
      otherServer.close();
    }
  });

  it("opens the networks of the project file on loopback only, and admits its own board", async () => {
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

  it("rebuilds and restarts the board when a source file changes, and keeps running after a build error", async () => {
    const entry = join(folder, "src", "main.ts");
    const writeEntry = (text: string) =>
      writeFileSync(entry, `import { log, start } from "motekit";\nlog(${text});\nstart();\n`);
    mkdirSync(join(folder, "src"));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(REPOSITORY, join(folder, "node_modules", "motekit"));
    writeEntry('"first"');
    const dev = start("dev", "--json");
    await dev.untilLine('"detail":"first"');
    writeEntry('"second');
    await dev.untilLine('"event":"build-failed"');
    writeEntry('"third"');
    await dev.untilLine('"detail":"third"');
    expect(dev.lines.join("\n")).not.toContain('second"}');
  });
});

describe.skipIf(!hasProgram("chromium"))("the page of motekit dev", () => {
  it("shows a message of the firmware, and its switch controls the LED", async () => {
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
