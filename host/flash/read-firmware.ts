/** A package of the interpreter from where the user has it: a folder, an archive, or a URL. */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { MotekitError } from "../errors.ts";
import { unpackArchive } from "./archive.ts";

const DOWNLOAD_MS_MAX = 120_000;
/** Packages have some 2 MB. */
const DOWNLOAD_BYTES_MAX = 64 * 1024 * 1024;

/**
 * The files by their names. `sha256` (hexadecimal) is held to what an archive's or URL's bytes have; a URL needs one, and a
 * folder has none.
 *
 * @throws MK1901 it cannot be read or unpacked, MK1909 the SHA-256 is missing, another, or of a folder, MK1910 the download
 * failed.
 */
export async function readFirmware(
  source: string,
  sha256: string | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (/^https?:\/\//.test(source)) {
    if (sha256 === undefined) throw noSha256(source);
    const bytes = await download(source, signal);
    refuseOtherSha256(bytes, sha256, source);
    return unpackArchive(bytes, source);
  }
  try {
    if ((await stat(source)).isDirectory()) {
      if (sha256 !== undefined) throw sha256OfFolder(source);
      return await readFolder(source);
    }
    const bytes = await readFile(source);
    if (sha256 !== undefined) refuseOtherSha256(bytes, sha256, source);
    return await unpackArchive(bytes, source);
  } catch (cause) {
    if (cause instanceof MotekitError) throw cause;
    throw new MotekitError(
      {
        code: "MK1901",
        message: `The firmware cannot be read: ${(cause as Error).message}.`,
        where: { file: source },
        remedy: "Give --firmware a folder, a .zip or .tgz, or a URL with its --sha256.",
      },
      { cause },
    );
  }
}

async function readFolder(folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith(".bin")) {
      files.set(basename(entry.name), await readFile(join(folder, entry.name)));
    }
  }
  return files;
}

async function download(url: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_MS_MAX)]),
    });
    if (!response.ok) throw new Error(`the server answers ${response.status} ${response.statusText}`);
    const pieces: Uint8Array[] = [];
    let total = 0;
    for await (const piece of response.body ?? []) {
      pieces.push(piece);
      total += piece.length;
      if (total > DOWNLOAD_BYTES_MAX) throw new Error(`it has more than ${DOWNLOAD_BYTES_MAX} bytes`);
    }
    return Buffer.concat(pieces);
  } catch (cause) {
    const { message, cause: inner } = cause as Error;
    throw new MotekitError(
      {
        code: "MK1910",
        message: `${url} could not be downloaded: ${inner instanceof Error ? inner.message : message}.`,
        remedy: "Check the address and the network, or download it by other means and give the file.",
      },
      { cause },
    );
  }
}

function noSha256(url: string): MotekitError {
  return new MotekitError({
    code: "MK1909",
    message: `${url} was given without its SHA-256, so nobody would notice another file.`,
    remedy:
      "Give --sha256 with the 64 hexadecimal digits that its publisher names, or that you have checked.",
  });
}

function sha256OfFolder(folder: string): MotekitError {
  return new MotekitError({
    code: "MK1909",
    message: `${folder} is a folder, which has no SHA-256 of its own: nothing would be checked by --sha256.`,
    remedy: "Give the archive that the SHA-256 was named for, or leave --sha256 out.",
  });
}

function refuseOtherSha256(bytes: Uint8Array, expected: string, source: string): void {
  const actual = createHash("sha256").update(bytes).digest("hex");
  if (actual === expected.toLowerCase()) return;
  throw new MotekitError({
    code: "MK1909",
    message: `The SHA-256 of ${source} is ${actual}, and should be ${expected.toLowerCase()}. Nothing was written.`,
    remedy: "Get the file again, or check which release the SHA-256 is of.",
  });
}
