/**
 * The connection that the client needs: a part of the sockets of Espruino's `net` and `tls`.
 *
 * Duties. `data` brings byte strings of any length, split anywhere. `drain` comes whenever all that was written has
 * left. `close` comes once, last, however the connection ended, errors included. `write` may be called at once, before
 * the connection is established. It throws only after `end`, or after `cls` is set. `end` never throws and may be called twice.
 */
export interface Socket {
  on(event: "data", handler: (chunk: string) => void): void;
  on(event: "drain" | "close", handler: () => void): void;
  removeAllListeners(): void;
  write(bytes: string): unknown;
  end(): void;
  /** True between the end of the connection and `close`, on Espruino. */
  readonly cls?: boolean;
  /** Set to true: close, though bytes wait to be sent. Espruino has no other way to leave a peer that does not read. */
  clsNow?: boolean;
}

/**
 * Opens a connection, or throws (name not found, refused), or lets the socket close. May freeze the interpreter while
 * nobody answers.
 */
export type Transport = () => Socket;
