import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeFolder } from "../host/file-system/make-folder.ts";

let base = "";

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "motekit-folder-"));
});

afterAll(() => rmSync(base, { recursive: true, force: true }));

it("makeFolder makes a folder and its parents, and accepts an existing folder", () => {
  const folder = join(base, "one", "two");
  makeFolder(folder, 0o700);
  makeFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(base, "one")).mode & 0o777).toBe(0o700);
});

it("makeFolder throws if a file has the name of the folder or of a parent", () => {
  const file = join(base, "file");
  writeFileSync(file, "");
  expect(() => makeFolder(file)).toThrow(/EEXIST/);
  expect(() => makeFolder(join(file, "folder"))).toThrow(/ENOTDIR/);
});

it.skipIf(process.platform !== "linux")("makeFolder throws where no folder can be made", () => {
  expect(() => makeFolder("/proc/none/at/all")).toThrow(/ENOENT/);
});
