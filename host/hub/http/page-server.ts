/**
 * Serves the hub's web page, whose built files load nothing from other origins, the control channel and the routes.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { join } from "node:path";
import type { TlsOptions } from "node:tls";
import { packageRoot } from "../../file-system/package-root.ts";
import { CONTROL_PATH, type ControlChannel } from "./control-channel.ts";
import { refusalOf } from "./origin.ts";

const SCRIPT_TYPE = "text/javascript; charset=utf-8";
const PAGE_FILES: ReadonlyMap<string, { readonly file: string; readonly type: string }> = new Map([
  ["/", { file: "index.html", type: "text/html; charset=utf-8" }],
  ["/page.js", { file: "page.js", type: SCRIPT_TYPE }],
  ["/page.css", { file: "page.css", type: "text/css; charset=utf-8" }],
  ["/icon.svg", { file: "icon.svg", type: "image/svg+xml" }],
]);

/** The paths of parts of the page's program that are loaded when they are needed. */
const CHUNK_PATH = /^\/(chunks\/[\w-]+\.js)$/;

type Headers = Readonly<Record<string, string>>;

/** Allows the page to connect to its own hub, and to the other hubs that were named when the hub was started. */
function securityHeaders(otherHubs: readonly string[]): Headers {
  const reachable = ["'self'", ...otherHubs].join(" ");
  return {
    "Content-Security-Policy":
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src ${reachable}; ` +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
  };
}

const REQUEST_MS_MAX = 10_000;
/** The time in which the headers of a request have to arrive. */
const HEADERS_MS_MAX = 5_000;
/** The period at which both limits are checked. */
const CHECK_MS = 500;

export function pageFolder(): string {
  return join(packageRoot(), "dist", "page");
}

export interface PlainAnswer {
  readonly status: number;
  readonly text: string;
  /** The content type. The default is `text/plain; charset=utf-8`. */
  readonly type?: string;
}

/** The answers at paths beside the page. */
export type Routes = Readonly<
  Record<string, (request: IncomingMessage) => Promise<PlainAnswer> | PlainAnswer>
>;

export interface PageServerOptions {
  /** The folder of the built page. */
  readonly folder: string;
  readonly control?: ControlChannel | undefined;
  readonly routes?: Routes | undefined;
  /** If defined, the server uses HTTPS. */
  readonly tls?: TlsOptions | undefined;
  /** More origins to which the page may connect, such as `ws://192.168.1.7:8083`. */
  readonly otherHubs?: readonly string[] | undefined;
}

export function createPageServer(options: PageServerOptions): Server {
  const { folder, control, routes = {}, tls, otherHubs = [] } = options;
  const headers = securityHeaders(otherHubs);
  const limits = {
    requestTimeout: REQUEST_MS_MAX,
    headersTimeout: HEADERS_MS_MAX,
    connectionsCheckingInterval: CHECK_MS,
    noDelay: true,
  };
  const server = tls ? createSecureServer({ ...limits, ...tls }) : createServer(limits);
  server.on("request", (request, response) => {
    const refusal = refusalOf(request);
    const path = (request.url ?? "/").split("?")[0] as string;
    if (refusal) answerText(response, headers, { status: 403, text: `The request is refused: ${refusal}.` });
    else if (control && path.startsWith(CONTROL_PATH))
      void answerControl(control, path, request, response, headers);
    else if (Object.hasOwn(routes, path)) void answerRoute(routes, path, request, response, headers);
    else void answerPage(folder, path, request, response, headers);
  });
  return server;
}

async function answerControl(
  control: ControlChannel,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  headers: Headers,
): Promise<void> {
  try {
    await control.serve(request, path, response, { ...headers, "Cache-Control": "no-store" });
  } catch (cause) {
    answerText(response, headers, { status: 500, text: (cause as Error).message });
  }
}

async function answerRoute(
  routes: Routes,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  headers: Headers,
): Promise<void> {
  try {
    const answer = await routes[path]?.(request);
    if (answer) answerText(response, headers, answer);
  } catch (cause) {
    // The client closed the connection during its request.
    answerText(response, headers, { status: 400, text: (cause as Error).message });
  }
}

async function answerPage(
  folder: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  headers: Headers,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    answerText(response, headers, { status: 405, text: "Use the method GET." });
    return;
  }
  const chunk = CHUNK_PATH.exec(path)?.[1];
  const page = chunk === undefined ? PAGE_FILES.get(path) : { file: chunk, type: SCRIPT_TYPE };
  if (!page) {
    answerText(response, headers, { status: 404, text: "Not found. The hub's page is at /" });
    return;
  }
  try {
    const body = await readFile(join(folder, page.file));
    response.writeHead(200, {
      ...headers,
      "Content-Type": page.type,
      "Content-Length": body.length,
    });
    response.end(request.method === "HEAD" ? undefined : body);
  } catch (cause) {
    const text = `The page is not built (${(cause as Error).message}). Build it with: npm run prepare`;
    answerText(response, headers, { status: 503, text });
  }
}

function answerText(response: ServerResponse, headers: Headers, { status, text, type }: PlainAnswer): void {
  response.writeHead(status, { ...headers, "Content-Type": type ?? "text/plain; charset=utf-8" });
  response.end(text.endsWith("\n") ? text : `${text}\n`);
}
