/**
 * Reads every byte that a board sends and receives, with mqtt-packet, and checks the board against the specification's rules
 * for a client. It shares no code with the firmware or the mock hub, and sees only bytes and times.
 *
 * A message is in flight from its first PUBLISH to the acknowledgement that the board receives, across connections. If the
 * hub has no session [MQTT 3.1.1, 3.2.2.2], packet identifiers are free again, though the board may send the message once
 * more. A board that loses power may not have processed the last bytes that it received. A board whose interpreter loses a
 * chunk has not processed it, nor anything that the connection brings later.
 */
import {
  type IConnackPacket,
  type IConnectPacket,
  type IPublishPacket,
  type Packet,
  parser,
} from "mqtt-packet";
import type { NetworkTap } from "../simulator/world/virtual-network.ts";
import type { ConnectionState } from "./connection-state.ts";

type Parser = ReturnType<typeof parser>;

type Answer = "puback" | "pubrec" | "pubrel" | "pubcomp";

/** The most bytes that a board's socket holds before the firmware has processed them. */
const UNHEARD_BYTES_MAX = 64 * 1024;

/** The effect of a received packet, as long as the board may not have processed it. */
interface Lesson {
  /** The position in the stream at which the packet ends. */
  readonly endByte: number;
  takeBack(): void;
}

interface Stream {
  readonly number: number;
  readonly up: Parser;
  readonly down: Parser;
  /** Number of bytes that the board received, of those in complete packets, and the start of its last delivery. */
  deliveredBytes: number;
  learnedBytes: number;
  lastDeliveryByte: number;
  lessons: Lesson[];
  isEstablished: boolean;
  isOver: boolean;
  /** True if the firmware no longer reads this stream. */
  isDeaf: boolean;
  hasConnect: boolean;
  hasDisconnect: boolean;
  keepAliveMs: number;
  /** The time of the last packet that the board sent since CONNACK. */
  lastPacketMs: number | undefined;
  /** Acknowledgements that the board has to send, in the order of the packets that they acknowledge. */
  pendingAnswers: { readonly cmd: Answer; readonly messageId: number }[];
  /** Packet identifiers of unanswered SUBSCRIBE and UNSUBSCRIBE. */
  readonly requests: Set<number>;
}

interface InFlight {
  readonly content: string;
  readonly qos: number;
  connection: number;
  /** QoS 2: PUBREC was received. */
  isReceived: boolean;
  /** The hub has lost the session since. */
  isStale: boolean;
}

/** A CONNECT that the board sent. */
export interface WrittenConnect {
  readonly atMs: number;
  readonly packet: IConnectPacket;
}

export class ProtocolOracle implements NetworkTap {
  /** The board's violations, one sentence each. */
  readonly violations: string[] = [];
  /** The maximum number of simultaneous connections. */
  liveMax = 0;
  packetCount = 0;
  readonly connects: WrittenConnect[] = [];
  readonly #nowMs: () => number;
  readonly #streams = new Map<number, Stream>();
  readonly #inFlight = new Map<number, InFlight>();
  /** The stream of the last bytes that the board received. */
  #lastHeard: Stream | undefined;
  /** True after a power cut or a restart, by which the board lost everything that is not on flash. */
  #hasForgotten = false;
  /** A connection that the board itself aborted, so that its last bytes may not have left the socket. */
  #hasLostWrites = false;
  /** The time until which timers, including the keep alive's, are stopped because the clock was set back. */
  #frozenUntilMs = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  opened(number: number): void {
    const stream = this.#createStream(number);
    this.#streams.set(number, stream);
    this.liveMax = Math.max(this.liveMax, this.#streams.size);
    if (this.#streams.size > 1) this.#accuse(stream, "opens a connection beside a live one");
  }

  /** The state of the newest connection. `publishing`: a message of QoS 1 or 2 from the board is in flight. */
  get state(): Exclude<ConnectionState, "off" | "without network"> {
    const stream = [...this.#streams.values()].at(-1);
    if (!stream) return "without connection";
    if (!stream.isEstablished) return "connecting";
    if (stream.lastPacketMs === undefined) return "awaiting CONNACK";
    if (stream.requests.size > 0) return "subscribing";
    for (const { connection } of this.#inFlight.values()) {
      if (connection === stream.number) return "publishing";
    }
    return "idle";
  }

  established(number: number): void {
    const stream = this.#streams.get(number);
    if (stream) stream.isEstablished = true;
  }

  written(number: number, bytes: Uint8Array): void {
    const stream = this.#streams.get(number);
    if (stream) stream.up.parse(bytes as Buffer);
  }

  delivered(number: number, bytes: Uint8Array): void {
    const stream = this.#streams.get(number);
    this.#lastHeard = stream;
    if (!stream) return;
    stream.lastDeliveryByte = stream.deliveredBytes;
    stream.deliveredBytes += bytes.length;
    if (!stream.isDeaf) stream.down.parse(bytes as Buffer);
  }

  /** The interpreter lost the event with the last bytes of a connection, and with it the connection's listeners. */
  lostData(number: number, unheardBytes: number): void {
    const stream = this.#streams.get(number);
    if (!stream) return;
    this.#takeBack(stream, stream.deliveredBytes - unheardBytes);
    stream.isDeaf = true;
  }

  /** The board's interpreter restarts. Data on flash is kept. */
  restarted(): void {
    this.#hasForgotten = true;
    this.#frozenUntilMs = 0;
  }

  /**
   * The board's wall clock, which its timers use, was set forward, or back by a negative number. After a jump back, timers stop
   * for that time, in addition to an earlier stop. A jump forward shortens a stop.
   */
  clockJumped(byMs: number): void {
    const nowMs = this.#nowMs();
    const isFrozen = this.#frozenUntilMs > nowMs;
    if (isFrozen || byMs < 0) {
      this.#frozenUntilMs = Math.max(nowMs, (isFrozen ? this.#frozenUntilMs : nowMs) - byMs);
    }
  }

  /** The board loses power: its connections end, and data on flash is kept for its next boot. */
  powerFailed(): void {
    this.restarted();
    if (this.#lastHeard) this.#takeBack(this.#lastHeard, this.#lastHeard.lastDeliveryByte);
  }

  /** A packet has no effect if the board missed any of its bytes. */
  #takeBack(stream: Stream, heardBytes: number): void {
    for (const { endByte, takeBack } of stream.lessons) if (endByte > heardBytes) takeBack();
    stream.lessons = stream.lessons.filter(({ endByte }) => endByte <= heardBytes);
  }

  #teach(stream: Stream, takeBack: () => void): void {
    const { lessons, learnedBytes, deliveredBytes } = stream;
    lessons.push({ endByte: learnedBytes, takeBack });
    while ((lessons[0]?.endByte ?? deliveredBytes) < deliveredBytes - UNHEARD_BYTES_MAX) lessons.shift();
  }

  over(number: number, isForced = false): void {
    this.#hasLostWrites ||= isForced;
    const stream = this.#streams.get(number);
    if (!stream) return;
    stream.isOver = true;
    this.#checkKeepAlive(stream);
    this.#streams.delete(number);
  }

  /** At the end of a run, an acknowledgement that is missing on a live connection a latency after the last packet is a violation. */
  finish(): void {
    for (const stream of this.#streams.values()) {
      this.#checkKeepAlive(stream);
      if (stream.pendingAnswers.length > 0)
        this.#accuse(stream, `never answered ${stream.pendingAnswers[0]?.messageId}`);
    }
  }

  #createStream(number: number): Stream {
    const stream: Stream = {
      number,
      up: parser({ protocolVersion: 4 }),
      down: parser({ protocolVersion: 4 }),
      deliveredBytes: 0,
      learnedBytes: 0,
      lastDeliveryByte: 0,
      lessons: [],
      isEstablished: false,
      isDeaf: false,
      isOver: false,
      hasConnect: false,
      hasDisconnect: false,
      keepAliveMs: 0,
      lastPacketMs: undefined,
      pendingAnswers: [],
      requests: new Set(),
    };
    stream.up.on("packet", (packet) => this.#judge(stream, packet));
    stream.up.on("error", (error: Error) => this.#accuse(stream, `writes what is no MQTT: ${error.message}`));
    stream.down.on("packet", (packet) => this.#learn(stream, packet));
    return stream;
  }

  #accuse(stream: Stream, what: string): void {
    this.violations.push(`${(this.#nowMs() / 1000).toFixed(3)} s #${stream.number} ${what}`);
  }

  /** [MQTT-3.1.2-23] */
  #checkKeepAlive(stream: Stream): void {
    const { lastPacketMs, keepAliveMs } = stream;
    if (lastPacketMs === undefined || keepAliveMs === 0) return;
    const silentMs = this.#nowMs() - Math.max(lastPacketMs, this.#frozenUntilMs);
    if (silentMs > keepAliveMs) this.#accuse(stream, `says nothing for ${silentMs} ms`);
  }

  // Packets that the board received.

  #learn(stream: Stream, packet: Packet): void {
    this.packetCount++;
    stream.learnedBytes += lengthOnWire(packet);
    const messageId = packet.messageId ?? 0;
    if (packet.cmd === "connack") this.#learnConnack(stream, packet);
    else if (packet.cmd === "publish") {
      if (packet.qos > 0) this.#expectAnswer(stream, packet.qos === 1 ? "puback" : "pubrec", messageId);
    } else if (packet.cmd === "pubrel") this.#expectAnswer(stream, "pubcomp", messageId);
    else if (packet.cmd === "suback" || packet.cmd === "unsuback") stream.requests.delete(messageId);
    else if (packet.cmd === "puback") this.#release(stream, messageId, 1);
    else if (packet.cmd === "pubcomp") this.#release(stream, messageId, 2);
    else if (packet.cmd === "pubrec") {
      this.#expectAnswer(stream, "pubrel", messageId);
      const entry = this.#inFlight.get(messageId);
      if (!entry || entry.isReceived) return;
      entry.isReceived = true;
      this.#teach(stream, () => {
        entry.isReceived = false;
      });
    }
  }

  #expectAnswer(stream: Stream, cmd: Answer, messageId: number): void {
    const answer = { cmd, messageId };
    stream.pendingAnswers.push(answer);
    this.#teach(stream, () => {
      stream.pendingAnswers = stream.pendingAnswers.filter((pending) => pending !== answer);
    });
  }

  #learnConnack(stream: Stream, packet: IConnackPacket): void {
    if (packet.returnCode !== 0) return;
    stream.lastPacketMs = this.#nowMs();
    if (packet.sessionPresent) return;
    for (const entry of this.#inFlight.values()) entry.isStale = true;
  }

  #release(stream: Stream, messageId: number, qos: number): void {
    const entry = this.#inFlight.get(messageId);
    if (entry?.qos !== qos) return;
    this.#inFlight.delete(messageId);
    // The board may or may not regard the packet identifier as free.
    this.#teach(stream, () => this.#inFlight.set(messageId, { ...entry, isStale: true }));
  }

  // Packets that the board sent.

  #judge(stream: Stream, packet: Packet): void {
    this.packetCount++;
    this.#checkKeepAlive(stream);
    if (stream.lastPacketMs !== undefined) stream.lastPacketMs = this.#nowMs();
    // [MQTT-3.1.0-1, MQTT-3.1.0-2]
    if ((packet.cmd === "connect") === stream.hasConnect) this.#accuse(stream, `${packet.cmd} out of place`);
    // [MQTT-3.14.4-2]
    if (stream.hasDisconnect) this.#accuse(stream, `${packet.cmd} after disconnect`);
    const messageId = packet.messageId ?? 0;
    switch (packet.cmd) {
      case "connect":
        stream.hasConnect = true;
        stream.keepAliveMs = (packet.keepalive ?? 0) * 1000;
        this.connects.push({ atMs: this.#nowMs(), packet });
        break;
      case "publish":
        if (packet.qos > 0) this.#judgePublish(stream, packet, messageId);
        // [MQTT-3.3.1-2]
        else if (packet.dup) this.#accuse(stream, "publish at QoS 0 with DUP");
        break;
      case "subscribe":
      case "unsubscribe":
        this.#judgeRequest(stream, packet.cmd, messageId);
        break;
      case "puback":
      case "pubrec":
      case "pubcomp":
        this.#judgeAnswer(stream, packet.cmd, messageId);
        break;
      case "pubrel":
        if (!this.#isPubrelAgain(stream, messageId)) this.#judgeAnswer(stream, packet.cmd, messageId);
        break;
      case "disconnect":
        stream.hasDisconnect = true;
        break;
      case "pingreq":
        break;
      default:
        this.#accuse(stream, `${packet.cmd}, which only a hub sends`);
    }
  }

  #judgePublish(stream: Stream, packet: IPublishPacket, messageId: number): void {
    // [MQTT-2.3.1-1]
    if (messageId === 0) this.#accuse(stream, "publish with identifier 0");
    if (stream.requests.has(messageId)) this.#accuse(stream, `identifier ${messageId} is in flight`);
    const content = `${packet.qos} ${packet.retain} ${packet.topic} ${String(packet.payload)}`;
    const known = this.#inFlight.get(messageId);
    if (known?.content === content) this.#judgeRedelivery(stream, known, packet.dup, messageId);
    // [MQTT-2.3.1-2]
    else if (known && !known.isStale) this.#accuse(stream, `identifier ${messageId} is in flight`);
    // [MQTT-3.3.1-1]. Without a session the board may give an earlier message a new identifier, and after a restart it does
    // not know which messages it has sent.
    else if (packet.dup && !known && !this.#hasForgotten && !this.#hasLostWrites)
      this.#accuse(stream, `publish ${messageId} is marked DUP at first`);
    // Repeated messages come before new ones [MQTT-4.6.0-1].
    if (!packet.dup && !known) this.#hasLostWrites = false;
    const entry = { content, qos: packet.qos, connection: stream.number, isReceived: false, isStale: false };
    this.#inFlight.set(messageId, entry);
  }

  #judgeRedelivery(stream: Stream, known: InFlight, isDup: boolean, messageId: number): void {
    // [MQTT-4.4.0-1]: a message is repeated on a new connection only.
    if (known.connection === stream.number) this.#accuse(stream, `publish ${messageId} again`);
    if (known.isStale) return;
    if (!isDup) this.#accuse(stream, `publish ${messageId} again without DUP`);
    // [MQTT-4.3.3-1]
    if (known.isReceived) this.#accuse(stream, `publish ${messageId} again after PUBREC`);
  }

  #judgeRequest(stream: Stream, cmd: string, messageId: number): void {
    if (messageId === 0) this.#accuse(stream, `${cmd} with identifier 0`);
    const known = this.#inFlight.get(messageId);
    if (stream.requests.has(messageId) || (known && !known.isStale)) {
      this.#accuse(stream, `identifier ${messageId} is in flight`);
    }
    stream.requests.add(messageId);
  }

  /** PUBREL again [MQTT-4.4.0-1]: on a new connection, for a message whose PUBREC was received on an earlier one. */
  #isPubrelAgain(stream: Stream, messageId: number): boolean {
    const known = this.#inFlight.get(messageId);
    if (!known || known.qos < 2 || known.connection === stream.number) return false;
    known.connection = stream.number;
    return known.isReceived || this.#hasForgotten;
  }

  /** Acknowledgements have the order of the packets that they acknowledge [MQTT-4.6.0-2, MQTT-4.6.0-3, MQTT-4.6.0-4]. */
  #judgeAnswer(stream: Stream, cmd: Answer, messageId: number): void {
    const next = stream.pendingAnswers.findIndex((pending) => pending.cmd === cmd);
    if (stream.pendingAnswers[next]?.messageId !== messageId)
      this.#accuse(stream, `${cmd} ${messageId} out of turn`);
    if (next >= 0) stream.pendingAnswers.splice(next, 1);
  }
}

/** Size of a packet with its fixed header: type and flags, and the remaining length with 7 bits per byte [MQTT 3.1.1, 2.2.3]. */
function lengthOnWire({ length: remainingLength }: Packet): number {
  if (remainingLength === undefined) throw new Error("mqtt-packet has parsed a packet without a length.");
  let headerBytes = 2;
  for (let rest = remainingLength >> 7; rest > 0; rest >>= 7) headerBytes++;
  return headerBytes + remainingLength;
}
