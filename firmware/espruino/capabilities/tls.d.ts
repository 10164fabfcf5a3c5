/**
 * TLS, on boards that have it. It encrypts and **does not authenticate**: the server's certificate is never verified,
 * so an attacker in the path can read and change everything.
 */

interface TlsOptions {
  host: string;
  port: number;
  /**
   * DER as a byte string of more than 100 bytes, a function that gives DER of any length, or the name of a file. `ca` does
   * not make the server's certificate be verified.
   */
  ca?: string | (() => string) | undefined;
  key?: string | (() => string) | undefined;
  cert?: string | (() => string) | undefined;
}

interface TlsModule {
  connect(options: TlsOptions | string, onConnect?: () => void): Socket;
}

interface HttpProtocols {
  "https:": true;
}

interface HttpRequestOptions {
  /** The same as in `TlsOptions`, for `https:`. */
  ca?: string;
  key?: string;
  cert?: string;
}

interface EspruinoModules {
  tls: TlsModule;
}
