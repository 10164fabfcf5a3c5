/** The files of an archive: .zip, .tar, or .tgz, told by their bytes and not by their names. */
import { gunzipSync, unzipSync } from "fflate";
import { unpackTar } from "modern-tar";
import { MotekitError } from "../errors.ts";

const GZIP = [0x1f, 0x8b];
const ZIP = [0x50, 0x4b];

/**
 * By the last part of their paths. `source` is what the user calls the archive.
 *
 * @throws MK1901 it is none of these, or is cut off.
 */
export async function unpackArchive(bytes: Uint8Array, source: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const add = (path: string, content: Uint8Array) =>
    files.set(path.slice(path.lastIndexOf("/") + 1), content);
  try {
    if (startsWith(bytes, ZIP)) {
      for (const [path, content] of Object.entries(unzipSync(bytes)))
        if (!path.endsWith("/")) add(path, content);
    } else {
      const tar = startsWith(bytes, GZIP) ? gunzipSync(bytes) : bytes;
      for (const { header, data } of await unpackTar(tar, { strict: true })) if (data) add(header.name, data);
    }
  } catch (cause) {
    throw new MotekitError(
      {
        code: "MK1901",
        message: `${source} is no whole .zip, .tar or .tgz (${bytes.length} bytes): ${(cause as Error).message}`,
        remedy: "Get it again; a download may have been cut off.",
      },
      { cause },
    );
  }
  return files;
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
