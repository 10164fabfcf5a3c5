/** `configure` writes certificate and key from files to a board, which connects with them to a hub that requires both. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Certificates, makeCertificates } from "../fixtures/certificates.ts";
import { findFreePort, type Mosquitto, startMosquitto } from "../fixtures/mosquitto.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { describeOnBoards } from "../fixtures/serial/board-setup.ts";
import { installApp } from "../fixtures/serial/install-app.ts";

const SETUP_MS_MAX = 60_000;
const hubTest = it.skipIf(!hasProgram("mosquitto") || !hasProgram("openssl"));

const APP = `import { start } from "motekit";
import { useTls } from "motekit/tls";
useTls();
start();
`;

describeOnBoards("configure with an mqtts:// hub", (setup) => {
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

  hubTest("--wait reports a connection with the device's certificate, and none without it", async () => {
    const { cert, key } = (certificates as Certificates).deviceFiles;
    await installApp(setup(), APP);
    const given = ["configure", "--hub", hub, "--device-id", "dev", "--wait", "--json"];
    const bare = await setup().motekit(...given, "--timeout", "8");
    expect(bare.exitCode).toBe(1);
    const { exitCode, stdout } = await setup().motekit(...given, "--hub-cert", cert, "--hub-key", key);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      connection: {
        hub: hub.slice("mqtts://".length),
        roundTrip: { unknown: expect.stringContaining("a second connection over TLS takes") },
      },
    });
  });
});
