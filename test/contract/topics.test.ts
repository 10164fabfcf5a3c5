import { expect, it } from "vitest";
import { formatConsoleLine, parseConsoleLine } from "../../firmware/contract/console-lines.ts";
import { deviceTopic, parseDeviceTopic } from "../../firmware/contract/topics.ts";

it("a topic is read back as it was written, slashes in the prefix and the name too", () => {
  for (const [kind, name] of [
    ["status", ""],
    ["telemetry", "a/b"],
    ["command", "led"],
    ["event", "boot"],
  ] as const) {
    expect(parseDeviceTopic("x/y", deviceTopic("x/y", "dev", kind, name))).toEqual({
      deviceId: "dev",
      kind,
      name,
    });
  }
});

it.each([
  "devices",
  "devices/a",
  "devices//status",
  "devices/a/other/x",
  "devices/a/telemetry",
  "else/a/status",
  "devices/a/status/x",
])("%s is no topic of a device", (topic) => expect(parseDeviceTopic("devices", topic)).toBeUndefined());

it("a console line is read back as it was written, and free text is not taken for one", () => {
  expect(parseConsoleLine(formatConsoleLine("log", "a  b"))).toEqual({ kind: "log", detail: "a  b" });
  expect(parseConsoleLine("mk log a")).toBeUndefined();
});
