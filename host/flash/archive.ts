/**
 * The files of an archive: .zip, .tar, or .tgz, told by their bytes and not by their names.
 *
 * Defect: fflate unpacks and looks at no check sum. Here a gzip's (RFC 1952) and a zip's (APPNOTE.TXT) CRC-32 and length are.
 */
import { gunzipSync, unzipSync } from "fflate";
import { unpackTar } from "modern-tar";
import { MotekitError } from "../errors.ts";
import { crc32Of } from "../serial/bytes.ts";

const GZIP = [0x1f, 0x8b];
const ZIP = [0x50, 0x4b];
/** Deflate cannot do better. A length beyond is a wrong one, for which no memory is taken. */
const DEFLATE_RATIO_MAX = 1032;
/** CRC-32 and length modulo 2^32, behind the data (RFC 1952, 2.3). */
const GZIP_TRAILER_BYTES = 8;
/** "End of central directory record" and "central directory header" (APPNOTE.TXT, 4.3.16 and 4.3.12). */
const ZIP_END = 0x06054b50;
const ZIP_END_BYTES = 22;
const ZIP_ENTRY = 0x02014b50;
const ZIP_ENTRY_BYTES = 46;

/**
 * By the last part of their paths. `source` is what the user calls the archive.
 *
 * @throws MK1901 it is none of these, is cut off, or is not what was packed.
 */
export async function unpackArchive(bytes: Uint8Array, source: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const add = (path: string, content: Uint8Array) =>
    files.set(path.slice(path.lastIndexOf("/") + 1), content);
  try {
    if (startsWith(bytes, ZIP)) {
      for (const [path, content] of unzip(bytes)) add(path, content);
    } else {
      const tar = startsWith(bytes, GZIP) ? gunzip(bytes) : bytes;
      for (const { header, data } of await unpackTar(tar, { strict: true })) if (data) add(header.name, data);
    }
  } catch (cause) {
    throw new MotekitError(
      {
        code: "MK1901",
        message: `${source} is no whole .zip, .tar or .tgz (${bytes.length} bytes): ${(cause as Error).message}`,
        remedy: "Get it again; a download may have been cut off, or changed on its way.",
      },
      { cause },
    );
  }
  return files;
}

function gunzip(bytes: Uint8Array): Uint8Array {
  const trailer = viewOf(bytes, bytes.length - GZIP_TRAILER_BYTES);
  const packed: Packed = { crc: trailer.getUint32(0, true), sizeBytes: trailer.getUint32(4, true) };
  refuseImpossible(packed, bytes.length);
  const content = gunzipSync(bytes);
  refuseOther(content, packed, "what was compressed");
  return content;
}

function unzip(bytes: Uint8Array): [string, Uint8Array][] {
  const packed = centralDirectory(bytes);
  for (const entry of packed) refuseImpossible(entry, bytes.length);
  const paths: string[] = [];
  // It tells them in the order of the central directory.
  const files = unzipSync(bytes, { filter: ({ name }) => paths.push(name) > 0 });
  return paths.flatMap((path, index): [string, Uint8Array][] => {
    const content = files[path];
    if (path.endsWith("/") || !content) return [];
    refuseOther(content, packed[index], path);
    return [[path, content]];
  });
}

/** What was packed, by what the archive says of it. */
interface Packed {
  readonly crc: number;
  readonly sizeBytes: number;
}

function centralDirectory(bytes: Uint8Array): Packed[] {
  let end = bytes.length - ZIP_END_BYTES;
  while (viewOf(bytes, end).getUint32(0, true) !== ZIP_END) end--;
  const count = viewOf(bytes, end).getUint16(10, true);
  let at = viewOf(bytes, end).getUint32(16, true);
  return Array.from({ length: count }, () => {
    const entry = viewOf(bytes, at);
    if (entry.getUint32(0, true) !== ZIP_ENTRY) throw new Error("its directory is damaged");
    for (const lengthAt of [28, 30, 32]) at += entry.getUint16(lengthAt, true);
    at += ZIP_ENTRY_BYTES;
    return { crc: entry.getUint32(16, true), sizeBytes: entry.getUint32(24, true) };
  });
}

function viewOf(bytes: Uint8Array, offset: number): DataView {
  if (offset < 0 || offset > bytes.length) throw new Error("it is cut off");
  return new DataView(bytes.buffer, bytes.byteOffset + offset, bytes.length - offset);
}

function refuseImpossible({ sizeBytes }: Packed, archiveBytes: number): void {
  if (sizeBytes > archiveBytes * DEFLATE_RATIO_MAX) throw new Error(`it cannot hold ${sizeBytes} bytes`);
}

function refuseOther(content: Uint8Array, packed: Packed | undefined, what: string): void {
  if (content.length === packed?.sizeBytes && crc32Of(content) === packed.crc) return;
  throw new Error(`the length or CRC-32 of ${what} is wrong`);
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
