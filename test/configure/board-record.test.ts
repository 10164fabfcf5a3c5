/** The record in Storage, on the real interpreter: what the host writes the firmware's own reader takes. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONFIGURATION_FILES, openConfiguration } from "../../firmware/contract/configuration.ts";
import {
  formatConfiguration,
  type RecordBoard,
  showConfiguration,
  writeConfiguration,
} from "../../host/configure/board-record.ts";
import { hasProgram } from "../fixtures/programs.ts";

const CONFIGURATION = {
  version: 1,
  deviceId: "dev",
  name: "Böiler",
  wifi: [{ ssid: "café", password: "pässwört" }],
  hub: { host: "10.0.0.2", port: 1883, username: "dev", password: "hunter22" },
  topicPrefix: "devices",
  keepAliveSeconds: 60,
} as const;

describe.skipIf(!hasProgram("espruino"))("the configuration record, on Espruino", () => {
  let folder: string;
  let isCut: boolean;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "motekit-record-"));
    isCut = false;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(script: string): string {
    writeFileSync(join(folder, "script.js"), `${script};quit()`);
    return execFileSync("espruino", ["script.js"], { cwd: folder, encoding: "latin1", timeout: 45_000 });
  }

  const literal = (bytes: Uint8Array) =>
    `"${[...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;

  const board: RecordBoard = {
    name: "/dev/ttyTEST",
    evaluateJson: async <Value>(expression: string) => {
      const found = /<<<(.*)>>>/s.exec(run(`print("<<<"+JSON.stringify(${expression})+">>>")`))?.[1];
      return JSON.parse(found ?? "null") as Value;
    },
    writeFile: async (name, bytes) => {
      const half = isCut ? bytes.subarray(0, bytes.length / 2) : bytes;
      run(`require("Storage").write(${JSON.stringify(name)},${literal(half)},0,${bytes.length})`);
    },
  };

  /** Opens the configuration like the firmware. */
  async function opened() {
    const texts = await board.evaluateJson<(string | null)[]>(
      `${JSON.stringify(CONFIGURATION_FILES)}.map(function(n){return btoa(require("Storage").read(n)||"")})`,
    );
    const files = texts.map((text) => Buffer.from(text ?? "", "base64").toString("latin1"));
    return openConfiguration(files, (bytes) => crc32(Buffer.from(bytes, "latin1")));
  }

  it("is read back by the firmware's reader, and shown without a secret", async () => {
    expect(await writeConfiguration(board, CONFIGURATION)).toBe(1);
    const record = await opened();
    expect(record).toMatchObject({ sequence: 1, deviceId: "dev", hub: CONFIGURATION.hub });
    expect(Buffer.from(record?.wifi[0]?.password ?? "", "latin1").toString()).toBe("pässwört");

    const shown = await showConfiguration(board);
    const lines = formatConfiguration(shown).join("\n");
    expect(shown.hubs[0]?.password).toBe((crc32("hunter22") & 0xffff).toString(16).padStart(4, "0"));
    expect(lines).toContain("device      dev, Böiler\n");
    expect(lines).toContain("dev, •••• (");
    expect(JSON.stringify(shown) + lines).not.toMatch(/hunter22|wört/);
  });

  it("goes to the two files in turn, and a truncated one is never used", async () => {
    await writeConfiguration(board, CONFIGURATION);
    expect(await writeConfiguration(board, { ...CONFIGURATION, deviceId: "two" })).toBe(2);
    isCut = true;
    const cut = writeConfiguration(board, { ...CONFIGURATION, deviceId: "three" });
    await expect(cut).rejects.toMatchObject({ code: "MK1807" });
    expect((await opened())?.deviceId).toBe("two");
    isCut = false;
    expect(await writeConfiguration(board, { ...CONFIGURATION, deviceId: "four" })).toBe(3);
    expect((await showConfiguration(board)).deviceId).toBe("four");
  });

  it("is reported as missing or as damaged", async () => {
    await expect(showConfiguration(board)).rejects.toMatchObject({
      code: "MK1806",
      message: expect.stringContaining("no configuration"),
    });
    isCut = true;
    await expect(writeConfiguration(board, CONFIGURATION)).rejects.toMatchObject({ code: "MK1807" });
    await expect(showConfiguration(board)).rejects.toMatchObject({
      message: expect.stringContaining("damaged"),
    });
  });
});
