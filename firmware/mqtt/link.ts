/**
 * The link to the hub: one socket at a time, the bytes that wait in it, and the timer that runs as long as there is a
 * connection. It knows nothing of packets.
 *
 * A device has one hub; so state and functions are at the top level, where Espruino needs the fewest JsVars for
 * them.
 */
import type { DisconnectWord } from "../contract/console-lines.ts";
import { BACKLOG_BOUNDS_MAX, CONNACK_TIMEOUT_MS, LINGER_MS, OUTBOX_SIZE_BYTES_MAX } from "./limits.ts";
import { encodePacket } from "./packet.ts";
import { DISCONNECT } from "./packet-types.ts";
import type { Socket, Transport } from "./transport.ts";

export interface ClientHandlers {
  /** CONNACK accepted; what the hub lacks was sent again: `resent` packets that had been sent before. */
  readonly onUp: (sessionPresent: boolean, resent: number) => void;
  /**
   * The connection ended or was not established. Called once for each connection, as the last call. `returnCode` is that of
   * a CONNACK that refused
   * [MQTT 3.1.1, 3.2.2.3], else 0.
   */
  readonly onDown: (reason: EndReason, returnCode: number) => void;
  /**
   * Called before the message is acknowledged. If it throws, the exception is uncaught, like any handler's. `inDoubt`:
   * power failed while it was called with the same message before (QoS 2, with persistence).
   */
  readonly onMessage: (
    topicName: string,
    payload: string,
    qos: number,
    retain: boolean,
    inDoubt: boolean,
  ) => void;
  /** A subscription was refused [MQTT-3.9.3-2], or a message skipped that is too long. */
  readonly onProblem: (problem: string, topic: string) => void;
  /** A message or subscription was removed, because the hub ended each connection at it. */
  readonly onSetAside: (topic: string) => void;
  /** All written bytes were sent, so there is space again. */
  readonly onDrain?: () => void;
}

/** Whether the hub has accepted the connection, which is still open. */
export let isUp = false;
/** Why the last connection ended. */
export let lastEnd: EndReason | undefined;
/** Bytes written since the socket was last empty. */
export let backlogBytes = 0;
/** Bytes that may wait for their acknowledgement, and as many that may wait in the socket. */
export let outboxSizeBytesMax = OUTBOX_SIZE_BYTES_MAX;
export let handlers: ClientHandlers;
export let socket: Socket | undefined;
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * Limits the bytes that may wait for the hub's acknowledgement, and as many again in the socket. The default is 4096. A
 * message takes its packet and 32 bytes.
 */
export function setOutboxSize(sizeBytesMax: number): void {
  outboxSizeBytesMax = sizeBytesMax;
}

/** A code word of the console, with the return code for `connack`. Text for people may follow after a colon. */
export type EndReason = DisconnectWord | `connack ${number}` | `${DisconnectWord}: ${string}`;

/** Ends the connection, if there is one; `onDown` follows at once. */
export function end(reason: EndReason, returnCode?: number): void {
  if (timer) {
    clearInterval(timer);
    timer = undefined;
    isUp = false;
    lastEnd = reason;
    backlogBytes = 0;
    if (socket) {
      // No event of this socket may be taken for one of the next.
      socket.removeAllListeners();
      socket.end();
      socket.clsNow = true;
      socket = undefined;
    }
    handlers.onDown(reason, returnCode || 0);
  }
}

/** Ends the connection because of a violation by the hub [MQTT-4.8.0-1]. */
export function malformed(firstByte: number): void {
  end(("malformed: packet " + firstByte.toString(16)) as EndReason);
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
  if (backlogBytes > outboxSizeBytesMax * BACKLOG_BOUNDS_MAX) return end("unread");
  const own = socket as Socket;
  // The socket has closed, and its `close` event has not been emitted yet. (On Espruino a `catch` takes the pending
  // exception of other code too.)
  if (own.cls) return onClose();
  own.write(bytes);
}

/** Sends bytes that are not kept. Returns false if there is no connection or no space. */
export function offer(bytes: string): boolean {
  if (!isUp || (socket as Socket).cls || backlogBytes + bytes.length > outboxSizeBytesMax) return false;
  backlogBytes += bytes.length;
  (socket as Socket).write(bytes);
  return true;
}

/** Ends the connection with DISCONNECT, so that the hub forgets the will [MQTT-3.14.4-3]. */
export function disconnect(reason: EndReason): void {
  const leaving = socket;
  if (isUp && leaving && !leaving.cls) {
    leaving.write(encodePacket(DISCONNECT, ""));
    leaving.removeAllListeners();
    leaving.on("data", () => {
      // Dropped: without a handler Espruino keeps what still comes, until its buffer is full.
    });
    leaving.end();
    socket = undefined;
    setTimeout(() => {
      leaving.clsNow = true;
    }, LINGER_MS);
  }
  end(reason);
}

/** The hub has accepted: `onTimer` runs at its period from now on. */
export function stand(onTimer: () => void, periodMs: number): void {
  isUp = true;
  clearInterval(timer as number);
  timer = setInterval(onTimer, periodMs);
}

/** Opens a connection and sends `hello`, unless there is one. `onTimer` runs when the hub has been silent too long. */
export function open(
  transport: Transport,
  hello: string,
  newHandlers: ClientHandlers,
  onData: (chunk: string) => void,
  onTimer: () => void,
): void {
  if (timer) return;
  handlers = newHandlers;
  timer = setInterval(onTimer, CONNACK_TIMEOUT_MS);
  try {
    socket = transport();
    // At once: bytes that come before a handler is attached would be delivered twice.
    socket.on("data", onData);
    socket.on("drain", onDrain);
    socket.on("close", onClose);
    send(hello);
  } catch (error) {
    clearInterval(timer);
    const text = String(error);
    timer = setTimeout(
      end,
      0,
      // In the interpreter's words: "Unable to locate host", "Unable to create socket".
      ((text.includes("locate") ? "dns: " : text.includes("socket") ? "connect: " : "socket: ") +
        text) as EndReason,
    );
  }
}
