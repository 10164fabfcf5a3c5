/**
 * What the page asks of the program that serves it, apart from MQTT: `POST /control/<action>` with a JSON argument.
 *
 * It starts builds, so it wants the token that stands in the page's link. The page server has refused other websites
 * (`Origin`) and foreign names (`Host`) before; a program on this machine, which sends neither, needs the token as well.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { MotekitError, type Problem } from "../errors.ts";

/** By the action's name. The argument is what JSON had: each looks at it itself. */
export type ControlHandlers = Readonly<Record<string, (argument: unknown) => Promise<unknown>>>;

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

export const CONTROL_PATH = "/control/";

const BEARER = "Bearer ";
const TOKEN_BYTES = 24;
const ARGUMENT_BYTES_MAX = 65_536;

export class ControlChannel {
  /** Letters, digits, - and _. */
  readonly token = randomBytes(TOKEN_BYTES).toString("base64url");
  readonly #handlers: ControlHandlers;

  constructor(handlers: ControlHandlers) {
    this.#handlers = handlers;
  }

  async answer(request: IncomingMessage, path: string): Promise<ControlAnswer> {
    if (!this.isAllowed(request)) {
      return refusal(401, {
        code: "MK1403",
        message: "The token of this hub is missing or wrong.",
        remedy: "Open the page by the link that the hub printed when it started.",
      });
    }
    const handler = handlerOf(this.#handlers, path.slice(CONTROL_PATH.length));
    if (!handler) return refusal(404, unknownAction(path));
    if (request.method !== "POST") return refusal(405, unknownAction(`${request.method} ${path}`));
    const text = await readBody(request);
    if (text === undefined) return refusal(413, badArgument(`more than ${ARGUMENT_BYTES_MAX} bytes`));
    let argument: unknown;
    try {
      argument = text === "" ? undefined : JSON.parse(text);
    } catch {
      return refusal(400, badArgument("no JSON"));
    }
    try {
      return { status: 200, body: (await handler(argument)) ?? null };
    } catch (error) {
      if (!(error instanceof MotekitError)) throw error;
      return { status: 422, body: { problems: error.problems } };
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

function handlerOf(handlers: ControlHandlers, name: string): ControlHandlers[string] | undefined {
  return Object.hasOwn(handlers, name) ? handlers[name] : undefined;
}

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
