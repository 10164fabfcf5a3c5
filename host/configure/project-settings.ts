/** The settings of a device in the project file. */
import type { ProjectConfig } from "../project/project-file.ts";
import { collectSettings, numberedKey, type Settings } from "./settings.ts";

export function projectSettings({ device, hubs = [], wifi = [] }: ProjectConfig): Settings {
  const source = "the project file";
  return collectSettings([
    ["DEVICE_ID", device?.id, source],
    ["DEVICE_NAME", device?.name, source],
    ["TOPIC_PREFIX", device?.topicPrefix, source],
    ["KEEP_ALIVE_SECONDS", device?.keepAliveSeconds?.toString(), source],
    ...wifi.map(({ ssid }, index) => [numberedKey("WIFI", index + 1, "SSID"), ssid, source] as const),
    ...hubs.flatMap(({ url, username }, index) => [
      [numberedKey("HUB", index + 1, "URL"), url, source] as const,
      [numberedKey("HUB", index + 1, "USERNAME"), username, source] as const,
    ]),
  ]);
}
