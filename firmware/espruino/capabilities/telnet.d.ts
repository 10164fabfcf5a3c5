/** The console over the network, on boards that have it. It asks for no password and encrypts nothing. */

interface TelnetServerModule {
  setOptions(options: { mode: "on" | "off" }): void;
}

interface EspruinoModules {
  TelnetServer: TelnetServerModule;
}

declare var Telnet: Serial;
