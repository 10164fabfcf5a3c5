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
import { onAccepted, onAnswer, onPublish, outbox } from "./session.ts";
import type { Transport } from "./transport.ts";

/** A packet of which more is to come. */
interface Incoming {
  /** Its first byte. */
  readonly type: number;
  readonly topic: string;
  readonly id: string;
  /** What has come of it behind the packet identifier; undefined if it is too long. */
  body: string | undefined;
  missingBytes: number;
}

let packetSizeBytesMax = PACKET_SIZE_BYTES_MAX;
let pingMs = 0;
let isClean = false;
let awaitsPingresp = false;
/** The first packet of the outbox at the last PINGREQ. */
let oldest: string | undefined;
/** CONNECTs that went out since the last CONNACK. */
let unanswered = 0;
/** The beginning of a packet whose length, topic name or packet identifier is not whole yet. */
let held = "";
let incoming: Incoming | undefined;

/** The longest PUBLISH that is taken from the hub; a longer one is skipped, and reported. */
export function setPacketSize(sizeBytesMax: number): void {
  packetSizeBytesMax = sizeBytesMax;
}

function onTimer(): void {
  const before = oldest;
  oldest = undefined;
  for (const key in outbox) {
    oldest = outbox[key];
    break;
  }
  if (!isUp) return end("no CONNACK");
  if (awaitsPingresp) return end("no PINGRESP");
  // The same packet has waited for its answer from one PINGREQ to the next.
  if (oldest && oldest === before) return end("no acknowledgement");
  awaitsPingresp = true;
  send(encodePacket(PINGREQ, ""));
}

/** Any packet but PUBLISH. False if it is not what a hub may send. */
function onShort(type: number, bytes: string): boolean {
  // The first packet from the hub is CONNACK [MQTT-3.2.0-1], and there is no second.
  if ((type === CONNACK) === isUp) return false;
  if (type === PINGRESP) {
    awaitsPingresp = false;
    return !bytes;
  }
  if (isUp) return onAnswer(type, bytes);
  const flags = bytes.charCodeAt(0);
  const returnCode = bytes.charCodeAt(1);
  // Session present: only where it was kept [MQTT-3.2.2-1], and accepted [MQTT-3.2.2-4].
  if (bytes.length !== 2 || flags > 1 || (flags && (isClean || returnCode))) return false;
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
  const bytes = held ? held + chunk : chunk;
  const length = bytes.length;
  let at = 0;
  held = "";
  while (at < length && socket && socket === own) {
    let type: number;
    let topic = "";
    let id = "";
    let body: string | undefined;
    if (incoming) {
      at = incoming.missingBytes;
      incoming.missingBytes -= length;
      if (incoming.body !== undefined) incoming.body += at < length ? bytes.substring(0, at) : bytes;
      if (at > length) return;
      type = incoming.type;
      topic = incoming.topic;
      id = incoming.id;
      body = incoming.body;
      incoming = undefined;
    } else {
      type = bytes.charCodeAt(at);
      let size = bytes.charCodeAt(at + 1);
      let bodyAt = at + 2;
      if (size > 127) {
        let byte = size;
        size &= 127;
        for (let shift = 7; byte > 127; shift += 7) {
          byte = bytes.charCodeAt(bodyAt++);
          size += (byte % 128) * (1 << shift);
          // At most four bytes [MQTT 3.1.1, 2.2.3].
          if (shift > 21) return end("malformed length");
        }
      }
      const stop = bodyAt + size;
      let topicAt = 0;
      if (type >> 4 === PUBLISH >> 4) {
        // Bytes of the topic's length that have not come count as 0: the sum is at most what it will be.
        topicAt = bodyAt + 2;
        bodyAt = topicAt + ((bytes.charCodeAt(bodyAt) << 8) | bytes.charCodeAt(bodyAt + 1));
        topic = bytes.substring(topicAt, bodyAt);
        if (type & 6) {
          id = bytes.substring(bodyAt, bodyAt + 2);
          bodyAt += 2;
        }
      }
      // Not so while a byte of the length is missing, which makes a NaN of it.
      if (bodyAt > stop || (!topicAt && size > ANSWER_SIZE_BYTES_MAX)) return end("malformed length");
      if (bodyAt > length) {
        held = bytes.substring(at);
        if (held.length > packetSizeBytesMax) end("topic too long");
        return;
      }
      if (size <= packetSizeBytesMax) body = bytes.substring(bodyAt, stop);
      at = stop;
      if (stop > length) {
        incoming = { type, topic, id, body, missingBytes: stop - length };
        return;
      }
    }
    let isRight: boolean | undefined;
    // No `catch`: on Espruino it would take the exception from the guardian.
    try {
      isRight =
        type >> 4 === PUBLISH >> 4
          ? isUp && onPublish(type, topic, id, body)
          : body !== undefined && onShort(type, body);
    } finally {
      if (isRight === false) end("malformed packet " + type.toString(16));
      else if (!isRight && socket === own) {
        // The app threw: what follows is handled in the next turn.
        held = bytes.substring(at);
        setTimeout(onData, 0, "");
      }
    }
  }
}

/** Opens a connection, unless there is one. Ends in `onUp` and later `onDown`, or in `onDown` alone. */
export function connect(transport: Transport, fields: ConnectFields, handlers: ClientHandlers): void {
  if (socket) return;
  isClean = fields.cleanSession;
  pingMs = (fields.keepAliveSeconds || KEEP_ALIVE_SECONDS_MAX) * PING_MS_PER_SECOND;
  // No byte of a packet that was cut off reaches the next connection.
  held = "";
  incoming = oldest = undefined;
  awaitsPingresp = false;
  open(transport, encodeConnect(fields), handlers, onData, onTimer);
  if (socket) unanswered++;
}
