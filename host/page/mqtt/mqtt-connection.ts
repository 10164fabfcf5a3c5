/**
 * The page's MQTT 3.1.1 client over WebSocket, which reconnects by itself. It refuses to publish while it is not connected,
 * because a command that is sent late can do damage. Its owner subscribes again after each connection.
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
   * The client reconnects at that time (as `Date.now`). `isEndedFromOutside` is true if the hub or the network ended an
   * accepted connection, and false if the page ended it.
   */
  | {
      readonly state: "waiting";
      readonly retryAtMs: number;
      readonly reason: string;
      readonly isEndedFromOutside: boolean;
    }
  /** The hub refused the connection. The client does not reconnect until `open` is called. */
  | { readonly state: "refused"; readonly reason: string }
  | { readonly state: "closed" };

export interface MqttEvents {
  onLink(link: MqttLink): void;
  onMessage(message: PublishPacket): void;
  /** Called for each complete packet, `in` to the hub and `out` from the hub, and for received bytes that break MQTT. */
  onFrame(direction: Direction, bytes: Uint8Array): void;
}

/** Limit of the time from opening the socket to CONNACK. */
const CONNECT_MS_MAX = 8_000;
const PING_MS_MAX = 10_000;
/** The wait doubles from the first to the last value. Each wait is shortened by a random part of up to a half. */
const RETRY_MS_FIRST = 1_000;
const RETRY_MS_LAST = 30_000;
/** A connection that lasts this long, and longer than the wait before it, resets the wait. */
const LASTED_MS = 10_000;
/** Period of the keep alive check. A browser may run the timers of a background tab only once a minute. */
const CHECK_MS = 5_000;
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
  /** The number of waits since the last reset. */
  #retries = 0;
  #lastWaitMs = 0;
  /** The time of CONNACK, as `Date.now`, or undefined before it. */
  #acceptedMs: number | undefined;
  /** The timer of the wait, or of the wait for CONNACK. */
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

  /** Connects, and reconnects when the connection ends. A call during a wait ends the wait. */
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
    // This is the only event if the page's Content-Security-Policy forbids the address.
    socket.addEventListener("error", () => {
      const unreachable = "The hub does not answer, or this page is not allowed to connect to it.";
      this.#end(socket, this.#isConnected ? "The connection was lost." : unreachable, this.#isConnected);
    });
    socket.addEventListener("close", ({ reason }) => {
      const event = this.#isConnected ? "The hub closed the connection" : "The hub does not answer";
      this.#end(socket, reason === "" ? `${event}.` : `${event}: ${reason}.`, this.#isConnected);
    });
    this.#timer = setTimeout(() => this.#end(socket, "The hub did not answer CONNECT."), CONNECT_MS_MAX);
  }

  /** Undefined if the browser forbids it, because of the page's policy or for `ws:` from an HTTPS page. */
  #createSocket(): WebSocket | undefined {
    try {
      return new WebSocket(this.#options.url, "mqtt");
    } catch (error) {
      this.#isWanted = false;
      const reason = `the browser does not allow this connection: ${(error as Error).message}`;
      this.#events.onLink({ state: "refused", reason });
      return undefined;
    }
  }

  /** Sends DISCONNECT, so that the hub publishes no will, and does not reconnect. */
  close(): void {
    this.#isWanted = false;
    clearTimeout(this.#timer);
    if (this.#isConnected) this.#send(DISCONNECT);
    this.#detach();
    this.#acceptedMs = undefined;
    this.#exchange.abandon("The connection was closed.");
    this.#events.onLink({ state: "closed" });
  }

  /** Resolves when the hub has the message (QoS 1 and 2) or the browser has it (QoS 0). Rejects with a text for the user. */
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
    if (!this.#isConnected) return Promise.reject(new Error("The page is not connected to the hub."));
    const unsentBytes = this.#socket?.bufferedAmount ?? 0;
    return unsentBytes > UNSENT_BYTES_MAX
      ? Promise.reject(new Error("The hub does not read the data that was sent before. Try again later."))
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
      this.#end(socket, violationText(ruleText(RULES.textFrame)));
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
      this.#end(socket, violationText(error.message));
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
    const reason = RETURN_CODE_WORDS[returnCode] ?? String(returnCode);
    this.#detach();
    if (returnCode === RETURN_CODE.serverUnavailable)
      this.#wait(`The hub refused the connection: ${reason}.`);
    else {
      this.#isWanted = false;
      this.#events.onLink({ state: "refused", reason });
    }
  }

  /** [MQTT-3.1.2-23] */
  #keepAlive(): void {
    const { keepAliveSeconds } = this.#options;
    this.#pingedMs = undefined;
    if (keepAliveSeconds === 0) return;
    const periodMs = Math.min(CHECK_MS, keepAliveSeconds * 250);
    this.#clock = setInterval(() => {
      const nowMs = Date.now();
      if (this.#pingedMs !== undefined) {
        const isOverdue = nowMs - this.#pingedMs > PING_MS_MAX;
        if (isOverdue && this.#socket) this.#end(this.#socket, "The hub stopped answering.");
      } else if (nowMs - this.#sentMs >= keepAliveSeconds * 500) {
        this.#pingedMs = nowMs;
        this.#send(PINGREQ);
      }
    }, periodMs);
  }

  #end(socket: WebSocket, reason: string, isFromOutside = false): void {
    if (socket !== this.#socket) return;
    this.#detach();
    this.#exchange.suspend(!this.#options.cleanSession);
    if (this.#isWanted) this.#wait(reason, isFromOutside);
  }

  #detach(): void {
    clearInterval(this.#clock);
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isConnected = false;
    socket?.close(CLOSE_NORMAL);
  }

  /** The wait grows as long as connections do not last, so that a client that is ended repeatedly does not load the hub. */
  #wait(reason: string, isEndedFromOutside = false): void {
    const lastedMs = this.#acceptedMs === undefined ? 0 : Date.now() - this.#acceptedMs;
    this.#acceptedMs = undefined;
    if (lastedMs >= Math.max(LASTED_MS, this.#lastWaitMs)) this.#retries = 0;
    const ceilingMs = Math.min(RETRY_MS_FIRST * 2 ** this.#retries++, RETRY_MS_LAST);
    const waitMs = ceilingMs * (1 - Math.random() / 2);
    this.#lastWaitMs = waitMs;
    this.#timer = setTimeout(() => this.open(), waitMs);
    this.#events.onLink({ state: "waiting", retryAtMs: Date.now() + waitMs, reason, isEndedFromOutside });
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

function violationText(violation: string): string {
  return `The hub violated MQTT 3.1.1: ${violation}.`;
}
