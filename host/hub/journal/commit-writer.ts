/** Encodes commits as frames. A frame exceeds FRAME_BYTES by at most one message, so that it can be read in one piece. */
import type { Change } from "../../broker/change.ts";
import { ByteWriter } from "./byte-fields.ts";
import { ChangeEncoder } from "./change-codec.ts";
import { encodeFrameHeader } from "./frame.ts";

export const FRAME_BYTES = 1024 * 1024;

export class CommitWriter {
  readonly #salt: number;
  readonly #body = new ByteWriter();

  constructor(salt: number) {
    this.#salt = salt;
  }

  /** The frames of a commit that begins at `place`. All have to be consumed before those of another commit. */
  *frames(changes: Iterable<Change>, place: number): Generator<Buffer> {
    const encoder = new ChangeEncoder();
    let end = place;
    const takeFrame = (endsCommit: boolean): Buffer => {
      const body = this.#body.bytes;
      const frame = Buffer.concat([encodeFrameHeader(body, endsCommit, end, this.#salt), body]);
      end += frame.length;
      this.#body.clear();
      return frame;
    };
    this.#body.clear();
    for (const change of changes) {
      if (this.#body.length >= FRAME_BYTES) yield takeFrame(false);
      encoder.encode(change, this.#body);
    }
    yield takeFrame(true);
  }
}
