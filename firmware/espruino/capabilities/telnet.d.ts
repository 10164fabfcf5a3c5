/** The console over the network, on boards that have it. It encrypts nothing, and asks for a password only after `E.setPassword`. */

interface TelnetServerModule {
  setOptions(options: { mode: "on" | "off" }): void;
}

interface EspruinoModules {
  TelnetServer: TelnetServerModule;
}

declare var Telnet: Serial;
