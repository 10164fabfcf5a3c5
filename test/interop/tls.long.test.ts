/** An app with "motekit/tls" and Mosquitto, on both engines of the simulator: encrypted, and the hub not authenticated. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TlsCredentials } from "../../firmware/contract/configuration.ts";
import { loadBoard } from "../../host/boards.ts";
import { ENGINES, type Engine, type SimulatedBoard } from "../../host/simulator/board-api/simulated-board.ts";
import { bootBoard } from "../../host/simulator/engines/boot-board.ts";
import { simulatedConfiguration } from "../../host/simulator/engines/simulated-configuration.ts";
import { type Certificates, makeCertificates } from "../fixtures/certificates.ts";
import { findFreePort, type Mosquitto, startMosquitto } from "../fixtures/mosquitto.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { buildAppOnce } from "../fixtures/run/built-once.ts";
import { listen } from "../fixtures/simulated-boards.ts";
import { until } from "../fixtures/waiting.ts";

/** A handshake takes a second of the interpreter's time, and more on a machine that others use too. */
const WAIT_MS_MAX = 45_000;
const SETUP_MS_MAX = 60_000;
const RECONNECTIONS_MS_MAX = 120_000;

const APP = `import { onCommand, start } from "motekit";
onCommand("echo", (value) => value);
start();
`;
/** An app whose data about each connection comes to lie behind the connection's buffers, and leaves holes in the memory. */
const APP_WITH_TLS = `import { onCommand, start } from "motekit";
import { useTls } from "motekit/tls";
let kept: { text: string }[] = [];
function keep(): void {
  kept = kept.filter((_, index) => index % 3 > 0);
  for (let i = 0; i < 40; i++) kept.push({ text: "x" + i });
}
onCommand("echo", (value) => value);
useTls();
start({ onConnected: keep });
`;
const BREAKS = 3;

describe.skipIf(!hasProgram("mosquitto") || !hasProgram("openssl"))("TLS", () => {
  const board = loadBoard("linux");
  const folder = mkdtempSync(join(tmpdir(), "motekit-tls-"));
  let apps: Readonly<Record<"plain" | "tls", Uint8Array>>;
  let certificates: Certificates;
  let mosquitto: Mosquitto;
  /** The ports of the listeners: one for everybody, one for clients that have a certificate. */
  let openPort: number;
  let strictPort: number;
  let observer: MqttClient;
  let outcomes: string[];
  let lines: string[];
  let simulated: SimulatedBoard | undefined;

  async function build(name: string, text: string): Promise<Uint8Array> {
    const entry = join(folder, `${name}.ts`);
    writeFileSync(entry, text);
    return buildAppOnce(entry, board);
  }

  beforeAll(async () => {
    apps = { plain: await build("plain", APP), tls: await build("tls", APP_WITH_TLS) };
    certificates = makeCertificates();
    openPort = await findFreePort();
    strictPort = await findFreePort();
    mosquitto = await startMosquitto(
      "user root",
      `listener ${openPort} 127.0.0.1`,
      ...certificates.listenerSettings,
      `listener ${strictPort} 127.0.0.1`,
      ...certificates.listenerSettings,
      "require_certificate true",
    );
  }, SETUP_MS_MAX);

  afterAll(async () => {
    certificates?.close();
    await mosquitto?.close();
    rmSync(folder, { recursive: true });
  });

  beforeEach(async () => {
    outcomes = [];
    lines = [];
    observer = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`);
    observer.on("message", (topic, payload, { retain }) => {
      // What is retained tells of a board of an earlier test.
      if (!retain) outcomes.push(`${topic.split("/").pop()} ${payload}`);
    });
    await observer.subscribeAsync(["devices/dev/event/#", "devices/dev/status"], { qos: 1 });
  });

  afterEach(async () => {
    await simulated?.stop();
    simulated = undefined;
    observer.end(true);
  });

  async function boot(
    engine: Engine,
    app: keyof typeof apps,
    port: number,
    tls?: TlsCredentials,
  ): Promise<void> {
    const hub = { host: "127.0.0.1", port, username: "someone", password: "secret", ...(tls && { tls }) };
    simulated = await bootBoard({
      board,
      app: apps[app],
      configuration: simulatedConfiguration(board, hub, "dev"),
      engine,
      onLine: (line) => void lines.push(line),
      onPin: () => undefined,
      onExit: () => undefined,
    });
  }

  /** The line, or an error with all that there are. */
  function printed(start: string): Promise<string> {
    const found = () => lines.find((line) => line.startsWith(start));
    return until(start, found, WAIT_MS_MAX).catch((cause: unknown) => {
      throw new Error(`No line "${start}" among:\n${lines.join("\n")}`, { cause });
    });
  }

  /** The device hears a command of some length and answers it, with several fragments of TLS either way. */
  async function expectEcho(): Promise<void> {
    // It leaves after the SUBSCRIBE: what is published before is for nobody.
    await until("the device's status", () => outcomes.includes("status online"), WAIT_MS_MAX);
    const value = "x".repeat(2_000);
    await observer.publishAsync("devices/dev/command/echo", JSON.stringify(value), { qos: 1 });
    const answer = await until(
      "the answer",
      () => outcomes.find((line) => line.startsWith("echo")),
      WAIT_MS_MAX,
    );
    expect(JSON.parse(answer.slice("echo ".length))).toEqual({ ok: true, value });
  }

  for (const engine of ENGINES) {
    const absent = engine === "espruino" && !hasProgram("espruino");
    describe.skipIf(absent)(`on the engine ${engine}`, () => {
      it(
        "carries messages both ways, and connects again each time that the connection breaks",
        async () => {
          await boot(engine, "tls", openPort, {});
          await printed(`~mk connected 127.0.0.1:${openPort}`);
          await expectEcho();
          for (let count = 0; count < BREAKS; count++) {
            lines.length = 0;
            await mosquitto.stop();
            await printed("~mk disconnected");
            await mosquitto.start();
            await printed("~mk connected");
          }
        },
        RECONNECTIONS_MS_MAX,
      );

      it("sends the device's certificate to the hub, and is refused without it", async () => {
        await boot(engine, "tls", strictPort, {});
        expect(await printed("~mk error uncaught")).toContain("mbedtls_ssl_handshake returned");
        await simulated?.stop();
        await boot(engine, "tls", strictPort, certificates.device);
        await printed("~mk connected");
        await expectEcho();
      });

      it("accepts a hub with an untrusted certificate, because it does not authenticate the hub", async () => {
        // The authority that vouched for the device's own certificate did not make this one.
        const { ca } = certificates.device;
        const others = makeCertificates();
        const port = await findFreePort();
        const impostor = await startMosquitto(
          "user root",
          `listener ${port} 127.0.0.1`,
          ...others.listenerSettings,
        );
        try {
          await boot(engine, "tls", port, { ca });
          await printed("~mk connected");
        } finally {
          await impostor.close();
          others.close();
        }
      });

      it("reports an invalid key", async () => {
        await boot(engine, "tls", openPort, { ...certificates.device, key: btoa("short") });
        expect(await printed("~mk disconnected")).toContain("mbedtls_pk_parse_key");
      });

      it("an app without it says nothing to a hub that is to be reached by TLS", async () => {
        const received: Buffer[] = [];
        let connections = 0;
        const server = await listen((socket) => {
          connections++;
          socket.on("data", (bytes) => received.push(bytes));
        });
        try {
          await boot(engine, "plain", server.port, {});
          expect(await printed("~mk disconnected")).toContain("this app has no TLS");
          await simulated?.stop();
          await boot(engine, "plain", server.port);
          await until("CONNECT in the clear, where TLS is not asked for", () => received.length > 0);
          expect(connections).toBe(1);
        } finally {
          await server.close();
        }
      });
    });
  }
});
