import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  CONFIGURATION_VERSION,
  type Configuration,
  openConfiguration,
  sealConfiguration,
} from "../../firmware/contract/configuration.ts";

const crcOf = (bytes: string): number => crc32(Buffer.from(bytes, "latin1"));

function record(sequence: number, version: number = CONFIGURATION_VERSION): string {
  const configuration = {
    version,
    sequence,
    deviceId: `d${sequence}`,
    wifi: [],
    hub: { host: "h", port: 1 },
  };
  return sealConfiguration(JSON.stringify(configuration), crcOf);
}

const open = (...files: (string | undefined)[]): Configuration | undefined => openConfiguration(files, crcOf);

describe("the configuration record", () => {
  it("is the newer of two whole ones, whichever file it is in", () => {
    expect(open(record(1), record(2))?.deviceId).toBe("d2");
    expect(open(record(9), record(8))?.deviceId).toBe("d9");
    expect(open(undefined, record(3))?.deviceId).toBe("d3");
  });

  it("is the old one where power failed at any byte of writing the new one", () => {
    const newer = record(2);
    for (let written = 0; written < newer.length; written++) {
      const torn = newer.slice(0, written).padEnd(newer.length, "\xff");
      expect(open(record(1), torn)?.deviceId).toBe("d1");
      expect(open(record(1), newer.slice(0, written))?.deviceId).toBe("d1");
    }
  });

  it("is refused with a single bit wrong, of an unknown version, or absent", () => {
    const good = record(1);
    for (let at = 0; at < good.length; at++) {
      const flipped = String.fromCharCode(good.charCodeAt(at) ^ 1);
      expect(open(good.slice(0, at) + flipped + good.slice(at + 1))).toBeUndefined();
    }
    expect(open(record(1, 2))).toBeUndefined();
    expect(open(undefined, undefined)).toBeUndefined();
  });
});
