/** The text of `.bootcde`, from firmware/boot: the same for each board, except for the address of its Storage. */
import { join } from "node:path";
import * as esbuild from "esbuild";
import { BOOT_CODE_MARK } from "../../firmware/contract/boot-code.ts";
import type { Board } from "../boards.ts";
import { packageRoot } from "../file-system/package-root.ts";
import { bundleOptions, minifyOptions } from "./bundling/minify-options.ts";

const ENTRY = join(packageRoot(), "firmware", "boot", "boot.ts");
/** The entry's last statement calls it, by a name that the minifier keeps because nobody declares it. */
const RUN = "runAtTopLevel(";

export async function buildBootCode({ storage }: Pick<Board, "storage">): Promise<Uint8Array> {
  const result = await esbuild.build({
    ...bundleOptions,
    ...minifyOptions,
    entryPoints: [ENTRY],
    external: ["Storage", "Flash"],
    define: {
      STORAGE_ADDRESS_BYTES: String(storage.addressBytes),
      STORAGE_SIZE_BYTES: String(storage.sizeBytes),
    },
    sourcemap: false,
    write: false,
    tsconfigRaw: {},
  });
  const code = (result.outputFiles[0] as esbuild.OutputFile).text.trim().replace(/;$/, "");
  const at = code.lastIndexOf(RUN);
  if (at < 0) throw new Error("The boot code runs nothing.");
  return Buffer.from(
    `${BOOT_CODE_MARK}eval(function(){${code.slice(0, at)}return ${code.slice(at + RUN.length, -1)}}())`,
    "latin1",
  );
}
