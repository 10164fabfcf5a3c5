/**
 * MQTT over WebSocket [MQTT-6]: an HTTP upgrade on `/` or `/mqtt` with the subprotocol `mqtt`, then binary frames,
 * each of which may hold a part of a packet or several.
 */
import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { type Connection, WebSocketConnection } from "./connection.ts";
import { PACKET_BYTES_MAX } from "./frame-guard.ts";
import type { HubEvent } from "./hub-event.ts";
import { refusalOf } from "./origin.ts";

const PATHS: ReadonlySet<string> = new Set(["/", "/mqtt"]);
/** The first that the client offers is taken. `mqttv3.1` is what old clients say. */
const SUBPROTOCOLS: ReadonlySet<string> = new Set(["mqtt", "mqttv3.1"]);
/** A frame may hold a largest packet and the beginning of the next. */
const FRAME_BYTES_MAX = PACKET_BYTES_MAX + 64 * 1024;

export interface WebSocketGateOptions {
  readonly admit: (connection: Connection) => void;
  readonly onEvent: (event: HubEvent) => void;
}

/** Whoever closes the server must end the admitted connections too: HTTP no longer knows them. */
export function acceptWebSockets(server: Server, options: WebSocketGateOptions): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => [...offered].find((name) => SUBPROTOCOLS.has(name)) ?? false,
  });
  server.on("upgrade", (request, socket, head) => {
    const peer = `${request.socket.remoteAddress}:${request.socket.remotePort}`;
    request.socket.setNoDelay(true);
    const refusal = judgeUpgrade(request);
    if (refusal) {
      refuse(socket, refusal);
      options.onEvent({ kind: "refused", connection: "websocket", peer, reason: refusal.reason });
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      options.admit(new WebSocketConnection(webSocket, peer));
    });
  });
}

interface Refusal {
  readonly status: number;
  readonly reason: string;
}

function judgeUpgrade(request: IncomingMessage): Refusal | undefined {
  const foreign = refusalOf(request);
  if (foreign) return { status: 403, reason: foreign };
  const path = (request.url ?? "/").split("?")[0] as string;
  if (!PATHS.has(path)) return { status: 404, reason: `MQTT is at / and /mqtt, not at ${path}` };
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  // [MQTT-6.0.0-3]
  if (!offered.some((name) => SUBPROTOCOLS.has(name))) {
    return { status: 400, reason: 'the WebSocket subprotocol "mqtt" is not among those offered' };
  }
  return undefined;
}

function refuse(socket: Duplex, refusal: Refusal): void {
  const body = `Refused: ${refusal.reason}.\n`;
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  // The peer may be gone already, and then there is no one to answer.
  socket.on("error", () => socket.destroy());
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
