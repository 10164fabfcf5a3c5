/** Bundles the hub's web page into dist/page: what the browser gets is made here, and nothing of it comes from elsewhere. */
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { packageRoot } from "./package-root.ts";

const BROWSERS = ["chrome109", "firefox115", "safari16"];
const STATIC_FILES = ["index.html", "icon.svg"];

/** Writes index.html, page.js, page.css and icon.svg into the folder, which it makes. */
export async function buildPage(folder: string): Promise<void> {
  const source = join(packageRoot(), "host", "page");
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: { page: join(source, "main.tsx") },
    outdir: folder,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
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
