/**
 * Wi-Fi of the ESP32 family, as its source has it. The events that other chips document (`auth_change`,
 * `dhcp_timeout`, `probe_recv`) never come here, and options that are ignored here are not declared.
 */

type WifiAuthMode = "open" | "wep" | "wpa" | "wpa2" | "wpa_wpa2" | "unknown";

interface WifiAccessPoint {
  readonly ssid: string;
  readonly mac: string;
  readonly authMode: WifiAuthMode;
  /** Text, not a number. */
  readonly channel: string;
  readonly rssi: number;
}

/** Without an address yet, `ip` and its fellows are `"0.0.0.0"`. */
interface WifiAddress {
  readonly ip?: string;
  readonly netmask?: string;
  readonly gw?: string;
  readonly mac: string;
}

interface WifiStatus {
  /** `"connected"`, or the reason of the last disconnection, such as `"NO_AP_FOUND"`. */
  readonly station: string;
  readonly mode: "NULL" | "STA" | "AP" | "APSTA" | "UNKNOWN";
  readonly powersave: "min_modem" | "max_modem" | "modem" | "none" | "unknown";
  /** The rest only while connected. */
  readonly ssid?: string;
  readonly bssid?: string;
  readonly channel?: number;
  readonly rssi?: number;
  readonly htMode?: string;
  readonly authMode?: WifiAuthMode;
}

interface WifiStationDetails {
  /** The state of the station, in the words of `WifiStatus.station`. */
  readonly status: string;
  /** The rest only while connected. */
  readonly ssid?: string;
  readonly password?: string;
  readonly authMode?: WifiAuthMode;
}

interface WifiAccessPointDetails {
  readonly authMode: WifiAuthMode;
  readonly hidden: boolean;
  readonly maxConn: number;
  readonly ssid: string;
  readonly password: string;
}

interface WifiPing {
  readonly totalCount: number;
  readonly totalBytes: number;
  readonly totalTime: number;
  readonly respTime: number;
  readonly seqNo: number;
  readonly timeoutCount: number;
  readonly bytes: number;
  readonly error: number;
}

interface WifiEvents {
  /** Joined the network, without an address yet. */
  associated: [details: { readonly ssid: string; readonly mac: string; readonly channel: string }];
  /** Has an address: connections can be made. */
  connected: [details: { readonly ip: string; readonly netmask: string; readonly gw: string }];
  /**
   * The first two losses after `connect` are retried in silence; the third comes here and stops Wi-Fi. Sockets hear
   * nothing of it. `reason` is a number as text, `msg` its name.
   */
  disconnected: [
    details: { readonly ssid: string; readonly mac: string; readonly reason: string; readonly msg: string },
  ];
  /** A station joined or left the board's own access point. */
  sta_joined: [details: { readonly mac: string }];
  sta_left: [details: { readonly mac: string }];
}

interface WifiModule extends Emitter<WifiEvents> {
  /**
   * The callback comes with an address (`null`) or with the reason of the disconnection. It may not come at all:
   * set a time-out. A name longer than 32 characters or a password longer than 64 is cut.
   */
  connect(ssid: string, options?: { password?: string }, onConnect?: (error: string | null) => void): void;
  disconnect(onDisconnect?: () => void): void;
  /** Details of the board's own access point. */
  getAPDetails(onDetails?: (details: WifiAccessPointDetails) => void): WifiAccessPointDetails;
  getAPIP(onAddress?: (error: null, address: WifiAddress) => void): WifiAddress;
  getDetails(onDetails?: (details: WifiStationDetails) => void): WifiStationDetails;
  getHostByName(hostName: string, onAddress: (address: string | null) => void): void;
  /** The callback of other chips is never called here. */
  getHostname(): string;
  getIP(onAddress?: (error: null, address: WifiAddress) => void): WifiAddress;
  getStatus(onStatus?: (status: WifiStatus) => void): WifiStatus;
  /** Sends five echo requests and calls back for each. */
  ping(address: string | number, onReply?: (reply: WifiPing) => void): void;
  /** Brings back what `save` wrote. It runs by itself when the board starts. */
  restore(): void;
  /** Writes name and password into Storage, in the clear. */
  save(what?: "clear" | "sta+ap"): void;
  /** The list is the only argument of the callback. Throws while another scan runs. */
  scan(onResult: (accessPoints: WifiAccessPoint[]) => void): void;
  /** The address of the board's own access point. The callback gets `"Failure"` on success and `null` on failure. */
  setAPIP(
    settings: { ip: string; gw: string; netmask: string },
    onSet: (inverted: "Failure" | null) => void,
  ): void;
  setConfig(settings: { phy?: "11b" | "11g" | "11n"; powersave?: "none" | "ps-poll" | "min" | "max" }): void;
  setHostname(hostName: string, onSet?: () => void): void;
  /** A static address. The callback gets `"Failure"` on success and `null` on failure, and must be given. */
  setIP(
    settings: { ip: string; gw: string; netmask: string },
    onSet: (inverted: "Failure" | null) => void,
  ): void;
  /** Lets the clock jump, and a clock that jumps back freezes all timers. The zone is text. */
  setSNTP(server: string, zone: string): void;
  startAP(
    ssid: string,
    options?: {
      /** At least eight characters. */
      password?: string;
      authMode?: "open" | "wpa2" | "wpa" | "wpa_wpa2";
      channel?: number;
    },
    onStart?: (error: string | null) => void,
  ): void;
  stopAP(onStop?: () => void): void;
}

interface EspruinoModules {
  Wifi: WifiModule;
}
