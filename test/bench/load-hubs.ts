/** The hubs to compare, each a separate process on a free loopback port. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findFreePort, isListening } from "../fixtures/mosquitto.ts";
import { requireProgram } from "../fixtures/programs.ts";
import { makePackageFromSources } from "../fixtures/run/package-from-sources.ts";

export interface LoadHub {
  readonly port: number;
  /** Resident bytes of the hub's process. */
  memory(): number;
  stop(): Promise<void>;
}

export type StartHub = () => Promise<LoadHub>;

const START_MS_MAX = 10_000;

/** The package built from the current sources. */
const packageFolder = mkdtempSync(join(tmpdir(), "motekit-load-package-"));
process.once("exit", () => rmSync(packageFolder, { recursive: true }));
await makePackageFromSources(packageFolder);

/** The local hub from the package. */
const motekitProgram = (more: string): string => `
import { startHub } from ${JSON.stringify(join(packageFolder, "dist/host/hub/hub.js"))};
const { port } = await startHub({ host: "127.0.0.1", port: 0, wsPort: 0, ${more} });
console.log(port);`;

/** aedes without other layers. */
const AEDES = `
import { createServer } from "node:net";
import { Aedes } from "aedes";
const broker = await Aedes.createBroker();
const server = createServer({ noDelay: true }, (socket) => broker.handle(socket));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));`;

export const LOAD_HUBS: Readonly<Record<string, StartHub>> = {
  motekit: () => startProgram(motekitProgram("")),
  /** With the Wire view of the page, as `motekit hub` starts it. */
  "motekit with wire": () => startProgram(motekitProgram("control: {}")),
  "motekit --data": async () => {
    const folder = mkdtempSync(join(tmpdir(), "motekit-load-"));
    const hub = await startProgram(motekitProgram(`journalFolder: ${JSON.stringify(folder)}`));
    return {
      ...hub,
      async stop() {
        await hub.stop();
        rmSync(folder, { recursive: true });
      },
    };
  },
  aedes: () => startProgram(AEDES),
  Mosquitto: startMosquitto,
};

async function startProgram(source: string): Promise<LoadHub> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    cwd: new URL("../..", import.meta.url),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once("exit", () => reject(new Error("The hub ended before it listened.")));
    createInterface({ input: child.stdout }).once("line", (line) => resolve(Number(line)));
  });
  return loadHub(child, port);
}

async function startMosquitto(): Promise<LoadHub> {
  const port = await findFreePort();
  const folder = mkdtempSync(join(tmpdir(), "motekit-load-"));
  const configuration = join(folder, "mosquitto.conf");
  const settings = ["allow_anonymous true", "persistence false", "set_tcp_nodelay true"];
  writeFileSync(configuration, `listener ${port} 127.0.0.1\n${settings.join("\n")}\n`);
  const child = spawn(requireProgram("mosquitto"), ["-c", configuration], { stdio: "ignore" });
  const deadlineMs = performance.now() + START_MS_MAX;
  while (!(await isListening(port))) {
    if (performance.now() > deadlineMs) throw new Error(`Mosquitto does not listen on port ${port}.`);
  }
  rmSync(folder, { recursive: true });
  return loadHub(child, port);
}

function loadHub(child: ChildProcess, port: number): LoadHub {
  return {
    port,
    memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
    },
    stop: () =>
      new Promise((resolve) => {
        child.removeAllListeners("exit");
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}
