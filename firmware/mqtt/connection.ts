/**
 * The connection to the hub, one at a time, from CONNECT to its end: CONNACK and its time-out, the packets in the
 * stream, keep alive, the bytes that wait in the socket. It knows nothing of messages and subscriptions.
 *
 * A device has one hub; so state and functions stand at the top level, where Espruino needs the fewest variables for
 * them. All state of a connection is set back at its end: no byte of a packet that was cut off reaches the next one.
 */
import { type ConnectFields, encodeConnect } from "./connect.ts";
import {
  ANSWER_SIZE_BYTES_MAX,
  BACKLOG_BOUNDS_MAX,
  CONNACK_TIMEOUT_MS,
  KEEP_ALIVE_SECONDS_MAX,
  LINGER_MS,
  OUTBOX_SIZE_BYTES_MAX,
  PACKET_SIZE_BYTES_MAX,
  PING_MS_PER_SECOND,
} from "./limits.ts";
import { encodePacket } from "./packet.ts";
import { CONNACK, DISCONNECT, PINGREQ, PINGRESP, PUBLISH } from "./packet-types.ts";
import type { Socket, Transport } from "./transport.ts";

export interface ConnectionHandlers {
  /**
   * The connection ended, or never stood; comes once for each, last. `returnCode` is that of a CONNACK that refused
   * [MQTT 3.1.1, 3.2.2.3], else 0.
   */
  readonly onDown: (reason: string, returnCode: number) => void;
  /** All that was written has left: there is room again. */
  readonly onDrain?: () => void;
}

export interface Session {
  /** CONNACK accepted. */
  readonly onAccepted: (sessionPresent: boolean) => void;
  /**
   * Any packet but CONNACK and PINGRESP: the bytes from `at` to `end`, without its frame. Of a PUBLISH that is too
   * long come topic name and packet identifier, and `skippedBytes` says what is left out. Returns false if it is not
   * what a hub may send.
   */
  readonly onPacket: (
    firstByte: number,
    bytes: string,
    at: number,
    end: number,
    skippedBytes: number,
  ) => boolean;
  /** Comes with each PINGREQ. Returns false if an acknowledgement is overdue. */
  readonly isAlive: () => boolean;
}

/** The hub has accepted the connection, and it stands. */
export let isUp = false;
/** Bytes written since the socket was last empty. */
export let backlogBytes = 0;
/** Bytes that may wait for their acknowledgement, and as many that may wait in the socket. */
export let outboxSizeBytesMax = OUTBOX_SIZE_BYTES_MAX;

let packetSizeBytesMax = PACKET_SIZE_BYTES_MAX;
let handlers: ConnectionHandlers;
let session: Session;
let socket: Socket | undefined;
/** Runs as long as there is a connection. */
let timer: ReturnType<typeof setInterval> | undefined;
let pingMs = 0;
let isClean = false;
let awaitsPingresp = false;
/** The beginning of a packet, until `neededBytes` of it are there. */
let held = "";
let neededBytes = 0;
/** What is still to come of a packet that is too long. */
let skipBytes = 0;

/** `packet` is the longest PUBLISH that is taken from the hub; a longer one is skipped, and reported. */
export function setLimits(outbox: number, packet: number): void {
  outboxSizeBytesMax = outbox;
  packetSizeBytesMax = packet;
}

/** Ends the connection, if there is one; `onDown` follows at once. */
export function end(reason: string, returnCode?: number): void {
  if (!timer) return;
  clearInterval(timer);
  timer = undefined;
  isUp = awaitsPingresp = false;
  backlogBytes = neededBytes = skipBytes = 0;
  held = "";
  if (socket) {
    // No event of this socket may be taken for one of the next.
    socket.removeAllListeners();
    socket.end();
    socket.clsNow = true;
    socket = undefined;
  }
  handlers.onDown(reason, returnCode || 0);
}

function onClose(): void {
  end("closed");
}

function onDrain(): void {
  backlogBytes = 0;
  if (handlers.onDrain) handlers.onDrain();
}

/** Sends bytes, in one piece since Espruino has no TCP_NODELAY. */
export function send(bytes: string): void {
  backlogBytes += bytes.length;
  if (backlogBytes > outboxSizeBytesMax * BACKLOG_BOUNDS_MAX) return end("hub does not read");
  try {
    (socket as Socket).write(bytes);
  } catch {
    end("closed");
  }
}

/** Ends the connection with DISCONNECT, so that the hub forgets the will [MQTT-3.14.4-3]. */
export function disconnect(reason: string): void {
  const leaving = socket;
  if (isUp && leaving) {
    leaving.write(encodePacket(DISCONNECT, ""));
    leaving.removeAllListeners();
    leaving.end();
    socket = undefined;
    setTimeout(() => {
      leaving.clsNow = true;
    }, LINGER_MS);
  }
  end(reason);
}

function onTimer(): void {
  if (!isUp) return end("no CONNACK");
  if (awaitsPingresp) return end("no PINGRESP");
  if (!session.isAlive()) return end("no acknowledgement");
  awaitsPingresp = true;
  send(encodePacket(PINGREQ, ""));
}

function isLegal(firstByte: number, bytes: string, at: number, stop: number, skippedBytes: number): boolean {
  // The first packet from the hub is CONNACK [MQTT-3.2.0-1], and there is no second.
  if ((firstByte === CONNACK) === isUp) return false;
  if (firstByte === PINGRESP) {
    awaitsPingresp = false;
    return at === stop;
  }
  if (isUp) return session.onPacket(firstByte, bytes, at, stop, skippedBytes);
  const flags = bytes.charCodeAt(at);
  const returnCode = bytes.charCodeAt(at + 1);
  // Session present: only where it was kept [MQTT-3.2.2-1], and accepted [MQTT-3.2.2-4].
  if (stop !== at + 2 || flags > 1 || (flags && (isClean || returnCode))) return false;
  if (returnCode) {
    end("refused", returnCode);
  } else {
    isUp = true;
    clearInterval(timer as number);
    timer = setInterval(onTimer, pingMs);
    session.onAccepted(flags === 1);
  }
  return true;
}

/** Finds the packets in the stream, which is split anywhere. */
function onData(chunk: string): void {
  const own = socket;
  let bytes = chunk;
  if (neededBytes) {
    held += chunk;
    if (held.length < neededBytes) return;
    bytes = held;
    held = "";
    neededBytes = 0;
  }
  const length = bytes.length;
  let start = skipBytes;
  while (start < length) {
    const firstByte = bytes.charCodeAt(start);
    let at = start + 1;
    let remainingLength = 0;
    let shift = 0;
    let byte = 128;
    while (byte > 127 && at < length) {
      byte = bytes.charCodeAt(at++);
      remainingLength |= (byte & 127) << shift;
      shift += 7;
      // At most four bytes [MQTT 3.1.1, 2.2.3].
      if (byte > 127 && shift > 21) return end("malformed length");
    }
    let stop = at + remainingLength;
    skipBytes = 0;
    if (byte > 127) {
      stop = length + 1;
    } else if (firstByte >> 4 !== PUBLISH >> 4) {
      if (remainingLength > ANSWER_SIZE_BYTES_MAX) return end("malformed packet " + firstByte.toString(16));
    } else if (remainingLength > packetSizeBytesMax) {
      // Topic name and packet identifier are held and no more.
      stop = at + 2;
      if (stop <= length) stop += 2 + ((bytes.charCodeAt(at) << 8) | bytes.charCodeAt(at + 1));
      if (stop - at > packetSizeBytesMax) return end("topic too long");
      skipBytes = at + remainingLength - stop;
    }
    if (stop > length) {
      held = bytes.substring(start);
      neededBytes = stop - start;
      skipBytes = 0;
      return;
    }
    try {
      if (!isLegal(firstByte, bytes, at, stop, skipBytes)) end("malformed packet " + firstByte.toString(16));
    } catch (error) {
      // The app's: it must not end the handling of the packets that follow.
      setTimeout(() => {
        throw error;
      }, 0);
    }
    if (socket !== own) return;
    start = stop + skipBytes;
  }
  skipBytes = start - length;
}

/** Opens a connection, unless there is one. */
export function openConnection(
  transport: Transport,
  fields: ConnectFields,
  newSession: Session,
  newHandlers: ConnectionHandlers,
): void {
  if (timer) return;
  session = newSession;
  handlers = newHandlers;
  isClean = fields.cleanSession;
  pingMs = (fields.keepAliveSeconds || KEEP_ALIVE_SECONDS_MAX) * PING_MS_PER_SECOND;
  timer = setInterval(onTimer, CONNACK_TIMEOUT_MS);
  try {
    socket = transport();
    // At once: bytes that come before a handler is attached would be delivered twice.
    socket.on("data", onData);
    socket.on("drain", onDrain);
    socket.on("close", onClose);
    send(encodeConnect(fields));
  } catch (error) {
    clearInterval(timer);
    timer = setTimeout(end, 0, String(error));
  }
}
