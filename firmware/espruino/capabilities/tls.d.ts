/**
 * TLS, on boards that have it. It encrypts and **does not authenticate**: the server's certificate is never verified,
 * so an attacker in the path can read and change everything.
 */

interface TlsOptions {
  host: string;
  port: number;
  /** PEM or DER text, or the name of a file. `ca` does not make the server's certificate be verified. */
  ca?: string;
  key?: string;
  cert?: string;
}

interface TlsModule {
  connect(options: TlsOptions | string, onConnect?: () => void): Socket;
}

interface EspruinoModules {
  tls: TlsModule;
}
