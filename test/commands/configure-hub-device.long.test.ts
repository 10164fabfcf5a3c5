/** A device of the local hub put onto a board in one step, and the board on the hub that lets in nobody else. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { openAuthority, serverCertificate } from "../../host/hub/certificates/authority.ts";
import { runCommand } from "../fixtures/command.ts";
import { openHub } from "../fixtures/hubs.ts";
import { describeOnBoards } from "../fixtures/serial/desk.ts";
import { installApp } from "../fixtures/serial/install-app.ts";

const PLAIN_APP = `import { start } from "motekit";
start();
`;
const TLS_APP = `import { start } from "motekit";
import { useTls } from "motekit/tls";
useTls();
start();
`;

describeOnBoards("a device of the local hub", (desk) => {
  const hubFolder = () => join(desk().folder, ".motekit", "hub");

  async function addDevice(...args: readonly string[]): Promise<string> {
    const { stdout } = await runCommand(["hub", "device", "add", "pump", ...args, "--json"], desk().folder);
    return (JSON.parse(stdout) as { device: { id: string } }).device.id;
  }

  it("is let in by the password that configure made for it, and that is shown nowhere", async () => {
    await installApp(desk(), PLAIN_APP);
    const id = await addDevice("--password");
    const hub = await openHub({ hubFolder: hubFolder(), profile: "dedicated" });
    const given = ["--hub", `mqtt://127.0.0.1:${hub.port}`, "--hub-device", "pump", "--wait", "--json"];
    const { exitCode, stdout, stderr } = await desk().motekit("configure", ...given);
    expect([exitCode, stderr]).toEqual([0, ""]);
    // A second connection would be the same device's, and end the first.
    const roundTrip = { unknown: expect.stringContaining("take the first one's place") };
    expect(JSON.parse(stdout)).toMatchObject({
      deviceId: id,
      connection: { hub: `127.0.0.1:${hub.port}`, roundTrip },
    });
    const connected = hub.events.filter(({ event }) => event === "connected");
    expect(connected).toEqual([expect.objectContaining({ clientId: id })]);
  });

  it("is let in by mutual TLS with the certificate that configure made for it", async () => {
    await installApp(desk(), TLS_APP);
    const id = await addDevice("--certificate", "--insecure", "deny");
    const { certificatePem: authorityPem } = await openAuthority(hubFolder());
    const tls = { ...(await serverCertificate(hubFolder())), authorityPem };
    const hub = await openHub({ hubFolder: hubFolder(), profile: "dedicated", tls, tlsPort: 0 });
    const given = ["--hub", `mqtts://127.0.0.1:${hub.tlsPort}`, "--hub-device", "pump", "--wait", "--json"];
    const { exitCode, stdout, stderr } = await desk().motekit("configure", ...given);
    expect([exitCode, stderr], stdout).toEqual([0, ""]);
    expect(hub.events).toContainEqual(
      expect.objectContaining({ event: "connected", clientId: id, connection: "tls" }),
    );
  });

  it("that is not there leaves the board as it was", async () => {
    const given = ["--hub", "mqtt://127.0.0.1:1", "--hub-device", "nobody"];
    const { exitCode, stderr } = await desk().motekit("configure", ...given);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('MK1412 The hub has no device "nobody"')]);
  });
});
