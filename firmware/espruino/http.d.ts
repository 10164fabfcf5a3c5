/** HTTP 1.1, client and server, on top of `net`. */

interface HttpHeaders {
  [name: string]: string;
}

/** The request of a client to the server. */
interface HttpServerRequest extends Emitter<{ data: [data: string]; close: [] }> {
  readonly headers: HttpHeaders;
  readonly method: string;
  readonly url: string;
  available(): number;
  pipe(destination: WritableSink, options?: PipeOptions): void;
  read(lengthBytes: number): string | undefined;
}

interface HttpServerResponse extends Emitter<{ drain: []; close: [] }> {
  headers: HttpHeaders;
  end(data?: string): void;
  setHeader(name: string, value: string): void;
  write(data: string): boolean;
  writeHead(statusCode: number, headers?: HttpHeaders): void;
}

interface HttpServer {
  close(): void;
  listen(port: number): HttpServer;
}

interface HttpClientRequest extends Emitter<{ drain: []; error: [details: SocketError] }> {
  end(data?: string): void;
  write(data: string): boolean;
}

/** The answer of a server. */
interface HttpClientResponse
  extends Emitter<{ data: [data: string]; close: []; error: [details: SocketError] }> {
  readonly headers: HttpHeaders;
  readonly httpVersion: string;
  /** Text, not a number. */
  readonly statusCode: string;
  readonly statusMessage: string;
  available(): number;
  pipe(destination: WritableSink, options?: PipeOptions): void;
  read(lengthBytes: number): string | undefined;
}

/** The protocols of the board: `https:` comes with TLS. */
interface HttpProtocols {
  "http:": true;
}

interface HttpRequestOptions {
  host: string;
  port?: number;
  path?: string;
  method?: string;
  protocol?: keyof HttpProtocols;
  headers?: HttpHeaders;
}

interface HttpModule {
  createServer(onRequest: (request: HttpServerRequest, response: HttpServerResponse) => void): HttpServer;
  get(
    options: HttpRequestOptions | string,
    onResponse: (response: HttpClientResponse) => void,
  ): HttpClientRequest;
  /** Call `end` on the result, or nothing is sent. */
  request(
    options: HttpRequestOptions | string,
    onResponse: (response: HttpClientResponse) => void,
  ): HttpClientRequest;
}
