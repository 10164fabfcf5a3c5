/**
 * The device API, which an app imports as "motekit". It uses the topics of the contract.
 *
 * An app registers its commands and repeated work, then calls `start`. Values are sent as JSON. Nothing here throws because
 * of a missing connection: functions return false if a message could not be sent.
 */
import { BOARD_ID } from "motekit/board";
import { joinNetwork } from "motekit/network";
import { CONFIGURATION_FILES, type Configuration, openConfiguration } from "./contract/configuration.ts";
import { formatConsoleLine, oneLine } from "./contract/console-lines.ts";
import { deviceTopic, STATUS_ONLINE } from "./contract/topics.ts";
import { type Counters, counters, countReason } from "./counters.ts";
import { guard } from "./guardian.ts";
import { openSocket } from "./hub-socket.ts";
import { REPORTED_TOPIC_LENGTH_MAX } from "./limits.ts";
import {
  type OnAcknowledged,
  outboxBytes,
  publish as publishBytes,
  subscribe as subscribeBytes,
  unsubscribe as unsubscribeBytes,
} from "./mqtt/session.ts";
import { matchesTopicFilter } from "./mqtt/topic-filter.ts";
import { onHubDown, onHubUp, onNetwork, refusalText, supervise } from "./supervisor.ts";
import { jsonText, type Payload, parseText, payloadBytes, textBytes, textOf } from "./text.ts";

export { setPacketSize } from "./mqtt/client.ts";
export { setOutboxSize } from "./mqtt/link.ts";
export type { Payload } from "./text.ts";

/** A value that JSON can carry. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Called with the command's payload; its result is reported to the hub. Throw an Error to refuse the command. */
export type CommandHandler = (value: Json) => Json;

export interface Message {
  readonly topicName: string;
  /** The text whose UTF-8 the hub sent. If it is not UTF-8, a string of its bytes; `toBytes` gives the bytes of both. */
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
  /** True if power failed while a listener was handling this message. Only persistence at QoS 2 sets it. */
  readonly inDoubt: boolean;
}

/** The levels of service that the app may use; "motekit/qos2" adds 2. */
export interface QosLevels {
  0: true;
  1: true;
}

export type Qos = keyof QosLevels;

export interface PublishOptions {
  /**
   * 0 (the default): sent once if there is a connection. 1: kept across reconnections until the hub has it. 2: the same,
   * and delivered exactly once as long as the session is kept.
   */
  readonly qos?: Qos;
  /** The hub keeps the message for later subscribers. */
  readonly retain?: boolean;
  /**
   * QoS 1 and 2: the hub has the message. With `inDoubt` it may have it twice, or at QoS 2 not at all. Not called for a message
   * of an earlier run.
   */
  readonly onAcknowledged?: OnAcknowledged;
}

export interface StartOptions {
  /**
   * The hub keeps subscriptions, and messages of QoS 1 and 2, while the device is away (clean session false). A device
   * that restarts forgets its part of the session unless it has persistence.
   */
  readonly keepSession?: boolean;
  /** Called each time that the hub has accepted the device. */
  readonly onConnected?: () => void;
  /**
   * Called when a message of QoS 1 or 2, or a subscription, was removed because the hub ended five connections in a row at it:
   * it is longer than the hub's limit, for example. Its topic name or topic filter is given.
   */
  readonly onRefused?: (topic: string) => void;
}

/** The filter is empty, which matches nothing, once the subscription is over. */
type Subscription = [topicFilter: string, listener: (message: Message) => void];

const commands: { [name: string]: CommandHandler } = {};
let subscriptions: Subscription[] = [];
/** Only where the app subscribes. */
let deliver: ((message: Message) => void) | undefined;
let configuration: Configuration | undefined;
let onConnected: (() => void) | undefined;
let onRefused: ((topic: string) => void) | undefined;

function ownTopic(kind: "status" | "telemetry" | "command" | "event", name: string): string {
  if (!configuration) throw new Error("call start() first");
  return deviceTopic(configuration.topicPrefix, configuration.deviceId, kind, name);
}

/** Prints one line on the console. */
export function log(text: string): void {
  print(formatConsoleLine("log", oneLine(text)));
}

/** The configuration with which the device started; undefined before `start`, or without a configuration. */
export function getConfiguration(): Configuration | undefined {
  return configuration;
}

/** Runs `work` repeatedly, first after the given seconds. The result is for `clearInterval` and `changeEvery`. */
export function every(seconds: number, work: () => void): number {
  return setInterval(work, seconds * 1000);
}

/** Changes the period of repeated work, beginning now. */
export function changeEvery(timer: number, seconds: number): void {
  changeInterval(timer, seconds * 1000);
}

/**
 * Publishes to any topic: a text as UTF-8, a Uint8Array or an ArrayBuffer as its bytes. Returns false if it was refused: no
 * connection at QoS 0, or no space at QoS 1 or 2.
 */
export function publish(topicName: string, payload: Payload, options?: PublishOptions): boolean {
  const how = options || {};
  const isTaken = publishBytes(
    textBytes(topicName),
    payloadBytes(payload),
    how.qos || 0,
    !!how.retain,
    how.onAcknowledged,
  );
  if (!isTaken) counters.refused++;
  if (outboxBytes > counters.outboxBytesMax) counters.outboxBytesMax = outboxBytes;
  return isTaken;
}

/** The bytes of a message's payload, or of a text in UTF-8. */
export function toBytes(text: string): Uint8Array {
  return E.toUint8Array(textBytes(text));
}

/** The counters of the connection and its messages since the start. */
export function getCounters(): Counters {
  return counters;
}

/** Publishes a measured value on `<prefix>/<device>/telemetry/<name>`. Returns false if it was refused. */
export function telemetry(name: string, value: Json, options?: PublishOptions): boolean {
  return publish(ownTopic("telemetry", name), jsonText(value), options);
}

/** Publishes an event on `<prefix>/<device>/event/<name>` at QoS 1. Returns false if it was refused. */
export function event(name: string, value: Json): boolean {
  return publish(ownTopic("event", name), jsonText(value), { qos: 1 });
}

/** Registers the handler of `<prefix>/<device>/command/<name>`. Its outcome is published as the event with that name. */
export function onCommand(name: string, handler: CommandHandler): void {
  commands[name] = handler;
}

function deliverToListeners(message: Message): void {
  const topicName = textBytes(message.topicName);
  for (const each of subscriptions) {
    if (matchesTopicFilter(each[0], topicName)) each[1](message);
  }
}

/** Calls `listener` for messages on matching topics; the filter may contain `+` and `#`. */
export function subscribe(topicFilter: string, qos: Qos, listener: (message: Message) => void): void {
  const filterBytes = textBytes(topicFilter);
  deliver = deliverToListeners;
  subscriptions.push([filterBytes, listener]);
  subscribeBytes(filterBytes, qos);
}

/**
 * Ends the subscription to exactly this filter. Its listeners are no longer called, not even for messages that are on their
 * way. UNSUBSCRIBE is sent now or on the next connection, even for a filter without a subscription, because a persistent session
 * may have one from an earlier run. Commands are not affected. Returns false if the text is not a topic filter.
 */
export function unsubscribe(topicFilter: string): boolean {
  const filterBytes = textBytes(topicFilter);
  for (const each of subscriptions) {
    if (each[0] === filterBytes) each[0] = "";
  }
  // A new array, because a listener may have called this during an iteration over the present one.
  subscriptions = subscriptions.filter((each) => each[0]);
  if (configuration && filterBytes === textBytes(ownTopic("command", "#"))) return true;
  return unsubscribeBytes(filterBytes);
}

function runCommand(name: string, payload: string): void {
  const handler = commands[name];
  try {
    if (!handler) throw new Error("there is no command " + name);
    event(name, { ok: true, value: handler(parseText(payload) as Json) });
  } catch (error) {
    event(name, { ok: false, error: (error as Error).message });
  }
}

function onMessage(topicName: string, payload: string, qos: number, retain: boolean, inDoubt: boolean): void {
  const commandTopic = textBytes(ownTopic("command", "")) + "/";
  if (topicName.startsWith(commandTopic))
    runCommand(textOf(topicName.substring(commandTopic.length)), payload);
  if (deliver) deliver({ topicName: textOf(topicName), payload: textOf(payload), qos, retain, inDoubt });
}

function readConfiguration(): Configuration | undefined {
  const storage = require("Storage");
  const files = [storage.read(CONFIGURATION_FILES[0]), storage.read(CONFIGURATION_FILES[1])];
  const own = openConfiguration(files, E.CRC32);
  if (!own) {
    print(formatConsoleLine("error", (files[0] || files[1] ? "damaged" : "no") + "-configuration"));
  }
  return own;
}

function onUp(_sessionPresent: boolean, resent: number): void {
  counters.connects++;
  counters.resent += resent;
  print(formatConsoleLine("connected", onHubUp()));
  publish(ownTopic("status", ""), STATUS_ONLINE, { retain: true });
  if (onConnected) onConnected();
}

function onDown(reason: string, returnCode: number): void {
  countReason(reason);
  print(
    formatConsoleLine(
      "disconnected",
      reason +
        (returnCode ? ": " + refusalText(returnCode) : "") +
        "; next try in " +
        Math.ceil(onHubDown(returnCode) / 1000) +
        " s",
    ),
  );
}

function onProblem(problem: string, topic: string): void {
  print(formatConsoleLine("error", problem + ": " + topic));
}

function onSetAside(topic: string): void {
  const text = textOf(topic);
  counters.setAside++;
  onFailure("set-aside: " + text.substring(0, REPORTED_TOPIC_LENGTH_MAX));
  if (onRefused) onRefused(text);
}

const deviceHandlers = {
  openSocket,
  onUp,
  onDown,
  onMessage,
  onProblem,
  onSetAside,
  onNetwork: (isUp: boolean, reason: string): void =>
    print(formatConsoleLine(isUp ? "network" : "error", reason)),
  keepsSession: false,
};

function onFailure(what: string): void {
  print(formatConsoleLine("error", what));
  if (configuration) event("error", what);
}

/**
 * Reads the configuration, joins the network, connects to the hub, and stays connected. Publishes the retained
 * status, `online`, or `offline` by will. Call it once.
 */
export function start(options?: StartOptions): void {
  guard(onFailure);
  configuration = readConfiguration();
  if (!configuration) return;
  const how = options || {};
  onConnected = how.onConnected;
  onRefused = how.onRefused;
  print(formatConsoleLine("boot", configuration.deviceId + " on " + BOARD_ID));
  subscribeBytes(textBytes(ownTopic("command", "#")), 1);
  event("boot", { board: BOARD_ID, espruino: process.version });
  deviceHandlers.keepsSession = !!how.keepSession;
  supervise(configuration, deviceHandlers);
  joinNetwork(configuration.wifi, onNetwork);
}
