/**
 * `require("Wifi")` where the board has a radio, as text in the language that Espruino runs, because both engines run
 * the same: the program is a function of the networks in reach and a word to call when the link comes or goes, and
 * gives the module. The configured networks are in reach, with the configured passwords.
 */
import type { WifiNetwork } from "../../firmware/contract/configuration.ts";

/** Time to join a network that is there. */
const JOIN_MS = 50;

export const WIFI_PROGRAM = `(function(networks, linkChanged) {
  var ADDRESS = "192.168.4.2", MAC = "02:00:00:00:00:02";
  var joined, wifi = {};
  function find(ssid) {
    for (var i = 0; i < networks.length; i++) if (networks[i].ssid === ssid) return networks[i];
  }
  function drop(reason, msg) {
    var ssid = joined ? joined.ssid : "";
    joined = undefined;
    linkChanged(false);
    wifi.emit("disconnected", { ssid: ssid, reason: reason, msg: msg });
  }
  function addresses() {
    return joined
      ? { ip: ADDRESS, netmask: "255.255.255.0", gw: "192.168.4.1", mac: MAC }
      : { ip: "0.0.0.0", netmask: "0.0.0.0", gw: "0.0.0.0", mac: MAC };
  }
  function answer(value, callback) {
    if (callback) setTimeout(callback, 0, null, value);
    return value;
  }
  wifi.connect = function(ssid, options, callback) {
    if (typeof options === "function") { callback = options; options = {}; }
    setTimeout(function() {
      var network = find(ssid);
      if (!network) return drop("201", "NO_AP_FOUND");
      if ((network.password || "") !== ((options && options.password) || "")) return drop("202", "AUTH_FAIL");
      joined = network;
      linkChanged(true);
      wifi.emit("associated", { ssid: ssid, mac: MAC, channel: 1, authmode: "wpa2" });
      wifi.emit("connected", addresses());
      if (callback) callback(null);
    }, ${JOIN_MS});
  };
  wifi.disconnect = function(callback) {
    if (joined) drop("8", "ASSOC_LEAVE");
    if (callback) setTimeout(callback, 0, null);
  };
  wifi.scan = function(callback) {
    setTimeout(callback, ${JOIN_MS}, networks.map(function(network) {
      return { ssid: network.ssid, authMode: network.password ? "wpa2" : "open", rssi: -50, channel: 1, mac: MAC };
    }));
  };
  wifi.getIP = function(callback) { return answer(addresses(), callback); };
  wifi.getStatus = function(callback) {
    return answer({ mode: "sta", station: joined ? "connected" : "off", ap: "disabled" }, callback);
  };
  wifi.getDetails = function(callback) {
    return answer({ status: joined ? "connected" : "off", rssi: joined ? -50 : "", ssid: joined ? joined.ssid : "" }, callback);
  };
  wifi.stopAP = wifi.startAP = wifi.save = wifi.restore = wifi.setHostname = wifi.setConfig = function() {
    var callback = arguments[arguments.length - 1];
    if (typeof callback === "function") setTimeout(callback, 0, null);
  };
  return wifi;
})`;

/** The networks as program text. */
export function wifiNetworksText(networks: readonly WifiNetwork[]): string {
  return JSON.stringify(networks).replace(/[^\x20-\x7e]/g, escapeCharacter);
}

/** UTF-8 bytes, as the device's strings are. */
function escapeCharacter(character: string): string {
  return [...Buffer.from(character, "utf8")]
    .map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`)
    .join("");
}
