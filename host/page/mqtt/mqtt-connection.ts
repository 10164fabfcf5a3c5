/**
 * A client of MQTT 3.1.1 over WebSocket, for the page: one connection that comes back by itself. Publishing while it is not
 * connected is refused, never queued: a command sent late can do damage. Its owner subscribes again after each connection.
 */

import { encodePacket } from "../../mqtt/encode.ts";
import { type Direction, type Qos, RETURN_CODE, RETURN_CODE_WORDS } from "../../mqtt/packet-types.ts";
import type { ConnackPacket, ConnectPacket, HubPacket, PublishPacket } from "../../mqtt/packets.ts";
import { ProtocolViolation } from "../../mqtt/protocol-violation.ts";
import { RULES, ruleText } from "../../mqtt/rules.ts";
import { Exchange, type Publication } from "./exchange.ts";
import { HubStream } from "./hub-stream.ts";

export interface MqttOptions {
  /** `ws:` or `wss:`. */
  readonly url: string;
  readonly clientId: string;
  readonly userName?: string;
  readonly password?: string;
  readonly cleanSession: boolean;
  readonly keepAliveSeconds: number;
}

export type MqttLink =
  | { readonly state: "connecting" }
  | { readonly state: "connected"; readonly sessionPresent: boolean }
  /**
   * It is tried again by itself, at that time (as `Date.now`). `isEndedFromOutside`: a connection that the hub had accepted
   * was ended by the hub or by the network, and not by the page.
   */
  | {
      readonly state: "waiting";
      readonly retryAtMs: number;
      readonly why: string;
      readonly isEndedFromOutside: boolean;
    }
  /** The hub said no: it is not tried again until `open` is called. */
  | { readonly state: "refused"; readonly why: string }
  | { readonly state: "closed" };

export interface MqttEvents {
  onLink(link: MqttLink): void;
  onMessage(message: PublishPacket): void;
  /** Each packet, whole: `in` goes to the hub, `out` comes from it. Also what came and breaks MQTT. */
  onFrame(direction: Direction, bytes: Uint8Array): void;
}

/** From the socket to CONNACK. */
const CONNECT_MS_MAX = 8_000;
const PING_MS_MAX = 10_000;
/** Waits double from the first to the last, each shortened by chance by up to a half. */
const RETRY_MS_FIRST = 1_000;
const RETRY_MS_LAST = 30_000;
/** A connection that has lasted so long, and longer than the wait before it, begins the waits anew. */
const LASTED_MS = 10_000;
/** A browser that shows another tab may run timers once a minute: the hub has to be told in time all the same. */
const LOOK_MS = 5_000;
const UNSENT_BYTES_MAX = 8 * 1024 * 1024;

const PINGREQ = encodePacket({ type: "pingreq" });
const DISCONNECT = encodePacket({ type: "disconnect" });

const CLOSE_NORMAL = 1000;

export class MqttConnection {
  readonly #options: MqttOptions;
  readonly #events: MqttEvents;
  readonly #exchange: Exchange;
  #socket: WebSocket | undefined;
  #stream = new HubStream();
  #isConnected = false;
  #isWanted = false;
  /** Waits since a connection has lasted. */
  #retries = 0;
  #lastWaitMs = 0;
  /** When CONNACK came, as `Date.now`; undefined where it has not. */
  #acceptedMs: number | undefined;
  /** Of the wait, of CONNACK. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #clock: ReturnType<typeof setInterval> | undefined;
  #sentMs = 0;
  #pingedMs: number | undefined;

  constructor(options: MqttOptions, events: MqttEvents) {
    this.#options = options;
    this.#events = events;
    this.#exchange = new Exchange({
      send: (frame) => this.#send(frame),
      onMessage: (message) => events.onMessage(message),
    });
  }

  /** Connects, and again whenever the connection ends. May be called again: it does not wait any longer then. */
  open(): void {
    if (this.#socket) return;
    this.#isWanted = true;
    clearTimeout(this.#timer);
    this.#events.onLink({ state: "connecting" });
    this.#stream = new HubStream();
    const socket = this.#createSocket();
    if (!socket) return;
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.addEventListener("open", () => this.#send(encodePacket(connectOf(this.#options))));
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    });
    // Where the page's policy forbids the address this is all that comes.
    socket.addEventListener("error", () => {
      const why = "The hub does not answer, or this page may not connect to it.";
      this.#end(socket, this.#isConnected ? "The connection broke." : why, this.#isConnected);
    });
    socket.addEventListener("close", ({ reason }) => {
      const how = this.#isConnected ? "The hub ended the connection" : "The hub does not answer";
      this.#end(socket, reason === "" ? `${how}.` : `${how}: ${reason}.`, this.#isConnected);
    });
    this.#timer = setTimeout(() => this.#end(socket, "The hub did not answer CONNECT."), CONNECT_MS_MAX);
  }

  /** Undefined where the browser forbids it: the page's policy, or `ws:` from a page that came by https. */
  #createSocket(): WebSocket | undefined {
    try {
      return new WebSocket(this.#options.url, "mqtt");
    } catch (error) {
      this.#isWanted = false;
      this.#events.onLink({ state: "refused", why: `the browser forbids it: ${(error as Error).message}` });
      return undefined;
    }
  }

  /** Says DISCONNECT, so that the hub publishes no will, and stays away. */
  close(): void {
    this.#isWanted = false;
    clearTimeout(this.#timer);
    if (this.#isConnected) this.#send(DISCONNECT);
    this.#detach();
    this.#acceptedMs = undefined;
    this.#exchange.abandon("The connection was closed.");
    this.#events.onLink({ state: "closed" });
  }

  /** Resolves when the hub has it (QoS 1 and 2) or the browser has it (QoS 0). Rejects with words. */
  publish(message: Publication): Promise<void> {
    return this.#refusal() ?? this.#exchange.publish(message);
  }

  /** Resolves to the QoS that the hub granted. */
  subscribe(topicFilter: string, qos: Qos): Promise<Qos | "refused"> {
    return this.#refusal() ?? this.#exchange.subscribe(topicFilter, qos);
  }

  unsubscribe(topicFilter: string): Promise<void> {
    return this.#refusal() ?? this.#exchange.unsubscribe(topicFilter);
  }

  #refusal(): Promise<never> | undefined {
    if (!this.#isConnected) return Promise.reject(new Error("The hub is not connected."));
    const unsentBytes = this.#socket?.bufferedAmount ?? 0;
    return unsentBytes > UNSENT_BYTES_MAX
      ? Promise.reject(new Error("The hub does not take what was sent before."))
      : undefined;
  }

  #send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#events.onFrame("in", frame);
    this.#sentMs = Date.now();
    this.#socket.send(frame);
  }

  #receive(data: unknown): void {
    const socket = this.#socket as WebSocket;
    if (!(data instanceof ArrayBuffer)) {
      this.#end(socket, brokenBy(ruleText(RULES.textFrame)));
      return;
    }
    try {
      this.#stream.read(new Uint8Array(data), (frame, read) => {
        if (socket !== this.#socket) return;
        this.#events.onFrame("out", frame);
        this.#take(read());
      });
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      if (socket !== this.#socket) return;
      const { unshown } = this.#stream;
      if (unshown) this.#events.onFrame("out", unshown);
      this.#end(socket, brokenBy(error.message));
    }
  }

  #take(packet: HubPacket): void {
    if (packet.type === "connack") this.#takeConnack(packet);
    else if (!this.#isConnected)
      throw new ProtocolViolation(packet.type.toUpperCase(), RULES.notConnackFirst);
    else if (packet.type === "pingresp") this.#pingedMs = undefined;
    else this.#exchange.take(packet);
  }

  #takeConnack({ returnCode, sessionPresent }: ConnackPacket): void {
    if (this.#isConnected) throw new ProtocolViolation("CONNACK", RULES.secondConnack);
    clearTimeout(this.#timer);
    if (returnCode !== RETURN_CODE.accepted) {
      this.#refused(returnCode);
      return;
    }
    if (sessionPresent && this.#options.cleanSession)
      throw new ProtocolViolation("CONNACK", RULES.sessionWhereClean);
    this.#isConnected = true;
    this.#acceptedMs = Date.now();
    this.#keepAlive();
    this.#exchange.begin(sessionPresent);
    this.#events.onLink({ state: "connected", sessionPresent });
  }

  #refused(returnCode: number): void {
    const why = RETURN_CODE_WORDS[returnCode] ?? String(returnCode);
    this.#detach();
    if (returnCode === RETURN_CODE.serverUnavailable) this.#wait(`The hub refused: ${why}.`);
    else {
      this.#isWanted = false;
      this.#events.onLink({ state: "refused", why });
    }
  }

  /** [MQTT-3.1.2-23] */
  #keepAlive(): void {
    const { keepAliveSeconds } = this.#options;
    this.#pingedMs = undefined;
    if (keepAliveSeconds === 0) return;
    const periodMs = Math.min(LOOK_MS, keepAliveSeconds * 250);
    this.#clock = setInterval(() => {
      const nowMs = Date.now();
      if (this.#pingedMs !== undefined) {
        const isOverdue = nowMs - this.#pingedMs > PING_MS_MAX;
        if (isOverdue && this.#socket) this.#end(this.#socket, "The hub answers no more.");
      } else if (nowMs - this.#sentMs >= keepAliveSeconds * 500) {
        this.#pingedMs = nowMs;
        this.#send(PINGREQ);
      }
    }, periodMs);
  }

  #end(socket: WebSocket, why: string, isFromOutside = false): void {
    if (socket !== this.#socket) return;
    this.#detach();
    this.#exchange.suspend(!this.#options.cleanSession);
    if (this.#isWanted) this.#wait(why, isFromOutside);
  }

  #detach(): void {
    clearInterval(this.#clock);
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isConnected = false;
    socket?.close(CLOSE_NORMAL);
  }

  /** Waits grow as long as connections do not last: who is ended again and again for the same cause is no burden. */
  #wait(why: string, isEndedFromOutside = false): void {
    const lastedMs = this.#acceptedMs === undefined ? 0 : Date.now() - this.#acceptedMs;
    this.#acceptedMs = undefined;
    if (lastedMs >= Math.max(LASTED_MS, this.#lastWaitMs)) this.#retries = 0;
    const ceilingMs = Math.min(RETRY_MS_FIRST * 2 ** this.#retries++, RETRY_MS_LAST);
    const waitMs = ceilingMs * (1 - Math.random() / 2);
    this.#lastWaitMs = waitMs;
    this.#timer = setTimeout(() => this.open(), waitMs);
    this.#events.onLink({ state: "waiting", retryAtMs: Date.now() + waitMs, why, isEndedFromOutside });
  }
}

const encoder = new TextEncoder();

function connectOf(options: MqttOptions): ConnectPacket {
  const { clientId, userName, password, cleanSession, keepAliveSeconds } = options;
  return {
    type: "connect",
    protocolLevel: 4,
    cleanSession,
    keepAliveSeconds,
    clientIdentifier: clientId,
    ...(userName !== undefined && { userName }),
    ...(password !== undefined && { password: encoder.encode(password) }),
  };
}

function brokenBy(what: string): string {
  return `The hub broke MQTT 3.1.1: ${what}.`;
}
