/**
 * What the client asks of a connection: the part of a socket of Espruino's `net` and `tls` that it needs.
 *
 * Duties. `data` brings byte strings of any length, split anywhere, and may come before `onConnect` was called.
 * `drain` comes whenever all that was written has left. `close` comes once, last, however the connection ended,
 * errors included. `end` never throws and may be called twice; `write` may throw after `end` or `close`.
 */
export interface Socket {
  on(event: "data", handler: (chunk: string) => void): void;
  on(event: "drain" | "close", handler: () => void): void;
  write(bytes: string): unknown;
  end(): void;
}

/**
 * Opens a connection. Calls `onConnect` once if it stands, never before it returns; otherwise throws (name not
 * found, refused) or lets the socket close. May freeze the interpreter while nobody answers.
 */
export type Connect = (onConnect: () => void) => Socket;
