/**
 * Counts the outgoing bytes of all connections that the operating system has not accepted yet. Each connection may have much
 * waiting, until all together have too much; then each may have only a little.
 */
const BYTES_MAX = 64 * 1024 * 1024;
const ROOM_BYTES = 1024 * 1024;
const NARROW_ROOM_BYTES = 16 * 1024;

export class Backlog {
  #bytes = 0;

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** The limit on the waiting bytes of one connection, above which nothing more is sent to it. */
  get roomBytes(): number {
    return this.#bytes > BYTES_MAX ? NARROW_ROOM_BYTES : ROOM_BYTES;
  }
}
