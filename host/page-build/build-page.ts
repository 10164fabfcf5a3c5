/** Bundles the hub's web page into dist/page. The browser loads nothing from other servers. */
import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { packageRoot } from "../file-system/package-root.ts";

const BROWSERS = ["chrome109", "firefox115", "safari16"];
const STATIC_FILES = ["index.html", "icon.svg"];

/** Folder of the parts of the program that the browser loads on demand. */
const CHUNK_FOLDER = "chunks";

/** Writes index.html, page.js, its chunks, page.css and icon.svg into the folder, and creates it if needed. */
export async function buildPage(folder: string): Promise<void> {
  const source = join(packageRoot(), "host", "page");
  await mkdir(folder, { recursive: true });
  // The names of chunks contain hashes, so a new build does not overwrite the chunks of the previous one.
  await rm(join(folder, CHUNK_FOLDER), { recursive: true, force: true });
  await build({
    entryPoints: { page: join(source, "main.tsx") },
    outdir: folder,
    bundle: true,
    splitting: true,
    chunkNames: `${CHUNK_FOLDER}/[name]-[hash]`,
    minify: true,
    format: "esm",
    platform: "browser",
    alias: { "@espruino-tools/uart": join(source, "board", "no-line.ts") },
    target: BROWSERS,
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "eof",
    logLevel: "warning",
  });
  await Promise.all(STATIC_FILES.map((name) => copyFile(join(source, name), join(folder, name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPage(join(packageRoot(), "dist", "page"));
}
