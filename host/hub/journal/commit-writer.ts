/** Writes commits as frames. A frame is small enough to be read back in one piece: a message more than FRAME_BYTES at most. */
import type { Change } from "../../broker/change.ts";
import { ByteWriter } from "./byte-fields.ts";
import { ChangeEncoder } from "./change-codec.ts";
import { encodeFrameHeader } from "./frame.ts";

const FRAME_BYTES = 1024 * 1024;

export class CommitWriter {
  readonly #salt: number;
  readonly #body = new ByteWriter();

  constructor(salt: number) {
    this.#salt = salt;
  }

  /** `append` is called with a frame at a time, and must have taken its bytes when it returns. Returns how many they were. */
  write(changes: Iterable<Change>, place: number, append: (bytes: Buffer, place: number) => void): number {
    const encoder = new ChangeEncoder();
    let end = place;
    const appendFrame = (endsCommit: boolean): void => {
      const body = this.#body.bytes;
      const frame = Buffer.concat([encodeFrameHeader(body, endsCommit, end, this.#salt), body]);
      append(frame, end);
      end += frame.length;
      this.#body.clear();
    };
    this.#body.clear();
    for (const change of changes) {
      if (this.#body.length >= FRAME_BYTES) appendFrame(false);
      encoder.encode(change, this.#body);
    }
    appendFrame(true);
    return end - place;
  }
}
