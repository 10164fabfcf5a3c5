/**
 * TCP and UDP. `connect` blocks the interpreter while the other side does not answer, with all its timers, and
 * throws at once when the connection is refused or the name is unknown.
 */

interface SocketError {
  readonly code: number;
  readonly message: string;
}

interface SocketEvents {
  /**
   * A byte string of at most 536 bytes. Attach the listener at once: more than 512 bytes that arrive before it are
   * delivered again and again. It may come before the callback of `connect`.
   */
  data: [data: string];
  /** Only where `connect` was given no callback: with both, neither runs. */
  connect: [];
  /** The other side has closed. `close` follows. */
  end: [];
  /** The write buffer is empty: the only sign that the other side takes what is sent. */
  drain: [];
  error: [details: SocketError];
  /** True only when bytes were left unsent. A reset looks like an orderly end. */
  close: [hadError: boolean];
}

interface Socket extends Emitter<SocketEvents> {
  /** Bytes that have come and wait to be read; there are none with a `data` listener. */
  available(): number;
  read(lengthBytes: number): string | undefined;
  /** The interpreter's own: what waits to be sent. */
  readonly dSnd?: string;
  /** The interpreter's own: the connection has ended, or is to end once all is sent; `write` throws. */
  readonly cls?: boolean;
  /** The interpreter's own: `true` closes by force, without sending what is left. */
  clsNow?: boolean;
  /** Sends what is left and closes. A second call does nothing. There is no `destroy`. */
  end(data?: string): void;
  pipe(destination: WritableSink, options?: PipeOptions): void;
  /** Always false. Queues without a limit, throws once the socket is closed. Arrays are turned into text. */
  write(data: string): boolean;
}

interface SocketConstructor {
  new (): Socket;
}

declare var Socket: SocketConstructor;

interface Server {
  close(): void;
  listen(port: number): Server;
}

interface ServerConstructor {
  new (): Server;
}

declare var Server: ServerConstructor;

interface NetModule {
  /** Use either the callback or a `connect` listener, never both. */
  connect(options: { host: string; port: number } | string, onConnect?: () => void): Socket;
  createServer(onConnection: (socket: Socket) => void): Server;
}

interface DatagramSender {
  readonly address: string;
  readonly port: number;
  readonly size: number;
}

interface DatagramSocket
  extends Emitter<{ message: [message: string, from: DatagramSender]; close: [hadError: boolean] }> {
  addMembership(group: string, interfaceAddress?: string): void;
  bind(port: number, onBound?: () => void): DatagramSocket;
  close(): void;
  send(data: string, port: number, address: string): void;
  send(data: string, offset: number, length: number, port: number, address: string): void;
}

interface DatagramModule {
  createSocket(
    type: "udp4" | { type: "udp4"; reuseAddr?: boolean; recvBufferSize?: number },
    onMessage?: (message: string, from: DatagramSender) => void,
  ): DatagramSocket;
}

interface ParsedUrl {
  readonly protocol: string;
  readonly method: string;
  /** The host, with the user and password if the URL has them. */
  readonly host: string;
  readonly path: string;
  readonly pathname: string;
  readonly search: string | null;
  readonly port: number | null;
  readonly query: any;
}

declare var url: {
  parse(text: string, parseQuery?: boolean): ParsedUrl;
};
