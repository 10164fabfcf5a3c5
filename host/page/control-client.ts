/** Asks the program that serves this page for what MQTT has not: the boards, a build, what to propose. */
import type {
  AppBuild,
  BuildRequest,
  ControlActions,
  ControlRefusal,
  ProposedSettings,
} from "../control/actions.ts";
import type { HubMetrics } from "../control/hub-metrics.ts";
import { MotekitError } from "../errors.ts";

export class ControlClient implements ControlActions {
  readonly #token: string | undefined;

  constructor(token: string | undefined) {
    this.#token = token;
  }

  /** False: the page was not opened by the link that the hub printed, and every call is refused. */
  get hasToken(): boolean {
    return this.#token !== undefined;
  }

  boards(): ReturnType<ControlActions["boards"]> {
    return this.#call("boards");
  }

  build(request: BuildRequest): Promise<AppBuild> {
    return this.#call("build", request);
  }

  metrics(): Promise<HubMetrics> {
    return this.#call("metrics");
  }

  settings(): Promise<ProposedSettings> {
    return this.#call("settings");
  }

  /** @throws MotekitError MK1405 the hub does not answer; else what the action throws. */
  async #call<Answer>(action: keyof ControlActions, argument?: unknown): Promise<Answer> {
    let response: Response;
    try {
      response = await fetch(`/control/${action}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${this.#token ?? ""}`, "Content-Type": "application/json" },
        body: argument === undefined ? "" : JSON.stringify(argument),
      });
    } catch (cause) {
      throw notAnswered((cause as Error).message, cause);
    }
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as Answer;
    const [problem, ...further] = problemsOf(text);
    if (!problem) throw notAnswered(`status ${response.status}: ${text.trim()}`, undefined);
    throw new MotekitError(problem, { problems: [problem, ...further] });
  }
}

function problemsOf(text: string): ControlRefusal["problems"] {
  try {
    return (JSON.parse(text) as ControlRefusal).problems;
  } catch {
    return [];
  }
}

function notAnswered(why: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1405",
      message: `The hub does not answer: ${why}`,
      remedy: "Look whether it still runs, and open the page by the link that it prints.",
    },
    { cause },
  );
}
