/**
 * A client of MQTT 3.1.1 over WebSocket, for the page: one connection that comes back by itself. Publishing while it is not
 * connected is refused, never queued: a command sent late can harm. Who owns it subscribes after each connection that has no
 * session of before.
 */

import type { FrameDirection } from "../../control/wire-events.ts";
import { FrameSplitter } from "../../wire/frame-splitter.ts";
import { RETURN_CODES } from "../../wire/packet-types.ts";
import type { Qos } from "../model/message.ts";
import { Exchange } from "./exchange.ts";
import { decodeHubPacket, HubFault, type IncomingPublish } from "./packets-from-hub.ts";
import {
  type ConnectFields,
  DISCONNECT,
  encodeConnect,
  PINGREQ,
  type PublishFields,
} from "./packets-to-hub.ts";

export interface MqttOptions extends ConnectFields {
  /** `ws:` or `wss:`. */
  readonly url: string;
}

export type MqttLink =
  | { readonly state: "connecting" }
  | { readonly state: "connected"; readonly sessionPresent: boolean }
  /** It is tried again by itself, at that time (as `Date.now`). */
  | { readonly state: "waiting"; readonly retryAtMs: number; readonly why: string }
  /** The hub said no: it is not tried again until `open` is called. */
  | { readonly state: "refused"; readonly why: string }
  | { readonly state: "closed" };

export interface MqttEvents {
  onLink(link: MqttLink): void;
  onMessage(message: IncomingPublish): void;
  /** Each packet, whole: `in` goes to the hub, `out` comes from it. Also what came and is no packet. */
  onFrame(direction: FrameDirection, bytes: Uint8Array): void;
}

/** From the socket to CONNACK. */
const CONNECT_MS_MAX = 8_000;
const PING_MS_MAX = 10_000;
/** Waits double from the first to the last, each shortened by chance by up to a half. */
const RETRY_MS_FIRST = 1_000;
const RETRY_MS_LAST = 30_000;
/** A browser that shows another tab may run timers once a minute: the hub has to be told in time all the same. */
const LOOK_MS = 5_000;
const UNSENT_BYTES_MAX = 8 * 1024 * 1024;
const SERVER_UNAVAILABLE = 3;

const CLOSE_NORMAL = 1000;

export class MqttConnection {
  readonly #options: MqttOptions;
  readonly #events: MqttEvents;
  readonly #exchange: Exchange;
  #socket: WebSocket | undefined;
  #splitter = new FrameSplitter();
  #isConnected = false;
  #isWanted = false;
  #retries = 0;
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
    this.#splitter = new FrameSplitter();
    const socket = this.#createSocket();
    if (!socket) return;
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.addEventListener("open", () => this.#send(encodeConnect(this.#options)));
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    });
    // Where the page's policy forbids the address this is all that comes.
    socket.addEventListener("error", () => {
      const why = "The hub does not answer, or this page may not connect to it.";
      this.#end(socket, this.#isConnected ? "The connection broke." : why);
    });
    socket.addEventListener("close", ({ reason }) => {
      const how = this.#isConnected ? "The hub ended the connection" : "The hub does not answer";
      this.#end(socket, reason === "" ? `${how}.` : `${how}: ${reason}.`);
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
    this.#exchange.abandon("The connection was closed.");
    this.#events.onLink({ state: "closed" });
  }

  /** Resolves when the hub has it (QoS 1 and 2) or the browser has it (QoS 0). Rejects with words. */
  publish(message: Omit<PublishFields, "packetIdentifier">): Promise<void> {
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
    // [MQTT-6.0.0-1]
    if (!(data instanceof ArrayBuffer)) {
      this.#end(socket, "The hub broke MQTT 3.1.1: a text frame [MQTT-6.0.0-1].");
      return;
    }
    try {
      for (const frame of this.#splitter.push(new Uint8Array(data))) {
        this.#events.onFrame("out", frame);
        this.#take(frame);
        if (socket !== this.#socket) return;
      }
      if (this.#splitter.fault !== undefined) throw new HubFault(this.#splitter.fault);
    } catch (error) {
      if (!(error instanceof HubFault)) throw error;
      if (this.#splitter.fault !== undefined) this.#events.onFrame("out", this.#splitter.unfinished);
      this.#end(socket, `The hub broke MQTT 3.1.1: ${error.message}.`);
    }
  }

  #take(frame: Uint8Array): void {
    const packet = decodeHubPacket(frame);
    if (packet.kind === "connack") this.#takeConnack(packet);
    else if (!this.#isConnected) throw new HubFault("a packet before CONNACK [MQTT-3.2.0-1]");
    else if (packet.kind === "pingresp") this.#pingedMs = undefined;
    else this.#exchange.take(packet);
  }

  #takeConnack({ returnCode, sessionPresent }: { returnCode: number; sessionPresent: boolean }): void {
    if (this.#isConnected) throw new HubFault("a second CONNACK");
    clearTimeout(this.#timer);
    if (returnCode !== 0) {
      this.#refused(returnCode);
      return;
    }
    // [MQTT-3.2.2-1]
    if (sessionPresent && this.#options.cleanSession)
      throw new HubFault("CONNACK: a session where a clean one was asked for [MQTT-3.2.2-1]");
    this.#isConnected = true;
    this.#retries = 0;
    this.#keepAlive();
    this.#exchange.begin(sessionPresent);
    this.#events.onLink({ state: "connected", sessionPresent });
  }

  #refused(returnCode: number): void {
    const why = RETURN_CODES[returnCode] ?? String(returnCode);
    this.#detach();
    if (returnCode === SERVER_UNAVAILABLE) this.#wait(`The hub refused: ${why}.`);
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

  #end(socket: WebSocket, why: string): void {
    if (socket !== this.#socket) return;
    this.#detach();
    this.#exchange.suspend(!this.#options.cleanSession);
    if (this.#isWanted) this.#wait(why);
  }

  #detach(): void {
    clearInterval(this.#clock);
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isConnected = false;
    socket?.close(CLOSE_NORMAL);
  }

  #wait(why: string): void {
    const ceilingMs = Math.min(RETRY_MS_FIRST * 2 ** this.#retries++, RETRY_MS_LAST);
    const waitMs = ceilingMs * (1 - Math.random() / 2);
    this.#timer = setTimeout(() => this.open(), waitMs);
    this.#events.onLink({ state: "waiting", retryAtMs: Date.now() + waitMs, why });
  }
}
