/** Reads a package of the interpreter from a folder, an archive, or a URL. */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { MotekitError } from "../errors.ts";
import { unpackArchive } from "./archive.ts";

const DOWNLOAD_MS_MAX = 120_000;
/** The limit on a download. Packages have some 2 MB. */
const DOWNLOAD_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Returns the files by name. `sha256` (hexadecimal) is compared with that of the archive or download. It is required for a URL,
 * and not allowed for a folder.
 *
 * @throws MK1901 it cannot be read or unpacked, MK1909 the SHA-256 is missing, does not match, or was given for a folder, MK1910
 * the download failed.
 */
export async function readFirmware(
  source: string,
  sha256: string | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (/^https?:\/\//.test(source)) {
    if (sha256 === undefined) throw noSha256(source);
    const bytes = await download(source, signal);
    refuseWrongSha256(bytes, sha256, source);
    return unpackArchive(bytes, source);
  }
  try {
    if ((await stat(source)).isDirectory()) {
      if (sha256 !== undefined) throw sha256OfFolder(source);
      return await readFolder(source);
    }
    const bytes = await readFile(source);
    if (sha256 !== undefined) refuseWrongSha256(bytes, sha256, source);
    return await unpackArchive(bytes, source);
  } catch (cause) {
    if (cause instanceof MotekitError) throw cause;
    throw new MotekitError(
      {
        code: "MK1901",
        message: `The interpreter package given with --firmware cannot be read: ${(cause as Error).message}.`,
        where: { file: source },
        remedy: "Use --firmware with a folder, a .zip, .tar or .tgz file, or a URL with its --sha256.",
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
    if (!response.ok) throw new Error(`the server responded with ${response.status} ${response.statusText}`);
    const pieces: Uint8Array[] = [];
    let total = 0;
    for await (const piece of response.body ?? []) {
      pieces.push(piece);
      total += piece.length;
      if (total > DOWNLOAD_BYTES_MAX) throw new Error(`the file has more than ${DOWNLOAD_BYTES_MAX} bytes`);
    }
    return Buffer.concat(pieces);
  } catch (cause) {
    const { message, cause: inner } = cause as Error;
    throw new MotekitError(
      {
        code: "MK1910",
        message: `${url} could not be downloaded: ${inner instanceof Error ? inner.message : message}.`,
        remedy: "Check the address and the network, or download the file by other means and use its path.",
      },
      { cause },
    );
  }
}

function noSha256(url: string): MotekitError {
  return new MotekitError({
    code: "MK1909",
    message: `The SHA-256 of ${url} is required, so that a wrong or changed file is detected.`,
    remedy: "Add --sha256 with the 64 hexadecimal digits that the publisher names, or that you have checked.",
  });
}

function sha256OfFolder(folder: string): MotekitError {
  return new MotekitError({
    code: "MK1909",
    message: `${folder} is a folder, for which --sha256 cannot be checked.`,
    remedy: "Use the archive to which the SHA-256 belongs, or omit --sha256.",
  });
}

function refuseWrongSha256(bytes: Uint8Array, expected: string, source: string): void {
  const actual = createHash("sha256").update(bytes).digest("hex");
  if (actual === expected.toLowerCase()) return;
  throw new MotekitError({
    code: "MK1909",
    message: `SHA-256 mismatch: ${source} has ${actual}, but ${expected.toLowerCase()} was expected. Nothing was written.`,
    remedy: "Download the file again, or check to which release the SHA-256 belongs.",
  });
}
