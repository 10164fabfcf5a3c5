/** Client of the control channel, by which the page calls functions of the hub's program that MQTT does not have. */
import type {
  AppBuild,
  BuildRequest,
  ControlActions,
  ControlRefusal,
  ProposedSettings,
} from "../../control/actions.ts";
import type { ControlFeeds } from "../../control/feeds.ts";
import type {
  DeviceChange,
  DeviceRecord,
  DeviceRenewal,
  HubDevices,
  IssuedDevice,
  NewDevice,
} from "../../control/hub-devices.ts";
import type { HubMetrics } from "../../control/hub-metrics.ts";
import type { BoardAction, BootRequest } from "../../control/simulated-boards.ts";
import type { Fault, FaultRequest } from "../../control/wire-events.ts";
import { MotekitError } from "../../errors.ts";

export class ControlClient implements ControlActions {
  readonly #token: string | undefined;

  constructor(token: string | undefined) {
    this.#token = token;
  }

  /** False if the page was not opened with the link that the hub printed. The hub then refuses every call. */
  get hasToken(): boolean {
    return this.#token !== undefined;
  }

  boards(): ReturnType<ControlActions["boards"]> {
    return this.#call("boards");
  }

  build(request: BuildRequest): Promise<AppBuild> {
    return this.#call("build", request);
  }

  devices(): Promise<HubDevices> {
    return this.#call("devices");
  }

  addDevice(device: NewDevice): Promise<IssuedDevice> {
    return this.#call("addDevice", device);
  }

  changeDevice(change: DeviceChange): Promise<DeviceRecord> {
    return this.#call("changeDevice", change);
  }

  renewDevice(renewal: DeviceRenewal): Promise<IssuedDevice> {
    return this.#call("renewDevice", renewal);
  }

  removeDevice(removal: { readonly device: string }): Promise<DeviceRecord> {
    return this.#call("removeDevice", removal);
  }

  metrics(): Promise<HubMetrics> {
    return this.#call("metrics");
  }

  settings(): Promise<ProposedSettings> {
    return this.#call("settings");
  }

  addFault(fault: FaultRequest): Promise<Fault> {
    return this.#call("addFault", fault);
  }

  removeFault(fault: { readonly id: number }): Promise<void> {
    return this.#call("removeFault", fault);
  }

  bootSimulated(request: BootRequest): Promise<{ readonly id: string }> {
    return this.#call("bootSimulated", request);
  }

  actSimulated(action: BoardAction): Promise<void> {
    return this.#call("actSimulated", action);
  }

  cutConnection(client: { readonly clientId: string }): Promise<void> {
    return this.#call("cutConnection", client);
  }

  /** Rejects with MK1405 if the hub does not answer, otherwise with the error of the action. */
  async #call<Answer>(action: keyof ControlActions, argument?: unknown): Promise<Answer> {
    const response = await this.#ask(action, argument);
    return JSON.parse(await response.text()) as Answer;
  }

  async #ask(name: string, argument: unknown, signal?: AbortSignal): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`/control/${name}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${this.#token ?? ""}`, "Content-Type": "application/json" },
        body: argument === undefined ? "" : JSON.stringify(argument),
        ...(signal && { signal }),
      });
    } catch (cause) {
      throw noAnswer((cause as Error).message, cause);
    }
    if (response.ok) return response;
    const text = await response.text();
    const [problem, ...further] = problemsOf(text);
    if (!problem) throw noAnswer(`status ${response.status}: ${text.trim()}`, undefined);
    throw new MotekitError(problem, { problems: [problem, ...further] });
  }

  /**
   * Follows a feed of events until the returned function is called. If the connection to the hub ends, it tries again each
   * second. `onState` gets each change between followed and failed.
   */
  follow<Name extends keyof ControlFeeds>(
    feed: Name,
    argument: ControlFeeds[Name]["argument"],
    onValue: (value: ControlFeeds[Name]["value"]) => void,
    onState: (state: FeedState) => void = () => undefined,
  ): () => void {
    const ended = new AbortController();
    const followOnce = async (): Promise<void> => {
      const response = await this.#ask(feed, argument, ended.signal);
      onState("followed");
      await readLines(response, (line) => onValue(JSON.parse(line) as ControlFeeds[Name]["value"]));
      throw noAnswer("it ended the feed", undefined);
    };
    const followOn = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        try {
          await followOnce();
        } catch (error) {
          if (ended.signal.aborted) return;
          onState(error as Error);
          if (error instanceof MotekitError && FINAL_CODES.has(error.code)) return;
          await new Promise((resolve) => setTimeout(resolve, FOLLOW_AGAIN_MS));
        }
      }
    };
    void followOn();
    return () => ended.abort();
  }
}

/** The state of a feed. An error is the reason why it is not followed at the moment. */
export type FeedState = "followed" | Error;

const FOLLOW_AGAIN_MS = 1_000;
/** Errors that a retry cannot fix: the address belongs to another hub or another release now. */
const FINAL_CODES: ReadonlySet<string> = new Set(["MK1403", "MK1404"]);

async function readLines(response: Response, onLine: (line: string) => void): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
    const lines = (rest + piece.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  }
}

function problemsOf(text: string): ControlRefusal["problems"] {
  try {
    return (JSON.parse(text) as ControlRefusal).problems;
  } catch {
    return [];
  }
}

function noAnswer(reason: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1405",
      message: `The hub does not answer: ${reason}`,
      remedy: "Check that the hub is running, and open the page with the link that it prints.",
    },
    { cause },
  );
}
