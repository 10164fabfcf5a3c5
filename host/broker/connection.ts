/** One client's connection: packets from bytes, keep alive, and the will. It does not handle messages. */
import type { Message } from "./message.ts";
import { PacketReader } from "./packet-reader.ts";
import type { ClientPacket, Outgoing } from "./packets.ts";
import type { Client, Link } from "./policy.ts";
import type { Outlet, Session } from "./session.ts";

/** The time in which CONNECT has to arrive whole, in milliseconds. Bytes that trickle in do not extend it. */
export const CONNECT_MS_MAX = 5_000;
/** [MQTT-3.1.2-24] */
const KEEP_ALIVE_PERIODS = 1.5;

/** The hub's end of a byte stream. Its calls do not throw, and the broker makes none after `close`. */
export interface Wire {
  readonly link: Link;
  /** Sends one or more whole packets. */
  send(bytes: Uint8Array): void;
  /** Closes the stream after the bytes that were sent before. `isViolation`: the peer broke MQTT. */
  close(isViolation: boolean): void;
  /** False while too many sent bytes wait for the peer. `BrokerConnection.drained` is called when there is space again. */
  hasRoom(): boolean;
}

/** The traffic of a connection. Messages are PUBLISH packets, including those that are sent again. */
export interface Traffic {
  bytesIn: number;
  bytesOut: number;
  messagesIn: number;
  messagesOut: number;
}

/** Receives each outgoing packet before it is written. */
interface PacketSender {
  send(connection: Connection, outgoing: Outgoing): void;
}

export class Connection implements Outlet {
  readonly number: number;
  readonly wire: Wire;
  /** Set when CONNECT is accepted. */
  session: Session | undefined;
  client: Client | undefined;
  /** The will message, which is published unless DISCONNECT comes [MQTT-3.1.2-8]. */
  will: Message | undefined;
  isOpen = true;
  readonly traffic: Traffic = { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0 };
  packetsRead = 0;
  #reader = new PacketReader();
  readonly #sender: PacketSender;
  #keepAliveMs = Number.POSITIVE_INFINITY;
  #deadlineMs: number;

  constructor(number: number, wire: Wire, sender: PacketSender, openedMs: number) {
    this.number = number;
    this.wire = wire;
    this.#sender = sender;
    this.#deadlineMs = openedMs + CONNECT_MS_MAX;
  }

  /** The hub ends the connection if no packet has come by this time. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** Stops reading, and drops an incomplete packet. */
  end(): void {
    this.isOpen = false;
    this.#reader = new PacketReader();
  }

  get unfinishedBytes(): number {
    return this.#reader.unfinishedBytes;
  }

  /** 0 turns keep alive off [MQTT 3.1.1, 3.1.2.10]. */
  setKeepAlive(seconds: number, nowMs: number): void {
    this.#keepAliveMs = seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1000 * KEEP_ALIVE_PERIODS;
    this.touch(nowMs);
  }

  /** Restarts the keep alive period, because a packet came. */
  touch(nowMs: number): void {
    if (this.session) this.#deadlineMs = nowMs + this.#keepAliveMs;
  }

  /** @throws ProtocolViolation */
  read(bytes: Buffer, onPacket: (packet: ClientPacket) => void): void {
    this.traffic.bytesIn += bytes.length;
    this.#reader.read(bytes, onPacket);
  }

  /** The bytes of the packet that `onPacket` is being called with, or the received bytes of a packet that breaks MQTT. */
  frame(): Buffer {
    return this.#reader.frame();
  }

  send(outgoing: Outgoing): void {
    this.#sender.send(this, outgoing);
  }

  /** Writes a packet to the peer at once. */
  write({ bytes, packet }: Outgoing): void {
    this.traffic.bytesOut += bytes.length;
    if (packet.type === "publish") this.traffic.messagesOut++;
    this.wire.send(bytes);
  }

  hasRoom(): boolean {
    return this.wire.hasRoom();
  }
}
