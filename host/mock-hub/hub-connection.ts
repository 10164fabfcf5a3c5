/** One connection to a mock hub: its bytes as packets, its keep alive, its will. It knows nothing of messages. */
import { generate, type IConnectPacket, type Packet, parser } from "mqtt-packet";
import type { Session } from "./session.ts";

/** From the connection to CONNECT. */
const CONNECT_TIMEOUT_MS = 10_000;
/** [MQTT-3.1.2-24] */
const KEEP_ALIVE_PERIODS = 1.5;

/** The hub's end of a byte stream. Neither call throws; after `close` none is made. */
export interface Wire {
  send(bytes: Uint8Array): void;
  /** Closes; the peer gets what was sent before. */
  close(): void;
}

export interface ConnectionOwner {
  onPacket(connection: HubConnection, packet: Packet): void;
  /** The stream is no MQTT. */
  onMalformed(connection: HubConnection, error: Error): void;
}

export class HubConnection {
  readonly number: number;
  /** Set by an accepted CONNECT, and gone with the connection. */
  session: Session | undefined;
  /** Published unless DISCONNECT comes [MQTT-3.1.2-8]. */
  will: IConnectPacket["will"];
  isOpen = true;
  readonly #wire: Wire;
  readonly #parser = parser({ protocolVersion: 4 });
  #keepAliveMs = Number.POSITIVE_INFINITY;
  #deadlineMs: number;

  constructor(number: number, wire: Wire, owner: ConnectionOwner, nowMs: number) {
    this.number = number;
    this.#wire = wire;
    this.#deadlineMs = nowMs + CONNECT_TIMEOUT_MS;
    this.#parser.on("packet", (packet) => {
      if (this.isOpen) owner.onPacket(this, packet);
    });
    this.#parser.on("error", (error: Error) => {
      if (this.isOpen) owner.onMalformed(this, error);
    });
  }

  /** The hub ends the connection if no packet has come by then. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** 0 turns keep alive off [MQTT 3.1.1, 3.1.2.10]. */
  setKeepAlive(seconds: number, nowMs: number): void {
    this.#keepAliveMs = seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1000 * KEEP_ALIVE_PERIODS;
    this.touch(nowMs);
  }

  /** A packet came. */
  touch(nowMs: number): void {
    if (this.session) this.#deadlineMs = nowMs + this.#keepAliveMs;
  }

  parse(bytes: Uint8Array): void {
    this.#parser.parse(Buffer.from(bytes));
  }

  send(packet: Packet): void {
    if (this.isOpen) this.#wire.send(generate(packet));
  }

  /** The stream is gone already where `isGone`. */
  close(isGone: boolean): void {
    this.isOpen = false;
    if (!isGone) this.#wire.close();
  }
}
