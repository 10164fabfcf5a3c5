/** Certificate and key from files to a board, and the board with them on a hub that lets in nobody else. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BOOT_CODE_FILE } from "../../firmware/contract/boot-code.ts";
import { loadBoard } from "../../host/boards.ts";
import { buildFirmware } from "../../host/build/build.ts";
import { BoardConsole } from "../../host/serial/console.ts";
import { sendFile } from "../../host/serial/file-transfer.ts";
import { openNodeLine } from "../../host/serial/node-line.ts";
import { type Certificates, makeCertificates } from "../fixtures/certificates.ts";
import { findFreePort, type Mosquitto, startMosquitto } from "../fixtures/mosquitto.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { type Desk, describeOnBoards } from "../fixtures/serial/desk.ts";

const SETUP_MS_MAX = 60_000;
const hubTest = it.skipIf(!hasProgram("mosquitto") || !hasProgram("openssl"));

const APP = `import { start } from "motekit";
import { useTls } from "motekit/tls";
useTls();
start();
`;

/**
 * The app, as what the board starts with. In statements, for Espruino for Linux ends at bytes 03 and 04 of a packet, which
 * the client's own packets in the app have.
 */
async function install(desk: Desk): Promise<void> {
  desk.write("main.ts", APP);
  const { app } = await buildFirmware({ entry: join(desk.folder, "main.ts"), board: loadBoard("linux") });
  const line = await openNodeLine(desk.port);
  const console = new BoardConsole(line);
  Object.assign(await console.identify(), { hasPackets: false });
  await sendFile(console, BOOT_CODE_FILE, app);
  await line.close();
}

describeOnBoards("a hub by TLS", (desk) => {
  let certificates: Certificates | undefined;
  let mosquitto: Mosquitto | undefined;
  let hub: string;

  beforeAll(async () => {
    if (!hasProgram("mosquitto") || !hasProgram("openssl")) return;
    certificates = makeCertificates();
    const port = await findFreePort();
    hub = `mqtts://127.0.0.1:${port}`;
    mosquitto = await startMosquitto(
      "user root",
      `listener ${port} 127.0.0.1`,
      ...certificates.listenerSettings,
      "require_certificate true",
    );
  }, SETUP_MS_MAX);

  afterAll(async () => {
    await mosquitto?.close();
    certificates?.close();
  });

  hubTest("is reached with the certificate of the device, which --wait proves", async () => {
    const { cert, key } = (certificates as Certificates).deviceFiles;
    await install(desk());
    const given = ["configure", "--hub", hub, "--device-id", "dev", "--wait", "--json"];
    const bare = await desk().motekit(...given, "--timeout", "8");
    expect(bare.exitCode).toBe(1);
    const { exitCode, stdout } = await desk().motekit(...given, "--hub-cert", cert, "--hub-key", key);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      connection: {
        hub: hub.slice("mqtts://".length),
        roundTrip: { unknown: expect.stringContaining("over TLS it is not measured") },
      },
    });
  });
});
