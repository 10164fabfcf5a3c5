/** A network played by a program. Espruino for Linux has it, boards have not. */

/** Sockets are numbers from 0 up, chosen by the driver. The members are called when the interpreter is idle. */
interface NetworkJsDriver {
  /** A handle, or a negative number when it cannot connect. Without a host it makes a listening socket. */
  create(host: string | undefined, port: number, type: number, options?: any): number;
  close(socket: number): void;
  /** The handle of a new connection, or a negative number. */
  accept(socket: number): number;
  /** A byte string, `""` when nothing has come, a negative number when closed. */
  recv(socket: number, lengthBytesMax: number, type: number): string | number;
  /** The number of bytes taken, or a negative number. */
  send(socket: number, data: string, type: number): number;
}

interface NetworkJsModule {
  create(driver: NetworkJsDriver): unknown;
}

interface EspruinoModules {
  NetworkJS: NetworkJsModule;
}
