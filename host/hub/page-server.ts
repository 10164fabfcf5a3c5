/** Serves the hub's web page: a fixed set of files, built beforehand, that ask nothing of any other origin. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { packageRoot } from "../package-root.ts";
import { refusalOf } from "./origin.ts";

const PAGE_FILES: ReadonlyMap<string, { readonly file: string; readonly type: string }> = new Map([
  ["/", { file: "index.html", type: "text/html; charset=utf-8" }],
  ["/page.js", { file: "page.js", type: "text/javascript; charset=utf-8" }],
  ["/page.css", { file: "page.css", type: "text/css; charset=utf-8" }],
  ["/icon.svg", { file: "icon.svg", type: "image/svg+xml" }],
]);

const SECURITY_HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-cache",
};

const REQUEST_MS_MAX = 10_000;

export function pageFolder(): string {
  return join(packageRoot(), "dist", "page");
}

export function createPageServer(folder: string): Server {
  const server = createServer({
    requestTimeout: REQUEST_MS_MAX,
    headersTimeout: REQUEST_MS_MAX,
    noDelay: true,
  });
  server.on("request", (request, response) => void answer(folder, request, response));
  return server;
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refusal = refusalOf(request);
  if (refusal) return answerText(response, 403, `Refused: ${refusal}.`);
  if (request.method !== "GET" && request.method !== "HEAD") return answerText(response, 405, "Only GET.");
  const path = (request.url ?? "/").split("?")[0] as string;
  const page = PAGE_FILES.get(path);
  if (!page) return answerText(response, 404, "There is nothing here. The hub's page is at /");
  try {
    const body = await readFile(join(folder, page.file));
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      "Content-Type": page.type,
      "Content-Length": body.length,
    });
    response.end(request.method === "HEAD" ? undefined : body);
  } catch (cause) {
    const message = `The page is not built (${(cause as Error).message}). Run: npm run prepare`;
    answerText(response, 503, message);
  }
}

function answerText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...SECURITY_HEADERS, "Content-Type": "text/plain; charset=utf-8" });
  response.end(`${text}\n`);
}
