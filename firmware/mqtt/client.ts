/**
 * An MQTT 3.1.1 client for a device and its hub: the connection, from CONNECT to its end, with CONNACK, the packets in
 * the stream, and keep alive. What outlives it is the session's.
 *
 * The client does not reconnect: `onDown` comes once for each `connect`, and whoever owns the client calls
 * `connect` again when it sees fit. It does not interpret payloads, which are byte strings.
 */
import { type ConnectFields, encodeConnect } from "./connect.ts";
import {
  ANSWER_SIZE_BYTES_MAX,
  KEEP_ALIVE_SECONDS_MAX,
  PACKET_SIZE_BYTES_MAX,
  PING_MS_PER_SECOND,
} from "./limits.ts";
import { type ClientHandlers, end, isUp, open, send, socket, stand } from "./link.ts";
import { encodePacket } from "./packet.ts";
import { CONNACK, PINGREQ, PINGRESP, PUBLISH } from "./packet-types.ts";
import { isAlive, onAccepted, onAnswer, onPublish } from "./session.ts";
import type { Transport } from "./transport.ts";

let packetSizeBytesMax = PACKET_SIZE_BYTES_MAX;
let pingMs = 0;
let isClean = false;
let awaitsPingresp = false;
/** CONNECTs that went out since the last CONNACK. */
let unanswered = 0;
/** The beginning of a packet, until `neededBytes` of it are there. */
let held = "";
let neededBytes = 0;
/** What is still to come of a packet that is too long. */
let skipBytes = 0;

/** The longest PUBLISH that is taken from the hub; a longer one is skipped, and reported. */
export function setPacketSize(sizeBytesMax: number): void {
  packetSizeBytesMax = sizeBytesMax;
}

function onTimer(): void {
  if (!isUp) return end("no CONNACK");
  if (awaitsPingresp) return end("no PINGRESP");
  if (!isAlive()) return end("no acknowledgement");
  awaitsPingresp = true;
  send(encodePacket(PINGREQ, ""));
}

/** Any packet but PUBLISH. False if it is not what a hub may send. */
function onShort(firstByte: number, body: string): boolean {
  // The first packet from the hub is CONNACK [MQTT-3.2.0-1], and there is no second.
  if ((firstByte === CONNACK) === isUp) return false;
  if (firstByte === PINGRESP) {
    awaitsPingresp = false;
    return !body;
  }
  if (isUp) return onAnswer(firstByte, body);
  const flags = body.charCodeAt(0);
  const returnCode = body.charCodeAt(1);
  // Session present: only where it was kept [MQTT-3.2.2-1], and accepted [MQTT-3.2.2-4].
  if (body.length !== 2 || flags > 1 || (flags && (isClean || returnCode))) return false;
  if (returnCode) {
    // It has begun no session.
    unanswered--;
    end("refused", returnCode);
  } else {
    const isSure = unanswered < 2;
    unanswered = 0;
    stand(onTimer, pingMs);
    onAccepted(!!flags, isSure);
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
    const isPublish = firstByte >> 4 === PUBLISH >> 4;
    let at = start + 1;
    let byte = bytes.charCodeAt(at++);
    let remainingLength = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes.charCodeAt(at++);
      remainingLength |= (byte & 127) << shift;
      // At most four bytes [MQTT 3.1.1, 2.2.3].
      if (byte > 127 && shift > 20) return end("malformed length");
    }
    let stop = at + remainingLength;
    let topicEnd = 0;
    skipBytes = 0;
    // Bytes that have not come count as 0 here, so that sums are at most what they will be.
    if (isPublish) {
      topicEnd = at + 2 + ((bytes.charCodeAt(at) << 8) | bytes.charCodeAt(at + 1));
      if (remainingLength > packetSizeBytesMax) {
        // Topic name and packet identifier are held and no more.
        skipBytes = stop - topicEnd - 2;
        stop = topicEnd + 2;
        if (stop - at > packetSizeBytesMax) return end("topic too long");
      }
    } else if (remainingLength > ANSWER_SIZE_BYTES_MAX) {
      return end("malformed packet " + firstByte.toString(16));
    }
    if (stop > length) {
      held = bytes.substring(start);
      neededBytes = stop - start;
      skipBytes = 0;
      return;
    }
    const payloadAt = firstByte & 6 ? topicEnd + 2 : topicEnd;
    const topicName = bytes.substring(at + 2, topicEnd);
    const body = isPublish ? bytes.substring(topicEnd, payloadAt) : bytes.substring(at, stop);
    const payload = skipBytes ? undefined : bytes.substring(payloadAt, stop);
    start = stop + skipBytes;
    // While the app has a large payload there is no second copy of it.
    if (start >= length) bytes = "";
    try {
      const isRight = isPublish
        ? isUp && payloadAt <= stop && onPublish(firstByte, topicName, body, payload)
        : onShort(firstByte, body);
      if (!isRight) end("malformed packet " + firstByte.toString(16));
    } catch (error) {
      // The app's: it must not end the handling of the packets that follow.
      setTimeout(() => {
        throw error;
      }, 0);
    }
    if (socket !== own) return;
  }
  skipBytes = start - length;
}

/** Opens a connection, unless there is one. Ends in `onUp` and later `onDown`, or in `onDown` alone. */
export function connect(transport: Transport, fields: ConnectFields, handlers: ClientHandlers): void {
  if (socket) return;
  isClean = fields.cleanSession;
  pingMs = (fields.keepAliveSeconds || KEEP_ALIVE_SECONDS_MAX) * PING_MS_PER_SECOND;
  // No byte of a packet that was cut off reaches the next connection.
  held = "";
  neededBytes = skipBytes = 0;
  awaitsPingresp = false;
  open(transport, encodeConnect(fields), handlers, onData, onTimer);
  if (socket) unanswered++;
}
