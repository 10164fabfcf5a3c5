/** Storage and flash of an interpreter in lockstep: the words of the protocol and their answers. */

import type { StorageFiles } from "../board-api/storage.ts";
import { toByteString, toBytes } from "../interpreter/byte-strings.ts";
import { decodeText, encodeText } from "./lockstep-program.ts";

export class LockstepStorage {
  readonly #files: StorageFiles;
  readonly #startBytes: number;

  constructor(files: StorageFiles, startBytes: number) {
    this.#files = files;
    this.#startBytes = startBytes;
  }

  /** The answer. For `write` and `writeFlash` it is an error message, or empty. Throws PowerFailure. */
  answer(word: string, values: readonly string[]): string {
    const [first = "", second = "", offset, size] = values;
    const files = this.#files;
    switch (word) {
      case "read": {
        const content = files.read(decodeText(first));
        return content === undefined ? "-" : encodeText(content);
      }
      case "write": {
        const problem = files.write(decodeText(first), decodeText(second), Number(offset), Number(size));
        return encodeText(problem ?? "");
      }
      case "erase":
        files.erase(decodeText(first));
        return "";
      case "eraseAll":
        files.eraseAll();
        return "";
      case "compact":
        files.compact();
        return "";
      case "list":
        return encodeText(JSON.stringify(files.names()));
      case "stats":
        return encodeText(JSON.stringify(files.stats()));
      case "readFlash":
        return this.#readFlash(this.#offsetOf(first), Number(second));
      case "writeFlash":
        files.writeFlash(this.#offsetOf(first), toBytes(decodeText(second)));
        return "";
      default:
        throw new Error(`The interpreter sent the unknown word "${word}".`);
    }
  }

  #offsetOf(address: string): number {
    return Number(address) - this.#startBytes;
  }

  #readFlash(offset: number, lengthBytes: number): string {
    return encodeText(toByteString(this.#files.flash.bytes.subarray(offset, offset + lengthBytes)));
  }
}
