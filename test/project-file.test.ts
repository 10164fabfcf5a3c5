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

it("loadProject returns an empty configuration without a project file", async () => {
  expect(await loadProject(folder)).toEqual({ config: {}, file: undefined });
});

it("loadProject runs a TypeScript project file that imports other modules", async () => {
  writeFileSync(join(folder, "boards.ts"), 'export const board: string = "esp32";\n');
  const file = write(`import { hostname } from "node:os";
import { defineConfig } from "motekit/config";
import { board } from "./boards.ts";
export default defineConfig({ board, device: { id: hostname() ? "dev" : "none" } });
`);
  expect(await loadProject(folder)).toEqual({ config: { board: "esp32", device: { id: "dev" } }, file });
});

it.each([
  ["an unknown field", "export default { baord: 'esp32' };", "MK1003", "baord"],
  [
    "a value of the wrong type",
    "export default { device: { keepAliveSeconds: '60' } };",
    "MK1003",
    "device.keepAliveSeconds",
  ],
  ["a missing default export", "export const board = 'esp32';", "MK1003", "no default export"],
  ["a file that does not parse", "export default {", "MK1002", "end of file"],
  ["a file that throws", "throw new Error('not today');", "MK1002", "not today"],
])("loadProject reports %s", async (_title, text, code, detail) => {
  const file = write(text);
  await expect(loadProject(folder)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(detail),
    where: expect.objectContaining({ file }),
  });
});
