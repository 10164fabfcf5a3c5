import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadProject } from "../host/project/project-file.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "motekit-project-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const file = join(folder, "motekit.config.ts");
  writeFileSync(file, text);
  return file;
}

it("is empty where there is none", async () => {
  expect(await loadProject(folder)).toEqual({ config: {}, file: undefined });
});

it("is run: TypeScript, and other modules of the project", async () => {
  writeFileSync(join(folder, "boards.ts"), 'export const board: string = "esp32";\n');
  const file = write(`import { hostname } from "node:os";
import { defineConfig } from "motekit/config";
import { board } from "./boards.ts";
export default defineConfig({ board, device: { id: hostname() ? "dev" : "none" } });
`);
  expect(await loadProject(folder)).toEqual({ config: { board: "esp32", device: { id: "dev" } }, file });
});

it.each([
  ["a field that there is not", "export default { baord: 'esp32' };", "MK1003", "baord"],
  [
    "a value of another type",
    "export default { device: { keepAliveSeconds: '60' } };",
    "MK1003",
    "device.keepAliveSeconds",
  ],
  ["no default export", "export const board = 'esp32';", "MK1003", "no default export"],
  ["what does not parse", "export default {", "MK1002", "end of file"],
  ["what throws", "throw new Error('not today');", "MK1002", "not today"],
])("refuses %s", async (_title, text, code, says) => {
  const file = write(text);
  await expect(loadProject(folder)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(says),
    where: expect.objectContaining({ file }),
  });
});
