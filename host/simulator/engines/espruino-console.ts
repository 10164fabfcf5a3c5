/**
 * Turns the output of Espruino for Linux into lines of text: bytes are UTF-8, lines end with CR LF, and the prompt, which is
 * redrawn around each line by CR and the sequence ESC [ J, is removed.
 */
import { toReadable } from "../interpreter/byte-strings.ts";

const CLEAR_TO_END = "\x1b[J";
/** A longer line is split. */
const LINE_BYTES_MAX = 65_536;

export class ConsoleLines {
  readonly #onLine: (line: string) => void;
  #pending = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Takes bytes in chunks of any size. */
  push(bytes: Buffer): void {
    const lines = (this.#pending + bytes.toString("latin1")).split("\n");
    this.#pending = lines.pop() ?? "";
    for (const line of lines) this.#onLine(cleanLine(line));
    if (this.#pending.length > LINE_BYTES_MAX) this.flush();
  }

  flush(): void {
    if (this.#pending) this.#onLine(cleanLine(this.#pending));
    this.#pending = "";
  }
}

function cleanLine(line: string): string {
  const cleared = line.lastIndexOf(CLEAR_TO_END);
  const text = cleared < 0 ? line : line.substring(cleared + CLEAR_TO_END.length);
  return toReadable(text.replaceAll("\r", ""));
}
