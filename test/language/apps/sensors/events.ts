type Handlers<Events> = { [Name in keyof Events]?: ((payload: Events[Name]) => void)[] };

export class EventBus<Events extends Record<string, unknown>> {
  #handlers: Handlers<Events> = {};

  on<Name extends keyof Events>(name: Name, handler: (payload: Events[Name]) => void): () => void {
    (this.#handlers[name] ??= []).push(handler);
    return () => {
      this.#handlers[name] = this.#handlers[name]?.filter((one) => one !== handler);
    };
  }

  once<Name extends keyof Events>(name: Name): Promise<Events[Name]> {
    return new Promise((resolve) => {
      const stop = this.on(name, (payload) => {
        stop();
        resolve(payload);
      });
    });
  }

  fire<Name extends keyof Events>(name: Name, payload: Events[Name]): number {
    const handlers = this.#handlers[name] ?? [];
    handlers.forEach((handler) => handler(payload));
    return handlers.length;
  }

  async *stream<Name extends keyof Events>(name: Name, count: number): AsyncGenerator<Events[Name], void> {
    for (let i = 0; i < count; i++) yield await this.once(name);
  }
}

export function debounce<A extends unknown[]>(run: (...args: A) => void, delayMs: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args: A): void => {
    if (timer !== undefined) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      run(...args);
    }, delayMs);
  };
}

export function throttle<A extends unknown[], R>(
  run: (...args: A) => R,
  every: number,
): (...args: A) => R | undefined {
  let calls = 0;
  return (...args) => (calls++ % every === 0 ? run(...args) : undefined);
}

export type State = "idle" | "sampling" | "alarm" | "cooling";
export type Input = "start" | "hot" | "calm" | "stop";

const transitions: Readonly<Record<State, Partial<Record<Input, State>>>> = {
  idle: { start: "sampling" },
  sampling: { hot: "alarm", stop: "idle" },
  alarm: { calm: "cooling" },
  cooling: { hot: "alarm", calm: "sampling", stop: "idle" },
};

export class StateMachine {
  state: State = "idle";
  readonly history: [State, Input, State][] = [];
  onChange?: (from: State, to: State) => void;

  send = (input: Input): boolean => {
    const { [input]: next } = transitions[this.state];
    if (!next) return false;
    const from = this.state;
    this.history.push([from, input, next]);
    this.state = next;
    this.onChange?.(from, next);
    return true;
  };
}
