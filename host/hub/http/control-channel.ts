/**
 * What the page asks of the program that serves it, apart from MQTT: `POST /control/<action>` with a JSON argument. An
 * action is answered once, in JSON; a feed goes on, with a line of JSON for each thing that happens, until the page hangs up.
 *
 * It starts builds, so it wants the token that stands in the page's link. The page server has refused other websites
 * (`Origin`) and foreign names (`Host`) before; a program on this machine, which sends neither, needs the token as well.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { MotekitError, type Problem } from "../../errors.ts";

/** By the action's name. The argument is what JSON had: each looks at it itself. */
export type ControlHandlers = Readonly<Record<string, (argument: unknown) => Promise<unknown>>>;

/**
 * Calls `emit` for each thing that happens until the signal comes, and then no more. What went before is told first, so
 * that who begins anew misses nothing. A problem with the argument is thrown.
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
/** A page that takes so much too late is hung up on. It begins anew, and is told where things stand. */
const UNSENT_BYTES_MAX = 8 * 1024 * 1024;

export class ControlChannel {
  /** Letters, digits, - and _. */
  readonly token = randomBytes(TOKEN_BYTES).toString("base64url");
  readonly #actions: ControlHandlers;
  readonly #feeds: ControlFeeds;

  constructor({ actions = {}, feeds = {} }: ControlOptions) {
    this.#actions = actions;
    this.#feeds = feeds;
  }

  /** `headers` go with every answer. Rejects only where an action failed in a way that it did not foresee. */
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
          message: "The token of this hub is missing or wrong.",
          remedy: "Open the page by the link that the hub printed when it started.",
        }),
      );
    }
    const name = path.slice(CONTROL_PATH.length);
    const action = ownValue(this.#actions, name);
    const feed = ownValue(this.#feeds, name);
    if (!action && !feed) return reply(refusal(404, unknownAction(path)));
    if (request.method !== "POST") return reply(refusal(405, unknownAction(`${request.method} ${path}`)));
    const text = await readBody(request);
    if (text === undefined) return reply(refusal(413, badArgument(`more than ${ARGUMENT_BYTES_MAX} bytes`)));
    let argument: unknown;
    try {
      argument = text === "" ? undefined : JSON.parse(text);
    } catch {
      return reply(refusal(400, badArgument("no JSON")));
    }
    try {
      if (action) reply({ status: 200, body: (await action(argument)) ?? null });
      else if (feed) follow(feed, argument, response, headers);
    } catch (error) {
      if (!(error instanceof MotekitError)) throw error;
      reply({ status: 422, body: { problems: error.problems } });
    }
  }

  /** The request has the token with it. */
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
  // The page sees that it is followed before anything happens.
  if (!response.headersSent) {
    response.writeHead(200, { ...headers, "Content-Type": FEED_TYPE });
    response.flushHeaders();
  }
}

/** A value of JSON in each line. */
const FEED_TYPE = "application/x-ndjson";

/** Undefined where it is too long; the rest is read then, and dropped. */
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
    message: `This hub has no action ${what}.`,
    remedy: "Reload the page: it may be of another release than the hub.",
  };
}

function badArgument(what: string): Problem {
  return { code: "MK1404", message: `The action's argument is ${what}.`, remedy: "Reload the page." };
}
