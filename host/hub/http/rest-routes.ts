/**
 * REST routes: each message whose topic matches a filter is sent to a URL in a request, as Scaleway IoT Hub does. The payload is
 * the body, and the header `X-MQTT-Topic` has the topic name. A message that cannot be sent is dropped, and that is reported.
 */
import type { BrokerEvent } from "../../broker/broker-event.ts";
import type { Message } from "../../broker/message.ts";
import { MotekitError } from "../../errors.ts";
import { matchesFilter } from "../../mqtt/topic-matching.ts";

export interface RestRoute {
  readonly topic: string;
  readonly url: string;
  /** The default is `POST`. */
  readonly method?: "POST" | "PUT" | "PATCH" | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const REQUEST_MS_MAX = 10_000;
/** The limit on concurrent requests of a route. */
const UNDERWAY_MAX = 8;
/** The limit on messages that wait for a route. Messages beyond it are dropped. */
const WAITING_MAX = 1_000;

export class RestRoutes {
  readonly #routes: readonly Route[];

  constructor(routes: readonly RestRoute[], onProblem: (error: MotekitError) => void) {
    this.#routes = routes.map((route) => new Route(route, onProblem));
  }

  onEvent(event: BrokerEvent): void {
    if (event.kind !== "published") return;
    for (const route of this.#routes) route.enqueue(event.message);
  }

  /** Aborts the requests that are under way. */
  close(): void {
    for (const route of this.#routes) route.close();
  }
}

class Route {
  readonly #route: RestRoute;
  readonly #onProblem: (error: MotekitError) => void;
  readonly #ending = new AbortController();
  #waiting: Message[] = [];
  #underwayCount = 0;
  /** Whether a failure was reported since a message last arrived. */
  #hasFailed = false;

  constructor(route: RestRoute, onProblem: (error: MotekitError) => void) {
    this.#route = route;
    this.#onProblem = onProblem;
  }

  enqueue(message: Message): void {
    if (!matchesFilter(this.#route.topic, message.topic)) return;
    if (this.#waiting.length === WAITING_MAX) {
      this.#reportFailure(`${WAITING_MAX} messages are waiting already`);
      return;
    }
    this.#waiting.push({ ...message, payload: Buffer.from(message.payload) });
    this.#pump();
  }

  close(): void {
    this.#waiting = [];
    this.#ending.abort();
  }

  #pump(): void {
    while (this.#underwayCount < UNDERWAY_MAX) {
      const message = this.#waiting.shift();
      if (!message) return;
      this.#underwayCount++;
      void this.#send(message).then(() => {
        this.#underwayCount--;
        this.#pump();
      });
    }
  }

  async #send({ topic, payload }: Message): Promise<void> {
    const { url, method = "POST", headers = {} } = this.#route;
    try {
      const response = await fetch(url, {
        method,
        // Headers are Latin-1, so each byte of the topic's UTF-8 becomes a character.
        headers: { ...headers, "X-MQTT-Topic": Buffer.from(topic).toString("latin1") },
        body: new Uint8Array(payload),
        signal: AbortSignal.any([this.#ending.signal, AbortSignal.timeout(REQUEST_MS_MAX)]),
        redirect: "error",
      });
      await response.body?.cancel();
      if (response.ok) this.#hasFailed = false;
      else this.#reportFailure(`it answered with HTTP status ${response.status}`);
    } catch (cause) {
      if (this.#ending.signal.aborted) return;
      const reason = (cause as Error).cause ?? cause;
      this.#reportFailure((reason as Error).message, cause);
    }
  }

  #reportFailure(reason: string, cause?: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const { topic, url } = this.#route;
    this.#onProblem(
      new MotekitError(
        {
          code: "MK1450",
          message: `The route ${topic} could not deliver a message to ${new URL(url).origin}: ${reason}. Messages are dropped.`,
          remedy: "Start the server there, or fix localHub.routes in the project file.",
        },
        { cause },
      ),
    );
  }
}
