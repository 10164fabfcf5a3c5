/** One client's connection: its bytes as packets, its keep alive, its will. It knows nothing of messages. */
import type { Message } from "./message.ts";
import { PacketReader } from "./packet-reader.ts";
import type { ClientPacket, Outgoing } from "./packets.ts";
import type { Client, Link } from "./policy.ts";
import type { Outlet, Session } from "./session.ts";

/** From the connection to CONNECT; what trickles in does not extend it. */
export const CONNECT_MS_MAX = 5_000;
/** [MQTT-3.1.2-24] */
const KEEP_ALIVE_PERIODS = 1.5;

/** The hub's end of a byte stream. No call throws; after `close` none is made. */
export interface Wire {
  readonly link: Link;
  /** Whole packets. */
  send(bytes: Uint8Array): void;
  /** Closes; the peer gets what was sent before. `isViolation`: the peer broke MQTT. */
  close(isViolation: boolean): void;
  /** False: too much was sent that the peer has not taken. `drained` is called on the entrance when there is room again. */
  hasRoom(): boolean;
}

/** What went over a connection. Messages are PUBLISH packets, repetitions among them. */
export interface Traffic {
  bytesIn: number;
  bytesOut: number;
  messagesIn: number;
  messagesOut: number;
}

/** What a packet passes before it is written. */
interface WayOut {
  send(connection: Connection, outgoing: Outgoing): void;
}

export class Connection implements Outlet {
  readonly number: number;
  readonly wire: Wire;
  /** Set by an accepted CONNECT, and gone with the connection. */
  session: Session | undefined;
  client: Client | undefined;
  /** Published unless DISCONNECT comes [MQTT-3.1.2-8]. */
  will: Message | undefined;
  isOpen = true;
  readonly traffic: Traffic = { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0 };
  packetsRead = 0;
  #reader = new PacketReader();
  readonly #way: WayOut;
  #keepAliveMs = Number.POSITIVE_INFINITY;
  #deadlineMs: number;

  constructor(number: number, wire: Wire, way: WayOut, openedMs: number) {
    this.number = number;
    this.wire = wire;
    this.#way = way;
    this.#deadlineMs = openedMs + CONNECT_MS_MAX;
  }

  /** The hub ends the connection if no packet has come by then. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** Nothing more is read, and nothing kept of what had begun to come. */
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

  /** A packet came. */
  touch(nowMs: number): void {
    if (this.session) this.#deadlineMs = nowMs + this.#keepAliveMs;
  }

  /** @throws ProtocolViolation */
  read(bytes: Buffer, take: (packet: ClientPacket) => void): void {
    this.traffic.bytesIn += bytes.length;
    this.#reader.read(bytes, take);
  }

  /** The bytes of the packet that is just given to `take`, or as much as came of what breaks MQTT. */
  frame(): Buffer {
    return this.#reader.frame();
  }

  send(outgoing: Outgoing): void {
    this.#way.send(this, outgoing);
  }

  /** To the peer, now. */
  write({ bytes, packet }: Outgoing): void {
    this.traffic.bytesOut += bytes.length;
    if (packet.type === "publish") this.traffic.messagesOut++;
    this.wire.send(bytes);
  }

  hasRoom(): boolean {
    return this.wire.hasRoom();
  }
}
