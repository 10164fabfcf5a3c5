/**
 * `require("Wifi")` for boards with a radio, as program text that Espruino can run, because both engines run the same text. It
 * is a function of three arguments: the access points in range, a callback for changes of the link, and a function that
 * registers a listener for changes of the access points. It returns the module.
 *
 * As on the ESP32, `connect` allows three losses: the first two, of an attempt or of the link, are retried silently, and the
 * third one emits `disconnected` and stops the radio. A lost link is noticed late. With an access point that gives no address,
 * `associated` is emitted and nothing else, until it gives one.
 */
import type { Beacon } from "../world/radio.ts";

/** Time to join a network, or to find that it is not in range. */
const JOIN_MS = 50;
/** Time from the last beacon to the loss of the link, ESP-IDF's default. */
const BEACON_TIMEOUT_MS = 6_000;
/** Losses of a `connect` until `disconnected`: Espruino's `s_retry_num`. */
const LOSSES_MAX = 3;

export const WIFI_PROGRAM = `(function(inReach, linkChanged, watch) {
  var ADDRESS = "192.168.4.2", MAC = "02:00:00:00:00:02";
  var wanted, joined, lossTimer, attempt = 0, losses = 0, wifi = {};
  function find(ssid) {
    var networks = inReach();
    for (var i = 0; i < networks.length; i++) if (networks[i].ssid === ssid) return networks[i];
  }
  function unlink() {
    if (lossTimer) clearTimeout(lossTimer);
    lossTimer = undefined;
    if (joined) linkChanged(false);
    joined = undefined;
  }
  function lose(reason, msg) {
    var ssid = wanted.ssid;
    unlink();
    if (++losses < ${LOSSES_MAX}) return join();
    wanted = undefined;
    wifi.emit("disconnected", { ssid: ssid, reason: reason, msg: msg });
  }
  function join() {
    var number = ++attempt;
    setTimeout(function() {
      if (!wanted || number !== attempt) return;
      var network = find(wanted.ssid);
      if (!network) return lose("201", "NO_AP_FOUND");
      if ((network.password || "") !== wanted.password) return lose("202", "AUTH_FAIL");
      joined = network;
      wanted.hasAddress = false;
      wifi.emit("associated", { ssid: network.ssid, mac: MAC, channel: 1, authmode: "wpa2" });
      if (network.dhcp) receiveAddress();
    }, ${JOIN_MS});
  }
  function receiveAddress() {
    var callback = wanted.callback;
    wanted.callback = undefined;
    wanted.hasAddress = true;
    linkChanged(true);
    wifi.emit("connected", addresses());
    if (callback) callback(null);
  }
  function addresses() {
    return joined && wanted.hasAddress
      ? { ip: ADDRESS, netmask: "255.255.255.0", gw: "192.168.4.1", mac: MAC }
      : { ip: "0.0.0.0", netmask: "0.0.0.0", gw: "0.0.0.0", mac: MAC };
  }
  function answer(value, callback) {
    if (callback) setTimeout(callback, 0, null, value);
    return value;
  }
  function isStillJoined() {
    var network = find(joined.ssid);
    return network && network.password === joined.password;
  }
  if (watch) watch(function() {
    if (!joined) return;
    if (isStillJoined()) {
      if (lossTimer) clearTimeout(lossTimer);
      lossTimer = undefined;
      if (!wanted.hasAddress && find(joined.ssid).dhcp) receiveAddress();
    } else if (!lossTimer) {
      lossTimer = setTimeout(lose, ${BEACON_TIMEOUT_MS}, "200", "BEACON_TIMEOUT");
    }
  });
  wifi.connect = function(ssid, options, callback) {
    if (typeof options === "function") { callback = options; options = {}; }
    unlink();
    wanted = { ssid: ssid, password: (options && options.password) || "", callback: callback };
    losses = 0;
    join();
  };
  wifi.disconnect = function(callback) {
    var ssid = joined ? joined.ssid : "";
    unlink();
    if (wanted) wifi.emit("disconnected", { ssid: ssid, reason: "8", msg: "ASSOC_LEAVE" });
    wanted = undefined;
    if (callback) setTimeout(callback, 0, null);
  };
  wifi.scan = function(callback) {
    setTimeout(callback, ${JOIN_MS}, inReach().map(function(network) {
      return { ssid: network.ssid, authMode: network.password ? "wpa2" : "open", rssi: network.rssi, channel: 1, mac: MAC };
    }));
  };
  wifi.getIP = function(callback) { return answer(addresses(), callback); };
  wifi.getStatus = function(callback) {
    return answer({ mode: "sta", station: joined ? "connected" : "off", ap: "disabled" }, callback);
  };
  wifi.getDetails = function(callback) {
    var network = joined && (find(joined.ssid) || joined);
    return answer({ status: joined ? "connected" : "off", rssi: network ? network.rssi : "", ssid: joined ? joined.ssid : "" }, callback);
  };
  wifi.stopAP = wifi.startAP = wifi.save = wifi.restore = wifi.setHostname = wifi.setConfig = function() {
    var callback = arguments[arguments.length - 1];
    if (typeof callback === "function") setTimeout(callback, 0, null);
  };
  return wifi;
})`;

/** Constant access points as program text. */
export function beaconsText(beacons: readonly Beacon[]): string {
  return JSON.stringify(beacons).replace(/[^\x20-\x7e]/g, escapeCharacter);
}

/** A byte string of UTF-8, like the device's strings. */
function escapeCharacter(character: string): string {
  return [...Buffer.from(character, "utf8")]
    .map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`)
    .join("");
}
