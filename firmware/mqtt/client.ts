/**
 * An MQTT 3.1.1 client for a device and its hub: the connection, from CONNECT to its end, with CONNACK, the packets in
 * the stream, and keep alive. State that outlives a connection belongs to the session.
 *
 * The client does not reconnect: `onDown` is called once for each `connect`, and the owner of the client calls `connect`
 * again when it decides to. It does not interpret payloads, which are byte strings.
 */
import { type ConnectFields, encodeConnect } from "./connect.ts";
import {
  ANSWER_SIZE_BYTES_MAX,
  KEEP_ALIVE_SECONDS_MAX,
  PACKET_SIZE_BYTES_MAX,
  PING_MS_PER_SECOND,
  SHORT_SIZE_BYTES,
} from "./limits.ts";
import {
  type ClientHandlers,
  type EndReason,
  end,
  handlers,
  isUp,
  malformed,
  open,
  send,
  socket,
  stand,
} from "./link.ts";
import { encodePacket } from "./packet.ts";
import { CONNACK, PINGREQ, PINGRESP, PUBLISH } from "./packet-types.ts";
import { onAccepted, onAnswer, onPingresp, onPublish, outbox } from "./session.ts";
import { knownHead, knownTopic } from "./topic.ts";
import type { Transport } from "./transport.ts";

/** A packet of which more is to come. */
interface Incoming {
  /** Its first byte. */
  readonly type: number;
  readonly topic: string;
  readonly id: string;
  /** The received bytes after the packet identifier; undefined if the packet is too long. */
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
/** The beginning of a packet whose length, topic name or packet identifier is incomplete. */
let held = "";
let incoming: Incoming | undefined;
/** The offset of the next packet in the received bytes. */
let cursor = 0;

/**
 * The longest message that is taken from the hub, in bytes of its packet behind the fixed header: at least 128, and 4096
 * where it is not set. A longer one is skipped without being held in memory, acknowledged, and reported.
 */
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
  if (!isUp) return end("no-connack");
  if (awaitsPingresp) return end("no-pingresp");
  // The same packet has waited for its answer from one PINGREQ to the next.
  if (oldest && oldest === before) return end("no-acknowledgement");
  awaitsPingresp = true;
  send(encodePacket(PINGREQ, ""));
}

function onConnack(bytes: string): void {
  const flags = bytes.charCodeAt(0);
  const returnCode = bytes.charCodeAt(1);
  // Session present: only where it was kept [MQTT-3.2.2-1], and accepted [MQTT-3.2.2-4].
  if (bytes.length !== 2 || flags > 1 || (flags && (isClean || returnCode))) return malformed(CONNACK);
  if (returnCode) {
    // The hub did not begin a session.
    unanswered--;
    return end(("connack " + returnCode) as EndReason, returnCode);
  }
  const isSure = unanswered < 2;
  unanswered = 0;
  stand(onTimer, pingMs);
  return onAccepted(!!flags, isSure);
}

/** Handles any packet except PUBLISH. */
function onShort(type: number, bytes: string): void {
  // The first packet from the hub is CONNACK [MQTT-3.2.0-1], and there is no second.
  if ((type === CONNACK) === isUp || (type === PINGRESP && bytes)) return malformed(type);
  if (!isUp) return onConnack(bytes);
  if (type !== PINGRESP) return onAnswer(type, bytes);
  awaitsPingresp = false;
  onPingresp();
}

/** Reads the received part of the packet at `cursor`, and moves `cursor` past it. */
function onPacket(bytes: string): void {
  const length = bytes.length;
  let type: number;
  let topic = "";
  let id = "";
  let body: string | undefined;
  if (incoming) {
    cursor = incoming.missingBytes;
    type = incoming.type;
    topic = incoming.topic;
    id = incoming.id;
    body = incoming.body;
    if (body !== undefined) body += bytes.substring(0, cursor);
    incoming = undefined;
  } else {
    const at = cursor;
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
        if (shift > 21) return end("malformed: length");
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
    if (bodyAt > stop || (!topicAt && size > ANSWER_SIZE_BYTES_MAX)) return end("malformed: length");
    cursor = length;
    if (bodyAt > length) {
      held = bytes.substring(at);
      if (held.length > packetSizeBytesMax) end("topic-too-long");
      return;
    }
    if (size <= packetSizeBytesMax) body = bytes.substring(bodyAt, stop);
    if (stop > length) {
      incoming = { type, topic, id, body, missingBytes: stop - length };
      return;
    }
    cursor = stop;
  }
  // Packets other than PUBLISH are short, and complete here.
  if (type >> 4 !== PUBLISH >> 4) return onShort(type, body as string);
  return onPublish(type, topic, id, body);
}

/** Finds the packets in the stream, which is split anywhere. */
function onData(chunk: string): void {
  if (incoming && incoming.missingBytes > chunk.length) {
    incoming.missingBytes -= chunk.length;
    if (incoming.body !== undefined) incoming.body += chunk;
    return;
  }
  const own = socket;
  const bytes = held ? held + chunk : chunk;
  const length = bytes.length;
  let bodyAt: number;
  let stop: number;
  held = "";
  cursor = 0;
  try {
    while (cursor < length && own && socket === own) {
      // A fast path, which takes half the time, for a short message of QoS 0 on the same topic as the previous one.
      if (bytes.charCodeAt(cursor) === PUBLISH && bytes.startsWith(knownHead, cursor + 2)) {
        stop = cursor + 2 + bytes.charCodeAt(cursor + 1);
        bodyAt = cursor + 2 + knownHead.length;
        if (
          stop <= length &&
          bodyAt <= stop &&
          stop - cursor < SHORT_SIZE_BYTES &&
          isUp &&
          knownTopic &&
          !incoming
        ) {
          cursor = stop;
          handlers.onMessage(knownTopic, bytes.substring(bodyAt, stop), 0, false, false);
          continue;
        }
      }
      onPacket(bytes);
    }
  } finally {
    // The app's handler has thrown: what follows is handled in the next turn. (On Espruino a `catch` would take the
    // exception from the guardian.)
    if (cursor < length && socket === own) {
      held = bytes.substring(cursor);
      setTimeout(onData, 0, "");
    }
  }
}

/** Opens a connection, unless there is one. Ends in `onUp` and later `onDown`, or in `onDown` alone. */
export function connect(transport: Transport, fields: ConnectFields, newHandlers: ClientHandlers): void {
  if (socket) return;
  isClean = fields.cleanSession;
  pingMs = (fields.keepAliveSeconds || KEEP_ALIVE_SECONDS_MAX) * PING_MS_PER_SECOND;
  // No byte of a packet that was cut off reaches the next connection.
  held = "";
  incoming = oldest = undefined;
  awaitsPingresp = false;
  open(transport, encodeConnect(fields), newHandlers, onData, onTimer);
  if (socket) unanswered++;
}
