/** Several connections of the page, to this hub, to other hubs and as a device. */
import { afterEach, describe, expect, test } from "vitest";
import { DeviceRegistry } from "../../host/hub/devices/device-registry.ts";
import { newDevice } from "../../host/hub/devices/device-settings.ts";
import { hasChromium } from "../fixtures/browser.ts";
import { rows, subscribe, useMessagesPages } from "../fixtures/messages-page.ts";
import { findFreePort, type Mosquitto, startMosquitto } from "../fixtures/mosquitto.ts";

const pageTest = test.skipIf(!hasChromium);
const { makeFolder, open, openClient, openPage } = useMessagesPages();
const mosquittos: Mosquitto[] = [];

afterEach(async () => {
  await Promise.all(mosquittos.splice(0).map((mosquitto) => mosquitto.close()));
});

async function openMosquitto(): Promise<{ readonly port: number; readonly wsUrl: string }> {
  const wsPort = await findFreePort();
  const mosquitto = await startMosquitto(`listener ${wsPort} 127.0.0.1`, "protocol websockets");
  mosquittos.push(mosquitto);
  return { port: mosquitto.port, wsUrl: `ws://127.0.0.1:${wsPort}` };
}

describe("connections of the page", () => {
  pageTest("two hubs may have connections with the same client identifier", async () => {
    const mosquittos = [await openMosquitto(), await openMosquitto()];
    const { page } = await openPage({
      hub: { control: {}, otherHubs: mosquittos.map(({ wsUrl }) => wsUrl) },
    });
    for (const [index, { wsUrl }] of mosquittos.entries()) {
      await page.getByRole("button", { name: "New connection" }).click();
      const form = page.getByRole("form", { name: "New connection" });
      await form.getByLabel("Hub address").fill(wsUrl);
      await form.getByLabel("Client identifier", { exact: false }).fill("pump");
      await form.getByLabel("Connection name").fill(`Hub ${index}`);
      await form.getByRole("button", { name: "Connect" }).click();
      await page
        .locator(".connection", { hasText: `Hub ${index}` })
        .getByText("Connected · pump")
        .waitFor();
    }
    const client = await openClient(mosquittos[0]?.port ?? 0);
    await page.getByRole("button", { name: /^Hub 0/ }).click();
    await subscribe(page, "a", 1);
    await page.locator('[data-filter="a"]').getByText("QoS 1", { exact: true }).waitFor();
    await client.publishAsync("a", "to the first", { qos: 1 });
    await expect.poll(() => rows(page)).toEqual(["to the first"]);
    await page.getByRole("button", { name: /^Hub 1/ }).click();
    await expect.poll(() => rows(page)).toEqual([]);
    await page.getByRole("button", { name: "Close the connection Hub 0" }).click();
    await expect
      .poll(() => page.locator(".connection-name").allTextContents())
      .toEqual(["This hub", "Hub 1"]);
  });

  pageTest("a connection to Mosquitto works if the hub was started with its address", async () => {
    const mosquitto = await openMosquitto();
    const { page, hub } = await openPage({
      hub: { control: {}, otherHubs: [mosquitto.wsUrl] },
    });
    await page.getByRole("button", { name: "New connection" }).click();
    const form = page.getByRole("form", { name: "New connection" });
    await form.getByLabel("Hub address").fill(mosquitto.wsUrl);
    await form.getByLabel("Connection name").fill("Mosquitto");
    await form.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("button", { name: "Mosquitto", exact: false, pressed: true }).waitFor();
    await subscribe(page, "plant/#", 2);
    await page.locator('[data-filter="plant/#"]').getByText("QoS 2", { exact: true }).waitFor();
    const client = await openClient(mosquitto.port);
    await client.publishAsync("plant/pump", "from Mosquitto", { qos: 2 });
    await expect.poll(() => rows(page)).toEqual(["from Mosquitto"]);
    const heard: string[] = [];
    client.on("message", (_topic, payload) => heard.push(payload.toString()));
    await client.subscribeAsync("back", { qos: 2 });
    const panel = page.locator(".publish-panel");
    await panel.getByLabel("Topic", { exact: true }).fill("back");
    await panel.getByLabel("Payload", { exact: true }).fill("to Mosquitto");
    await panel.getByText("2", { exact: true }).click();
    await panel.getByRole("button", { name: "Publish" }).click();
    await expect.poll(() => heard).toEqual(["to Mosquitto"]);
    expect(hub.events.filter(({ event }) => event === "message")).toEqual([]);
    await page.getByRole("button", { name: "Close the connection Mosquitto" }).click();
    await page.getByRole("button", { name: "This hub", exact: false, pressed: true }).waitFor();
  });

  pageTest(
    "a hub that was not given to --page-hub is not allowed by the page's policy, and the form names the option",
    async () => {
      const mosquitto = await openMosquitto();
      const { page } = await open();
      await page.getByRole("button", { name: "New connection" }).click();
      const form = page.getByRole("form", { name: "New connection" });
      await form.getByText("motekit hub --page-hub URL").waitFor();
      await form.getByLabel("Hub address").fill(mosquitto.wsUrl);
      await form.getByLabel("Connection name").fill("Mosquitto");
      await form.getByRole("button", { name: "Connect" }).click();
      await page
        .locator(".connection", { hasText: "Mosquitto" })
        .getByText("Not connected", { exact: false })
        .waitFor();
    },
  );

  pageTest(
    "a connection with wrong credentials shows the hub's reason, and connects again on request",
    async () => {
      const { page } = await openPage({ hub: { profile: "dedicated", control: {} } });
      await page.getByRole("button", { name: "New connection" }).click();
      const form = page.getByRole("form", { name: "New connection" });
      await form.getByLabel("Client identifier", { exact: false }).fill("nobody");
      await form.getByLabel("Password").fill("wrong");
      await form.getByRole("button", { name: "Connect" }).click();
      await form.getByText("A password needs a user name.", { exact: false }).waitFor();
      await form.getByLabel("User name").fill("u");
      await form.getByRole("button", { name: "Connect" }).click();
      const row = page.locator(".connection", { hasText: "nobody" });
      await row.getByText("Refused: identifier rejected", { exact: false }).waitFor();
      await row.getByRole("button", { name: "Connect", exact: true }).click();
      await row.getByText("Refused: identifier rejected", { exact: false }).waitFor();
    },
  );

  pageTest("a connection as a device has the permissions of the device", async () => {
    const hubFolder = makeFolder();
    const device = newDevice([], "pump", { publishAccept: ["mine/#"] });
    await new DeviceRegistry(hubFolder).change(() => ({ devices: [device], result: undefined }));
    const { page, hub } = await openPage({
      hub: { hubFolder, profile: "dedicated", control: {} },
      address: (opened) => `${opened.pageLink}&as=${device.id}`,
    });
    const panel = page.locator(".publish-panel");
    for (const topic of ["theirs/a", "mine/a"]) {
      await panel.getByLabel("Topic", { exact: true }).fill(topic);
      await panel.getByText("1", { exact: true }).click();
      await panel.getByRole("button", { name: "Publish" }).click();
      await panel.getByText(`Published to ${topic}`).waitFor();
    }
    expect(hub.events.find(({ event }) => event === "denied")).toMatchObject({
      clientId: device.id,
      topic: "theirs/a",
    });
    expect(hub.events.filter(({ event }) => event === "message")).toMatchObject([
      { clientId: device.id, topic: "mine/a" },
    ]);
  });
});
