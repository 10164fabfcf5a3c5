/**
 * The control channel, by which the page controls the program that serves it: `POST /control/<action>` with a JSON argument.
 * An action has one answer in JSON. A feed has a line of JSON for each event, until the page closes the connection.
 *
 * Actions can start builds, so each request needs the token from the page's link. The page server has already refused other
 * websites (`Origin`) and foreign names (`Host`). A program on this machine, which sends neither, needs the token as well.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { MotekitError, type Problem } from "../../errors.ts";

/** The handlers by the action's name. The argument is parsed JSON, which each handler validates. */
export type ControlHandlers = Readonly<Record<string, (argument: unknown) => Promise<unknown>>>;

/**
 * Calls `emit` for each event until the signal is aborted. The present state is emitted first, so that a page that reconnects
 * misses nothing. A problem with the argument is thrown.
 */
export type ControlFeed = (argument: unknown, emit: (value: unknown) => void, signal: AbortSignal) => void;

export type ControlFeeds = Readonly<Record<string, ControlFeed>>;

export interface ControlOptions {
  readonly actions?: ControlHandlers;
  readonly feeds?: ControlFeeds;
}

interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

export const CONTROL_PATH = "/control/";

const BEARER = "Bearer ";
const TOKEN_BYTES = 24;
const ARGUMENT_BYTES_MAX = 65_536;
/** A page that falls behind by more bytes is disconnected. It reconnects and gets the present state. */
const UNSENT_BYTES_MAX = 8 * 1024 * 1024;

export class ControlChannel {
  /** The token, of letters, digits, - and _. */
  readonly token = randomBytes(TOKEN_BYTES).toString("base64url");
  readonly #actions: ControlHandlers;
  readonly #feeds: ControlFeeds;

  constructor({ actions = {}, feeds = {} }: ControlOptions) {
    this.#actions = actions;
    this.#feeds = feeds;
  }

  /** Answers a request; `headers` are part of every answer. Rejects only if an action failed with an unexpected error. */
  async serve(
    request: IncomingMessage,
    path: string,
    response: ServerResponse,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> {
    const reply = ({ status, body }: ControlAnswer): void => {
      response.writeHead(status, { ...headers, "Content-Type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (!this.isAllowed(request)) {
      return reply(
        refusal(401, {
          code: "MK1403",
          message: "The token of the hub is missing or wrong.",
          remedy: "Open the page with the link that the hub printed when it started.",
        }),
      );
    }
    const name = path.slice(CONTROL_PATH.length);
    const action = ownValue(this.#actions, name);
    const feed = ownValue(this.#feeds, name);
    if (!action && !feed) return reply(refusal(404, unknownAction(path)));
    if (request.method !== "POST") return reply(refusal(405, unknownAction(`${request.method} ${path}`)));
    const text = await readBody(request);
    if (text === undefined)
      return reply(refusal(413, badArgument(`has more than ${ARGUMENT_BYTES_MAX} bytes`)));
    let argument: unknown;
    try {
      argument = text === "" ? undefined : JSON.parse(text);
    } catch {
      return reply(refusal(400, badArgument("is not valid JSON")));
    }
    try {
      if (action) reply({ status: 200, body: (await action(argument)) ?? null });
      else if (feed) follow(feed, argument, response, headers);
    } catch (error) {
      if (!(error instanceof MotekitError)) throw error;
      reply({ status: 422, body: { problems: error.problems } });
    }
  }

  /** Whether the request has the token. */
  isAllowed(request: IncomingMessage): boolean {
    const authorization = request.headers.authorization ?? "";
    return authorization.startsWith(BEARER) && this.isToken(Buffer.from(authorization.slice(BEARER.length)));
  }

  isToken(given: Buffer): boolean {
    const wanted = Buffer.from(this.token);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}

function ownValue<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function follow(
  feed: ControlFeed,
  argument: unknown,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): void {
  const ended = new AbortController();
  response.once("close", () => ended.abort());
  const emit = (value: unknown): void => {
    if (ended.signal.aborted) return;
    if (!response.headersSent) response.writeHead(200, { ...headers, "Content-Type": FEED_TYPE });
    response.write(`${JSON.stringify(value)}\n`);
    if (response.writableLength > UNSENT_BYTES_MAX) response.destroy();
  };
  feed(argument, emit, ended.signal);
  // The page sees that the feed has started before the first event.
  if (!response.headersSent) {
    response.writeHead(200, { ...headers, "Content-Type": FEED_TYPE });
    response.flushHeaders();
  }
}

/** The media type of one JSON value per line. */
const FEED_TYPE = "application/x-ndjson";

/** Returns undefined if the body is too long; the rest is read and dropped. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let lengthBytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    lengthBytes += piece.length;
    if (lengthBytes <= ARGUMENT_BYTES_MAX) pieces.push(piece);
  }
  return lengthBytes > ARGUMENT_BYTES_MAX ? undefined : Buffer.concat(pieces).toString("utf8");
}

function refusal(status: number, problem: Problem): ControlAnswer {
  return { status, body: { problems: [problem] } };
}

function unknownAction(what: string): Problem {
  return {
    code: "MK1404",
    message: `The hub has no action "${what}".`,
    remedy: "Reload the page, which may come from another release than the hub.",
  };
}

function badArgument(what: string): Problem {
  return { code: "MK1404", message: `The action's argument ${what}.`, remedy: "Reload the page." };
}
