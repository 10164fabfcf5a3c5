/**
 * Unpacks an archive (.zip, .tar or .tgz), whose format is detected by its bytes and not by its name.
 *
 * Defect of fflate: it does not verify checksums. CRC-32 and length of gzip (RFC 1952) and zip (APPNOTE.TXT) are verified here.
 */
import { gunzipSync, unzipSync } from "fflate";
import { unpackTar } from "modern-tar";
import { MotekitError } from "../errors.ts";
import { crc32Of } from "../serial/bytes.ts";

const GZIP = [0x1f, 0x8b];
const ZIP = [0x50, 0x4b];
/** The best ratio of deflate. A length beyond it is not valid, and no memory is allocated for it. */
const DEFLATE_RATIO_MAX = 1032;
/** CRC-32 and length modulo 2^32, after the data (RFC 1952, 2.3). */
const GZIP_TRAILER_BYTES = 8;
/** "End of central directory record" and "central directory header" (APPNOTE.TXT, 4.3.16 and 4.3.12). */
const ZIP_END = 0x06054b50;
const ZIP_END_BYTES = 22;
const ZIP_ENTRY = 0x02014b50;
const ZIP_ENTRY_BYTES = 46;

/**
 * Returns the files by the last part of their paths. `source` is the archive's name for messages.
 *
 * @throws MK1901 the format is unknown, or the archive is incomplete or damaged.
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
        message: `${source} (${bytes.length} bytes) is not a valid .zip, .tar or .tgz: ${(cause as Error).message}`,
        remedy: "Download it again. A download may be incomplete or damaged.",
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
  refuseMismatch(content, packed, "the compressed data");
  return content;
}

function unzip(bytes: Uint8Array): [string, Uint8Array][] {
  const packed = centralDirectory(bytes);
  for (const entry of packed) refuseImpossible(entry, bytes.length);
  const paths: string[] = [];
  // The filter is called in the order of the central directory.
  const files = unzipSync(bytes, { filter: ({ name }) => paths.push(name) > 0 });
  return paths.flatMap((path, index): [string, Uint8Array][] => {
    const content = files[path];
    if (path.endsWith("/") || !content) return [];
    refuseMismatch(content, packed[index], path);
    return [[path, content]];
  });
}

/** A packed file, as the archive describes it. */
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
    if (entry.getUint32(0, true) !== ZIP_ENTRY) throw new Error("the central directory is damaged");
    for (const lengthAt of [28, 30, 32]) at += entry.getUint16(lengthAt, true);
    at += ZIP_ENTRY_BYTES;
    return { crc: entry.getUint32(16, true), sizeBytes: entry.getUint32(24, true) };
  });
}

function viewOf(bytes: Uint8Array, offset: number): DataView {
  if (offset < 0 || offset > bytes.length) throw new Error("the archive is incomplete");
  return new DataView(bytes.buffer, bytes.byteOffset + offset, bytes.length - offset);
}

function refuseImpossible({ sizeBytes }: Packed, archiveBytes: number): void {
  if (sizeBytes > archiveBytes * DEFLATE_RATIO_MAX)
    throw new Error(`the archive cannot contain ${sizeBytes} bytes`);
}

function refuseMismatch(content: Uint8Array, packed: Packed | undefined, what: string): void {
  if (content.length === packed?.sizeBytes && crc32Of(content) === packed.crc) return;
  throw new Error(`the length or the CRC-32 of ${what} does not match`);
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
