import { describe, expect, it } from "vitest";
import { tlsCredentials } from "../../host/configure/certificates.ts";
import { environmentSettings, parseDeviceTable, parseSecrets } from "../../host/configure/setting-sources.ts";
import { configurationOf, mergeSettings, type Settings } from "../../host/configure/settings.ts";
import { MotekitError } from "../../host/errors.ts";

const WIFI_BOARD = { deviceId: "esp32-0042", hasWifi: true, hasTls: true };
const WIRED_BOARD = { deviceId: "linux", hasWifi: false, hasTls: true };
const FILE = "motekit.secrets.env";

const settingsOf = (values: Record<string, string>, source = "--test"): Settings =>
  new Map(Object.entries(values).map(([key, text]) => [key, { text, source }]));

function problemOf(action: () => unknown): MotekitError {
  try {
    action();
  } catch (error) {
    if (error instanceof MotekitError) return error;
  }
  throw new Error("Nothing was refused.");
}

describe("the configuration from settings", () => {
  it("has several networks and hubs in order, and the board's own ID", () => {
    const settings = settingsOf({
      DEVICE_NAME: "Boiler, côté est",
      WIFI_SSID: "home",
      WIFI_PASSWORD: "longenough",
      WIFI_2_SSID: "café",
      HUB_URL: "mqtt://10.0.0.2",
      HUB_USERNAME: "dev",
      HUB_PASSWORD: "p",
      HUB_2_URL: "mqtt://user:pa%40ss@hub.example:1884",
    });
    expect(configurationOf(settings, WIFI_BOARD, tlsCredentials)).toEqual({
      version: 1,
      deviceId: "esp32-0042",
      name: "Boiler, côté est",
      wifi: [{ ssid: "home", password: "longenough" }, { ssid: "café" }],
      hub: { host: "10.0.0.2", port: 1883, username: "dev", password: "p" },
      furtherHubs: [{ host: "hub.example", port: 1884, username: "user", password: "pa@ss" }],
      topicPrefix: "devices",
      keepAliveSeconds: 60,
    });
  });

  it("has TLS for a hub whose address says so, by default on port 8883", () => {
    const settings = settingsOf({ HUB_URL: "mqtts://10.0.0.2", HUB_2_URL: "mqtts://hub.example:8884" });
    const { hub, furtherHubs } = configurationOf(settings, WIRED_BOARD, tlsCredentials);
    expect(hub).toEqual({ host: "10.0.0.2", port: 8883, tls: {} });
    expect(furtherHubs).toEqual([{ host: "hub.example", port: 8884, tls: {} }]);
  });

  it("has no Wi-Fi on a board that has a wire", () => {
    const settings = settingsOf({ HUB_URL: "mqtt://10.0.0.2" });
    expect(configurationOf(settings, WIRED_BOARD, tlsCredentials).wifi).toEqual([]);
  });

  it.each([
    [
      "a device's name that is too long",
      { DEVICE_NAME: "é".repeat(33) },
      "DEVICE_NAME",
      "not a valid device name",
    ],
    ["a device's name of two lines", { DEVICE_NAME: "a\nb" }, "DEVICE_NAME", "not a valid device name"],
    ["a network's name that is too long", { WIFI_SSID: "é".repeat(17) }, "WIFI_SSID", "34 bytes"],
    ["a password that is too short", { WIFI_SSID: "a", WIFI_PASSWORD: "short" }, "WIFI_PASSWORD", "5 bytes"],
    ["a password without a network", { WIFI_2_PASSWORD: "longenough" }, "WIFI_2_PASSWORD", "WIFI_2_SSID"],
    ["a hub that is none", { HUB_URL: "https://hub" }, "HUB_URL", "not a valid URL"],
    ["a hub's password without a user", { HUB_PASSWORD: "secret" }, "HUB_PASSWORD", "user name"],
    ["a wildcard in the ID", { DEVICE_ID: "a+b" }, "DEVICE_ID", "part of a topic"],
    [
      "a keep alive of nothing",
      { KEEP_ALIVE_SECONDS: "0" },
      "KEEP_ALIVE_SECONDS",
      "not a valid keep-alive time",
    ],
  ])("cannot contain %s, and the error names the source", (_title, values, key, says) => {
    const base = { WIFI_SSID: "home", HUB_URL: "mqtt://10.0.0.2" };
    const settings = settingsOf({
      ...(key.startsWith("WIFI") ? { HUB_URL: base.HUB_URL } : base),
      ...values,
    });
    const { code, message } = problemOf(() => configurationOf(settings, WIFI_BOARD, tlsCredentials));
    expect({ code, message }).toEqual({
      code: "MK1802",
      message: expect.stringContaining(`${key} (from --test)`),
    });
    expect(message).toContain(says);
    expect(message).not.toMatch(/secret|short"/);
  });

  it("needs all required settings, and the error names those that are missing", () => {
    const { code, message } = problemOf(() => configurationOf(new Map(), WIFI_BOARD, tlsCredentials));
    expect([code, message]).toEqual(["MK1803", "The configuration has no WIFI_SSID and no HUB_URL."]);
  });
});

describe("the sources of settings", () => {
  it("override each other in their order", () => {
    const merged = mergeSettings([
      settingsOf({ DEVICE_ID: "flag" }),
      settingsOf({ DEVICE_ID: "file", HUB_URL: "x" }),
    ]);
    expect([...merged].map(([key, { text }]) => [key, text])).toEqual(
      expect.arrayContaining([
        ["DEVICE_ID", "flag"],
        ["HUB_URL", "x"],
      ]),
    );
  });

  it("include a file of secrets, with comments and quotes", () => {
    const settings = parseSecrets(
      "# mine\nWIFI_SSID=\"my home\" # the 2.4 GHz one\nexport MOTEKIT_HUB_PASSWORD='a#b'\n",
      FILE,
    );
    expect(settings.get("WIFI_SSID")).toEqual({
      text: "my home",
      source: FILE,
      where: { file: FILE, line: 2 },
    });
    expect(settings.get("HUB_PASSWORD")?.text).toBe("a#b");
  });

  it.each([
    ["a line that is no setting", "WIFI_SSID=a\nhunter2\n", "form KEY=value"],
    ["a key that nobody knows", "WIFI_SSID=a\nWIFI_PASWORD=hunter2\n", "WIFI_PASWORD"],
  ])("refuse %s with its line, and do not repeat it", (_title, text, says) => {
    const problem = problemOf(() => parseSecrets(text, FILE));
    expect([problem.code, problem.where]).toEqual(["MK1804", { file: FILE, line: 2 }]);
    expect(problem.message).toContain(says);
    expect(JSON.stringify(problem.problems)).not.toContain("hunter2");
  });

  it("include variables of the environment", () => {
    const settings = environmentSettings({
      MOTEKIT_HUB_URL: "mqtt://h",
      MOTEKIT_PORT: "/dev/x",
      HUB_PASSWORD: "no",
    });
    expect([...settings.keys()]).toEqual(["HUB_URL"]);
  });

  it("include a table of devices", () => {
    const rows = parseDeviceTable(
      '\uFEFFport,device_id,hub_password\r\n/dev/ttyUSB0,a,"x,""y"\r\n\r\n/dev/ttyUSB1,b,\r\n',
      "d.csv",
    );
    expect(
      rows.map(({ port, settings }) => [
        port,
        settings.get("DEVICE_ID")?.text,
        settings.get("HUB_PASSWORD")?.text,
      ]),
    ).toEqual([
      ["/dev/ttyUSB0", "a", 'x,"y'],
      ["/dev/ttyUSB1", "b", undefined],
    ]);
    expect(rows[1]?.settings.get("DEVICE_ID")?.where).toEqual({ file: "d.csv", line: 4 });
  });

  it.each([
    ["an unknown column", "port,device_id,wifi\n", 1],
    ["no port", "device_id\n", 1],
    ["a short row", "port,device_id\n/dev/a,b\n/dev/c\n", 3],
    ["an empty ID", "port,device_id\n/dev/a,\n", 2],
    ["an open quote", 'port,device_id\n/dev/a,"b\n', 2],
  ])("refuse a table with %s", (_title, text, line) => {
    const { code, where } = problemOf(() => parseDeviceTable(text, "d.csv"));
    expect([code, where]).toEqual(["MK1805", { file: "d.csv", line }]);
  });
});
