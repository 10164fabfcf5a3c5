/** Wi-Fi of boards that have it. */
interface WifiModule {
  connect(ssid: string, options: { password?: string }, onConnect?: (error: string | null) => void): void;
  disconnect(onDisconnect?: () => void): void;
}

interface EspruinoModules {
  Wifi: WifiModule;
}
