/**
 * One connection to the hub, from CONNECT to its end: CONNACK and its time-out, keep alive, the bytes that still
 * wait in the socket. All its state dies with it. It knows nothing of messages and subscriptions.
 */
import { decodeConnack } from "./connack.ts";
import { type ConnectFields, encodeConnect } from "./connect.ts";
import { CONNACK_TIMEOUT_MS, KEEP_ALIVE_SECONDS_MAX, PING_MS_PER_SECOND } from "./limits.ts";
import { encodePacket } from "./packet.ts";
import { createPacketReader, type OnPacket } from "./packet-reader.ts";
import { CONNACK, PINGREQ_BYTE, PINGRESP } from "./packet-types.ts";
import type { Connect, Socket } from "./transport.ts";

export interface ConnectionOptions extends ConnectFields {
  readonly transport: Connect;
  /** A longer packet from the hub ends the connection. */
  readonly packetSizeBytesMax: number;
}

export interface ConnectionHandlers {
  /** CONNACK accepted. */
  readonly onUp: (sessionPresent: boolean) => void;
  /** Any packet but CONNACK and PINGRESP. Returns false if it is not one that a hub may send. */
  readonly onPacket: OnPacket;
  /** Comes once, last, after `openConnection` returned. `returnCode` is that of a CONNACK that refused, else 0. */
  readonly onDown: (reason: string, returnCode: number) => void;
}

export interface Connection {
  /** False, and nothing sent, if more than `backlogBytesMax` would then wait in the socket. Only after `onUp`. */
  send(bytes: string, backlogBytesMax: number): boolean;
  /** Ends the connection; `onDown` follows at once. */
  end(reason: string): void;
}

export function openConnection(options: ConnectionOptions, handlers: ConnectionHandlers): Connection {
  let socket: Socket | undefined;
  let isUp = false;
  let isOver = false;
  let awaitsPingresp = false;
  let backlogBytes = 0;
  let timer: ReturnType<typeof setInterval>;

  const end = (reason: string, returnCode?: number): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    if (socket) socket.end();
    handlers.onDown(reason, returnCode || 0);
  };

  const send = (bytes: string, backlogBytesMax: number): boolean => {
    if (!socket || backlogBytes + bytes.length > backlogBytesMax) return false;
    backlogBytes += bytes.length;
    socket.write(bytes);
    return true;
  };

  const keepAlive = (): void => {
    if (awaitsPingresp || !isUp) return end(isUp ? "no PINGRESP" : "no CONNACK");
    awaitsPingresp = true;
    send(encodePacket(PINGREQ_BYTE, ""), Infinity);
  };

  const receive = (firstByte: number, body: string): boolean => {
    const type = firstByte >> 4;
    if ((type === CONNACK) === isUp) {
      // The first packet from the hub is CONNACK [MQTT-3.2.0-1], and there is no second.
      end("protocol error");
    } else if (type === PINGRESP) {
      awaitsPingresp = false;
    } else if (type !== CONNACK) {
      if (!handlers.onPacket(firstByte, body)) end("protocol error");
    } else {
      const connack = decodeConnack(body);
      if (connack.returnCode) {
        end("refused", connack.returnCode);
      } else {
        isUp = true;
        clearInterval(timer);
        timer = setInterval(
          keepAlive,
          (options.keepAliveSeconds || KEEP_ALIVE_SECONDS_MAX) * PING_MS_PER_SECOND,
        );
        handlers.onUp(connack.sessionPresent);
      }
    }
    return !isOver;
  };

  timer = setInterval(keepAlive, CONNACK_TIMEOUT_MS);
  try {
    socket = options.transport(() => send(encodeConnect(options), Infinity));
    // At once: bytes that come before a handler is attached would be delivered twice.
    socket.on("data", createPacketReader(options.packetSizeBytesMax, receive, end));
    socket.on("drain", () => {
      backlogBytes = 0;
    });
    socket.on("close", () => end("closed"));
  } catch (error) {
    setTimeout(end, 0, String(error));
  }
  return { send, end };
}
