/**
 * Routes to REST: messages whose topic matches a filter are sent to a URL, one request each, as Scaleway IoT Hub does. The
 * payload is the body, and `X-MQTT-Topic` names where it came from. A message that cannot be sent is lost, and that is told.
 */
import type { BrokerEvent } from "../../broker/broker-event.ts";
import type { Message } from "../../broker/message.ts";
import { MotekitError } from "../../errors.ts";
import { matchesFilter } from "../../mqtt/topic-matching.ts";

export interface RestRoute {
  readonly topic: string;
  readonly url: string;
  /** Default `POST`. */
  readonly method?: "POST" | "PUT" | "PATCH" | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const REQUEST_MS_MAX = 10_000;
/** Requests of a route at once. */
const UNDERWAY_MAX = 8;
/** Messages that wait for a route; what comes beyond is lost. */
const WAITING_MAX = 1_000;

export class RestRoutes {
  readonly #routes: readonly Route[];

  constructor(routes: readonly RestRoute[], onProblem: (error: MotekitError) => void) {
    this.#routes = routes.map((route) => new Route(route, onProblem));
  }

  onEvent(event: BrokerEvent): void {
    if (event.kind !== "published") return;
    for (const route of this.#routes) route.take(event.message);
  }

  /** Ends the requests that are under way. */
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
  /** A failure is told once, until a message arrives again. */
  #hasFailed = false;

  constructor(route: RestRoute, onProblem: (error: MotekitError) => void) {
    this.#route = route;
    this.#onProblem = onProblem;
  }

  take(message: Message): void {
    if (!matchesFilter(this.#route.topic, message.topic)) return;
    if (this.#waiting.length === WAITING_MAX) {
      this.#tell(`${WAITING_MAX} messages wait for it already`);
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
        // A header is Latin-1: the topic's UTF-8, byte by byte.
        headers: { ...headers, "X-MQTT-Topic": Buffer.from(topic).toString("latin1") },
        body: new Uint8Array(payload),
        signal: AbortSignal.any([this.#ending.signal, AbortSignal.timeout(REQUEST_MS_MAX)]),
        redirect: "error",
      });
      await response.body?.cancel();
      if (response.ok) this.#hasFailed = false;
      else this.#tell(`it answers ${response.status}`);
    } catch (cause) {
      if (this.#ending.signal.aborted) return;
      const reason = (cause as Error).cause ?? cause;
      this.#tell((reason as Error).message, cause);
    }
  }

  #tell(reason: string, cause?: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const { topic, url } = this.#route;
    this.#onProblem(
      new MotekitError(
        {
          code: "MK1450",
          message: `Messages of the route ${topic} do not reach ${new URL(url).origin}: ${reason}. They are lost.`,
          remedy: "Start what listens there, or mend localHub.routes in the project file.",
        },
        { cause },
      ),
    );
  }
}
