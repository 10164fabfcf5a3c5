/**
 * Reads every byte that a board writes and gets, with mqtt-packet, and judges the board by the specification's rules
 * for a client. It shares no code with the firmware nor with the mock hub, and sees nothing but bytes and times.
 *
 * A message is in flight from its first PUBLISH to the acknowledgement that the board got, over connections. Where the
 * hub says that it has no session [MQTT 3.1.1, 3.2.2.2] its identifiers are free again, though the board may send the
 * message once more. A board that loses power may have learned nothing from the last bytes that it got; one whose
 * interpreter loses a piece of data has learned nothing from it, nor from what that connection brings later.
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

/** No socket of a board keeps more that nobody has heard. */
const UNHEARD_BYTES_MAX = 64 * 1024;

/** What a packet taught, for as long as the board may not have heard it. */
interface Lesson {
  /** Of the stream: where the packet ends. */
  readonly endByte: number;
  takeBack(): void;
}

interface Stream {
  readonly number: number;
  readonly up: Parser;
  readonly down: Parser;
  /** Bytes that the board got, those of the packets among them, and where the last of its deliveries begins. */
  deliveredBytes: number;
  learnedBytes: number;
  lastDeliveryByte: number;
  lessons: Lesson[];
  isEstablished: boolean;
  isOver: boolean;
  /** Nobody at the board listens to it any more. */
  isDeaf: boolean;
  hasConnect: boolean;
  hasDisconnect: boolean;
  keepAliveMs: number;
  /** Of the last packet that the board wrote since CONNACK. */
  lastPacketMs: number | undefined;
  /** Answers that the board owes, in the order in which what they answer came. */
  owed: { readonly cmd: Answer; readonly messageId: number }[];
  /** Identifiers of SUBSCRIBE and UNSUBSCRIBE without an answer. */
  readonly requests: Set<number>;
}

interface InFlight {
  readonly content: string;
  readonly qos: number;
  connection: number;
  /** QoS 2: PUBREC came. */
  isReceived: boolean;
  /** The hub has forgotten the session since. */
  isStale: boolean;
}

/** A CONNECT that the board wrote. */
export interface WrittenConnect {
  readonly atMs: number;
  readonly packet: IConnectPacket;
}

export class ProtocolOracle implements NetworkTap {
  /** What the board did against the rules, a sentence each. */
  readonly violations: string[] = [];
  /** Connections that were live at one time, at most. */
  liveMax = 0;
  packetCount = 0;
  readonly connects: WrittenConnect[] = [];
  readonly #nowMs: () => number;
  readonly #streams = new Map<number, Stream>();
  readonly #inFlight = new Map<number, InFlight>();
  /** Where the last bytes came that the board got. */
  #lastHeard: Stream | undefined;
  /** By a power cut or a restart: what it has not kept on flash. */
  #hasForgotten = false;
  /** A connection that the board itself broke off: what it had just written may never have left the socket. */
  #hasLostWrites = false;
  /** Its clock was set back: its timers, that of the keep alive among them, stand still until then. */
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

  /** Of the newest connection. `publishing`: a message of QoS 1 or 2 is on its way from the board. */
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

  /** The interpreter lost the event that brought these last bytes of a connection, and with it whoever listened there. */
  lostData(number: number, unheardBytes: number): void {
    const stream = this.#streams.get(number);
    if (!stream) return;
    this.#takeBack(stream, stream.deliveredBytes - unheardBytes);
    stream.isDeaf = true;
  }

  /** The board's interpreter starts anew; what it kept on flash goes on. */
  restarted(): void {
    this.#hasForgotten = true;
    this.#frozenUntilMs = 0;
  }

  /**
   * The board's wall clock, by which its timers go, was set forward, or back by a negative number. Back, they stand still
   * for as long, and longer where they did already; forward, they run again sooner, and not before now.
   */
  clockJumped(byMs: number): void {
    const nowMs = this.#nowMs();
    const isFrozen = this.#frozenUntilMs > nowMs;
    if (isFrozen || byMs < 0) {
      this.#frozenUntilMs = Math.max(nowMs, (isFrozen ? this.#frozenUntilMs : nowMs) - byMs);
    }
  }

  /** The board's connections are over; what it kept goes on when it boots again. */
  powerFailed(): void {
    this.restarted();
    if (this.#lastHeard) this.#takeBack(this.#lastHeard, this.#lastHeard.lastDeliveryByte);
  }

  /** A packet of which any byte was not heard has taught nothing. */
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

  /** At the end of a run: what is still owed on a live connection, a latency after the last packet, is a violation. */
  finish(): void {
    for (const stream of this.#streams.values()) {
      this.#checkKeepAlive(stream);
      if (stream.owed.length > 0) this.#accuse(stream, `never answered ${stream.owed[0]?.messageId}`);
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
      owed: [],
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

  // What the board got.

  #learn(stream: Stream, packet: Packet): void {
    this.packetCount++;
    stream.learnedBytes += lengthOnWire(packet);
    const messageId = packet.messageId ?? 0;
    if (packet.cmd === "connack") this.#learnConnack(stream, packet);
    else if (packet.cmd === "publish") {
      if (packet.qos > 0) this.#owe(stream, packet.qos === 1 ? "puback" : "pubrec", messageId);
    } else if (packet.cmd === "pubrel") this.#owe(stream, "pubcomp", messageId);
    else if (packet.cmd === "suback" || packet.cmd === "unsuback") stream.requests.delete(messageId);
    else if (packet.cmd === "puback") this.#release(stream, messageId, 1);
    else if (packet.cmd === "pubcomp") this.#release(stream, messageId, 2);
    else if (packet.cmd === "pubrec") {
      this.#owe(stream, "pubrel", messageId);
      const entry = this.#inFlight.get(messageId);
      if (!entry || entry.isReceived) return;
      entry.isReceived = true;
      this.#teach(stream, () => {
        entry.isReceived = false;
      });
    }
  }

  #owe(stream: Stream, cmd: Answer, messageId: number): void {
    const answer = { cmd, messageId };
    stream.owed.push(answer);
    this.#teach(stream, () => {
      stream.owed = stream.owed.filter((owed) => owed !== answer);
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
    // The board may take the identifier for free, and may not.
    this.#teach(stream, () => this.#inFlight.set(messageId, { ...entry, isStale: true }));
  }

  // What the board wrote.

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
    // [MQTT-3.3.1-1]; where the session is gone the board may have renumbered a message that it sent before, and after a
    // restart it does not know what it has sent.
    else if (packet.dup && !known && !this.#hasForgotten && !this.#hasLostWrites)
      this.#accuse(stream, `publish ${messageId} is marked DUP at first`);
    // What is sent again comes before what is new [MQTT-4.6.0-1].
    if (!packet.dup && !known) this.#hasLostWrites = false;
    const entry = { content, qos: packet.qos, connection: stream.number, isReceived: false, isStale: false };
    this.#inFlight.set(messageId, entry);
  }

  #judgeRedelivery(stream: Stream, known: InFlight, isDup: boolean, messageId: number): void {
    // [MQTT-4.4.0-1]: on a new connection only.
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

  /** [MQTT-4.4.0-1]: on a new connection, for a message whose PUBREC came on one before. */
  #isPubrelAgain(stream: Stream, messageId: number): boolean {
    const known = this.#inFlight.get(messageId);
    if (!known || known.qos < 2 || known.connection === stream.number) return false;
    known.connection = stream.number;
    return known.isReceived || this.#hasForgotten;
  }

  /** In the order of the packets that they answer [MQTT-4.6.0-2, MQTT-4.6.0-3, MQTT-4.6.0-4]. */
  #judgeAnswer(stream: Stream, cmd: Answer, messageId: number): void {
    const next = stream.owed.findIndex((owed) => owed.cmd === cmd);
    if (stream.owed[next]?.messageId !== messageId) this.#accuse(stream, `${cmd} ${messageId} out of turn`);
    if (next >= 0) stream.owed.splice(next, 1);
  }
}

/** With its fixed header: type and flags, then the remaining length in 7 bits a byte [MQTT 3.1.1, 2.2.3]. */
function lengthOnWire({ length: remainingLength }: Packet): number {
  if (remainingLength === undefined) throw new Error("mqtt-packet has parsed a packet without its length.");
  let headerBytes = 2;
  for (let rest = remainingLength >> 7; rest > 0; rest >>= 7) headerBytes++;
  return headerBytes + remainingLength;
}
