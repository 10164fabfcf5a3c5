/**
 * Bytes for peers that their systems have not taken, of all connections, from the moment that they are to be sent. Each may
 * have a good deal waiting, until all together have too much; then each only a little.
 */
const BYTES_MAX = 64 * 1024 * 1024;
const ROOM_BYTES = 1024 * 1024;
const NARROW_ROOM_BYTES = 16 * 1024;

export class Backlog {
  #bytes = 0;

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** What one connection may have waiting, for more to be sent to it. */
  get roomBytes(): number {
    return this.#bytes > BYTES_MAX ? NARROW_ROOM_BYTES : ROOM_BYTES;
  }
}
