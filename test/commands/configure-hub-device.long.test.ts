/** `configure --hub-device` gives a board the identity of a device, and the board connects to a hub that admits only devices. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { openAuthority, serverCertificate } from "../../host/hub/certificates/authority.ts";
import { runCommand } from "../fixtures/command.ts";
import { openHub } from "../fixtures/hubs.ts";
import { describeOnBoards } from "../fixtures/serial/board-setup.ts";
import { installApp } from "../fixtures/serial/install-app.ts";

const PLAIN_APP = `import { start } from "motekit";
start();
`;
const TLS_APP = `import { start } from "motekit";
import { useTls } from "motekit/tls";
useTls();
start();
`;

describeOnBoards("configure --hub-device", (setup) => {
  const hubFolder = () => join(setup().folder, ".motekit", "hub");

  async function addDevice(...args: readonly string[]): Promise<string> {
    const { stdout } = await runCommand(["hub", "device", "add", "pump", ...args, "--json"], setup().folder);
    return (JSON.parse(stdout) as { device: { id: string } }).device.id;
  }

  it("generates a password with which the board connects, and prints it nowhere", async () => {
    await installApp(setup(), PLAIN_APP);
    const id = await addDevice("--password");
    const hub = await openHub({ hubFolder: hubFolder(), profile: "dedicated" });
    const given = ["--hub", `mqtt://127.0.0.1:${hub.port}`, "--hub-device", "pump", "--wait", "--json"];
    const { exitCode, stdout, stderr } = await setup().motekit("configure", ...given);
    expect([exitCode, stderr]).toEqual([0, ""]);
    // A second connection of the same device would end the first one.
    const roundTrip = { unknown: expect.stringContaining("take the first one's place") };
    expect(JSON.parse(stdout)).toMatchObject({
      deviceId: id,
      connection: { hub: `127.0.0.1:${hub.port}`, roundTrip },
    });
    const connected = hub.events.filter(({ event }) => event === "connected");
    expect(connected).toEqual([expect.objectContaining({ clientId: id })]);
  });

  it("issues a certificate with which the board connects by mutual TLS", async () => {
    await installApp(setup(), TLS_APP);
    const id = await addDevice("--certificate", "--insecure", "deny");
    const { certificatePem: authorityPem } = await openAuthority(hubFolder());
    const tls = { ...(await serverCertificate(hubFolder())), authorityPem };
    const hub = await openHub({ hubFolder: hubFolder(), profile: "dedicated", tls, tlsPort: 0 });
    const given = ["--hub", `mqtts://127.0.0.1:${hub.tlsPort}`, "--hub-device", "pump", "--wait", "--json"];
    const { exitCode, stdout, stderr } = await setup().motekit("configure", ...given);
    expect([exitCode, stderr], stdout).toEqual([0, ""]);
    expect(hub.events).toContainEqual(
      expect.objectContaining({ event: "connected", clientId: id, connection: "tls" }),
    );
  });

  it("fails for a device that the hub does not have, without changing the board", async () => {
    const given = ["--hub", "mqtt://127.0.0.1:1", "--hub-device", "nobody"];
    const { exitCode, stderr } = await setup().motekit("configure", ...given);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("MK1412")]);
  });
});
