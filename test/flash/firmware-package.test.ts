/** A file that is no package, or not the right one, is refused before a line is opened. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync, unzipSync, zipSync } from "fflate";
import { packTar } from "modern-tar";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listBoards, loadBoard } from "../../host/boards.ts";
import { unpackArchive } from "../../host/flash/archive.ts";
import { firmwarePackage } from "../../host/flash/firmware-package.ts";
import { readFirmware } from "../../host/flash/read-firmware.ts";
import { chipImage, packageFiles, partitionTable } from "../fixtures/loader/packages.ts";

const board = loadBoard("esp32");
const files = () => packageFiles(board, 5_000);
const never = new AbortController().signal;
let folder: string;
let server: Server;
let url: string;
let tgz: Uint8Array;

/** Packs the files in a folder of their own, as the project's archives have them. */
async function tarOf(entries: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  return packTar(
    [...entries].map(([name, body]) => ({
      header: { name: `espruino_2v29_esp32/${name}`, size: body.length, mtime: new Date("2026-01-01") },
      body,
    })),
  );
}

function zipOf(entries: ReadonlyMap<string, Uint8Array>, level: 0 | 9): Uint8Array {
  return zipSync(Object.fromEntries([...entries].map(([name, bytes]) => [`espruino/${name}`, bytes])), {
    level,
    mtime: new Date("2026-01-01"),
  });
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const packed = (source: string, hash?: string) => readFirmware(source, hash, never);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "motekit-firmware-"));
  mkdirSync(join(folder, "plain"));
  for (const [name, bytes] of files()) writeFileSync(join(folder, "plain", name), bytes);
  tgz = gzipSync(await tarOf(files()));
  writeFileSync(join(folder, "package.tgz"), tgz);
  writeFileSync(join(folder, "cut.tgz"), tgz.subarray(0, tgz.length / 2));
  const zip = zipOf(files(), 9);
  writeFileSync(join(folder, "package.zip"), zip);
  writeFileSync(join(folder, "cut.zip"), zip.subarray(0, zip.length / 2));
  writeFileSync(join(folder, "text.tgz"), "no archive at all");
  server = createServer((request, response) => {
    if (request.url === "/package.tgz") response.end(tgz);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test.each(["plain", "package.tgz", "package.zip"])(
  "%s is a package for the chip that its files name",
  async (name) => {
    const { board: found, images } = firmwarePackage(await packed(join(folder, name)), listBoards(), name);
    expect(found.id).toBe("esp32");
    expect(images.map(({ offsetBytes }) => offsetBytes)).toEqual([0x1000, 0x8000, 0x10000]);
    for (const { file, bytes } of images)
      expect(Buffer.from(bytes)).toEqual(Buffer.from(files().get(file) as Uint8Array));
  },
);

test("a URL is accepted with its SHA-256, and refused without one or with a wrong one", async () => {
  const found = await packed(`${url}/package.tgz`, sha256(tgz));
  expect([...found.keys()].sort()).toEqual([...files().keys()].sort());
  await expect(packed(`${url}/package.tgz`)).rejects.toMatchObject({ code: "MK1909" });
  await expect(packed(`${url}/package.tgz`, sha256(new Uint8Array(1)))).rejects.toMatchObject({
    code: "MK1909",
    message: expect.stringContaining(sha256(tgz)),
  });
  await expect(packed(`${url}/none`, sha256(tgz))).rejects.toMatchObject({
    code: "MK1910",
    message: expect.stringContaining("404"),
  });
});

test.each(["cut.tgz", "cut.zip", "text.tgz", "none.tgz"])("the package %s cannot be read", async (name) => {
  await expect(packed(join(folder, name))).rejects.toMatchObject({
    code: "MK1901",
    message: expect.stringContaining(name),
  });
});

test.each<[string, (found: Map<string, Uint8Array>) => void, string, RegExp]>([
  [
    "a missing file",
    (found) => found.delete("bootloader.bin"),
    "MK1902",
    /Missing files by board: esp32: bootloader\.bin;/,
  ],
  [
    "an empty file",
    (found) => found.set("bootloader.bin", new Uint8Array(0)),
    "MK1903",
    /bootloader\.bin is empty/,
  ],
  [
    "an image that is cut off",
    (found) => found.set("espruino_esp32.bin", chipImage(0, 5_000).subarray(0, 3_000)),
    "MK1903",
    /espruino_esp32\.bin is incomplete: it has 3000 of 50\d\d bytes/,
  ],
  [
    "an image for another chip",
    (found) => found.set("espruino_esp32.bin", chipImage(5, 5_000)),
    "MK1903",
    /is for esp32c3, but the other files are for esp32/,
  ],
  [
    "what is no image",
    (found) => found.set("espruino_esp32.bin", Buffer.from("<html>".repeat(9))),
    "MK1903",
    /does not begin with E9/,
  ],
  [
    "what is no partition table",
    (found) => found.set("partitions_espruino.bin", new Uint8Array(9)),
    "MK1903",
    /not a partition table/,
  ],
  [
    "an image that reaches into Storage",
    (found) => found.set("espruino_esp32.bin", chipImage(0, 3_300_000)),
    "MK1903",
    /beyond 0x320000/,
  ],
])("%s is refused", (_, change, code, message) => {
  const found = files();
  change(found);
  expect(() => firmwarePackage(found, listBoards(), "it")).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );
});

test("fflate unpacks a gzip and a zip whose CRC-32 is wrong: once it refuses them, our check can go", () => {
  const text = Buffer.from("Not what was packed.");
  const gzip = gzipSync(text);
  gzip[gzip.length - 8] = (gzip[gzip.length - 8] as number) ^ 1;
  expect(Buffer.from(gunzipSync(gzip))).toEqual(text);
  const zip = zipSync({ text }, { level: 0 });
  const at = Buffer.from(zip).indexOf(text);
  zip[at] = (zip[at] as number) ^ 1;
  expect(Buffer.from(unzipSync(zip).text as Uint8Array)).not.toEqual(text);
});

test("a package needs as much flash as its files, its partitions or its bootloader require, whichever is most", () => {
  const MIB = 1024 * 1024;
  const needOf = (changed: Map<string, Uint8Array>) => firmwarePackage(changed, [board], "it").need;
  expect(needOf(files())).toEqual({ bytes: 4 * MIB, why: "the board's Storage ends there" });
  const beyond = new Map([...files(), ["partitions_espruino.bin", partitionTable(0x30_0000, 0x50_0000)]]);
  expect(needOf(beyond)).toEqual({
    bytes: 8 * MIB,
    why: "the partitions of partitions_espruino.bin end there",
  });
  const large = new Map([...beyond, ["bootloader.bin", chipImage(0, 9_000, 1, 16)]]);
  expect(needOf(large)).toEqual({ bytes: 16 * MIB, why: "bootloader.bin was made for that size" });
  const app = new Map([...files(), ["espruino_esp32.bin", chipImage(0, 5_000, 1, 16)]]);
  expect(needOf(app).bytes).toBe(4 * MIB);
});

/** Without the erased flash behind the partition table. */
const small = new Map(
  [...packageFiles(board, 200, 100)].map(([name, bytes]) => [
    name,
    name.startsWith("partitions") ? bytes.subarray(0, 96) : bytes,
  ]),
);

/** Yields the bytes with each of their bits flipped, one after the other. */
function* flipped(bytes: Uint8Array): Generator<{ readonly bit: number; readonly bytes: Uint8Array }> {
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const copy = Uint8Array.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
    yield { bit, bytes: copy };
  }
}

/** Returns what is found of the files; undefined where they are refused. */
async function found(
  read: () => Promise<ReadonlyMap<string, Uint8Array>>,
): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  try {
    const files = await read();
    firmwarePackage(files, [board], "it");
    return files;
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^MK190[123]$/) });
    return undefined;
  }
}

/** A package with a text whose changes only the archive can reveal. */
const withText = new Map([...small, ["README", Buffer.from("Nothing else proves this text. ".repeat(4))]]);

test.each<[string, Map<string, Uint8Array>, (files: Map<string, Uint8Array>) => Promise<Uint8Array>]>([
  ["tar", small, tarOf],
  ["tgz", withText, async (files) => gzipSync(await tarOf(files), { mtime: "2026-01-01" })],
  ["zip", withText, async (files) => zipOf(files, 9)],
  ["zip that is not compressed", withText, async (files) => zipOf(files, 0)],
])("a %s of which any bit is flipped is refused, or its files are the same", async (_, files, pack) => {
  const archive = await pack(files);
  expect([...((await found(() => unpackArchive(archive, "it")))?.keys() ?? [])]).toEqual([...files.keys()]);
  let refused = 0;
  for (const { bit, bytes } of flipped(archive)) {
    const left = await found(() => unpackArchive(bytes, "it"));
    if (!left) refused++;
    else {
      for (const [name, content] of left) {
        // Another name is of no use to anybody.
        const expected = files.get(name) ?? content;
        expect(Buffer.compare(content, expected), `${name}, bit ${bit}`).toBe(0);
      }
    }
  }
  process.stdout.write(`${refused} of ${8 * archive.length} flipped bits refused\n`);
  expect(refused).toBeGreaterThan(archive.length);
});

test.each([...small.keys()])("%s of which any bit is flipped is refused", async (name) => {
  for (const { bit, bytes } of flipped(small.get(name) as Uint8Array)) {
    expect(await found(async () => new Map([...small, [name, bytes]])), `bit ${bit}`).toBeUndefined();
  }
});
