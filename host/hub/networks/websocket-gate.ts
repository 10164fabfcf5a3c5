/**
 * MQTT over WebSocket [MQTT-6]: an HTTP upgrade on `/` or `/mqtt` with the subprotocol `mqtt`, then binary frames,
 * each of which may hold a part of a packet or several.
 */
import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { type WebSocket, WebSocketServer } from "ws";
import type { BrokerEvent } from "../../broker/broker-event.ts";
import { PUBLISH_BYTES_MAX } from "../../broker/packet-reader.ts";
import type { Link } from "../../broker/policy.ts";
import { refusalOf } from "../http/origin.ts";

const PATHS: ReadonlySet<string> = new Set(["/", "/mqtt"]);
/** The accepted subprotocols. The first that the client offers is used. Old clients offer `mqttv3.1`. */
const SUBPROTOCOLS: ReadonlySet<string> = new Set(["mqtt", "mqttv3.1"]);
/** A frame may contain the largest packet and the beginning of the next. */
const FRAME_BYTES_MAX = PUBLISH_BYTES_MAX + 64 * 1024;

export interface WebSocketGateOptions {
  /** `stream` is the socket under the WebSocket. */
  readonly admit: (socket: WebSocket, link: Link, stream: Socket) => void;
  readonly onEvent: (event: BrokerEvent) => void;
}

/** Accepts WebSockets. Closing the server does not end them, because HTTP no longer tracks upgraded connections. */
export function acceptWebSockets(server: Server, options: WebSocketGateOptions): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => [...offered].find((name) => SUBPROTOCOLS.has(name)) ?? false,
  });
  server.on("upgrade", (request, socket, head) => {
    const link: Link = {
      kind: request.socket instanceof TLSSocket ? "secure websocket" : "websocket",
      address: request.socket.remoteAddress ?? "",
      port: request.socket.remotePort ?? 0,
    };
    request.socket.setNoDelay(true);
    const refusal = judgeUpgrade(request);
    if (refusal) {
      refuse(socket, refusal);
      options.onEvent({
        kind: "turned away",
        link,
        refusal: { rule: refusal.reason, remedy: refusal.remedy },
      });
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      options.admit(webSocket, link, request.socket);
    });
  });
}

interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly remedy: string;
}

function judgeUpgrade(request: IncomingMessage): Refusal | undefined {
  const foreign = refusalOf(request);
  if (foreign) {
    const remedy = "Open the hub's own page at localhost, an IP address or this machine's name.";
    return { status: 403, reason: foreign, remedy };
  }
  const path = (request.url ?? "/").split("?")[0] as string;
  if (!PATHS.has(path)) {
    return {
      status: 404,
      reason: `there is no MQTT at the path ${path}`,
      remedy: "Use the path / or /mqtt in the client's URL.",
    };
  }
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  // [MQTT-6.0.0-3]
  if (!offered.some((name) => SUBPROTOCOLS.has(name))) {
    const reason = 'the client does not offer the WebSocket subprotocol "mqtt"';
    return { status: 400, reason, remedy: 'Open the WebSocket with the subprotocol "mqtt".' };
  }
  return undefined;
}

function refuse(socket: Duplex, refusal: Refusal): void {
  const body = `The request is refused: ${refusal.reason}.\n`;
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  // The peer may have closed the connection already.
  socket.on("error", () => socket.destroy());
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
