/**
 * `Promise` with Espruino's behaviour: reactions run in the interpreter's queue of jobs, in the order of the simulation and
 * never as Node's microtasks, and a rejection without a reaction is reported when it is settled. The result of an executor,
 * `resolve` or `reject` settles in a separate job, that of a reaction immediately. A reaction treats an earlier uncaught
 * exception of the same turn as its own. It has `then`, `catch`, `all`, `resolve` and `reject`, but no `finally`.
 */
import { type Callback, describeThrown, type Interpreter } from "./interpreter.ts";

interface Reaction {
  readonly onFulfilled: unknown;
  readonly onRejected: unknown;
  readonly next: object;
}

interface State {
  status: "pending" | "fulfilled" | "rejected";
  value: unknown;
  readonly reactions: Reaction[];
}

export class Promises {
  readonly #interpreter: Interpreter;
  readonly #states = new WeakMap<object, State>();
  readonly constructorFunction: Callback;
  readonly #prototype: object;

  constructor(interpreter: Interpreter) {
    this.#interpreter = interpreter;
    this.#prototype = interpreter.object({});
    const promises = this;
    this.#define(this.#prototype, {
      // biome-ignore lint/suspicious/noThenProperty: this is the prototype of promises.
      then(this: object, onFulfilled: unknown, onRejected: unknown) {
        return promises.#react(this, onFulfilled, onRejected);
      },
      catch(this: object, onRejected: unknown) {
        return promises.#react(this, undefined, onRejected);
      },
    });
    const construct = function (this: unknown, executor: unknown): object {
      if (typeof executor !== "function") throw interpreter.error("Executor function required", "TypeError");
      return promises.#execute(executor as Callback);
    };
    this.constructorFunction = construct as unknown as Callback;
    Object.defineProperty(construct, "name", { value: "Promise" });
    construct.prototype = this.#prototype;
    this.#define(this.#prototype, { constructor: construct });
    this.#define(construct, {
      resolve: (value: unknown) => this.#resolved(value),
      reject: (reason: unknown) => this.#rejected(reason),
      all: (items: unknown[]) => this.#all(items),
    });
  }

  #define(owner: object, members: object): void {
    for (const [name, value] of Object.entries(members)) {
      Object.defineProperty(owner, name, { value, writable: true, configurable: true });
    }
  }

  #create(): object {
    const promise = Object.create(this.#prototype) as object;
    this.#states.set(promise, { status: "pending", value: undefined, reactions: [] });
    return promise;
  }

  #execute(executor: Callback): object {
    const promise = this.#create();
    const reject = (reason: unknown) => this.#rejectLater(promise, reason);
    try {
      executor((value: unknown) => this.#resolveLater(promise, value), reject);
    } catch (error) {
      reject(error);
    }
    return promise;
  }

  #resolveLater(promise: object, value: unknown): void {
    this.#interpreter.defer(() => this.#resolve(promise, value));
  }

  #rejectLater(promise: object, reason: unknown): void {
    this.#interpreter.defer(() => this.#settle(promise, "rejected", reason));
  }

  #resolved(value: unknown): object {
    if (typeof value === "object" && value !== null && this.#states.has(value)) return value;
    const then = (value as { then?: unknown } | null | undefined)?.then;
    if (typeof then === "function") return this.#execute(then.bind(value) as Callback);
    const promise = this.#create();
    this.#resolveLater(promise, value);
    return promise;
  }

  #rejected(reason: unknown): object {
    const promise = this.#create();
    this.#rejectLater(promise, reason);
    return promise;
  }

  #resolve(promise: object, value: unknown): void {
    const then = (value as { then?: unknown } | null | undefined)?.then;
    if (typeof then !== "function") {
      this.#settle(promise, "fulfilled", value);
      return;
    }
    then.call(
      value,
      (result: unknown) => this.#resolve(promise, result),
      (reason: unknown) => this.#settle(promise, "rejected", reason),
    );
  }

  #stateOf(promise: object): State {
    const state = this.#states.get(promise);
    if (!state) throw this.#interpreter.error("Not a promise", "TypeError");
    return state;
  }

  #settle(promise: object, status: "fulfilled" | "rejected", value: unknown): void {
    const state = this.#stateOf(promise);
    if (state.status !== "pending") return;
    state.status = status;
    state.value = value;
    if (status === "rejected" && state.reactions.length === 0) {
      const rejection = this.#interpreter.error(`Unhandled promise rejection: ${describeThrown(value)}`);
      // As on Espruino, the stack trace is that of the thrown error.
      const { stack } = (value ?? {}) as { stack?: unknown };
      if (typeof stack === "string") rejection.stack = stack;
      this.#interpreter.report(rejection);
    }
    for (const reaction of state.reactions) this.#deferReaction(state, reaction);
  }

  #react(promise: object, onFulfilled: unknown, onRejected: unknown): object {
    const state = this.#stateOf(promise);
    const reaction = { onFulfilled, onRejected, next: this.#create() };
    if (state.status === "pending") state.reactions.push(reaction);
    else this.#deferReaction(state, reaction);
    return reaction.next;
  }

  #deferReaction(state: State, reaction: Reaction): void {
    this.#interpreter.defer(() => {
      const handler = state.status === "fulfilled" ? reaction.onFulfilled : reaction.onRejected;
      if (typeof handler !== "function") {
        if (state.status === "fulfilled") this.#resolve(reaction.next, state.value);
        else this.#settle(reaction.next, "rejected", state.value);
        return;
      }
      let value: unknown;
      try {
        value = handler(state.value);
      } catch (error) {
        this.#interpreter.takeUncaught();
        this.#settle(reaction.next, "rejected", error);
        return;
      }
      const taken = this.#interpreter.takeUncaught();
      if (taken) this.#settle(reaction.next, "rejected", taken.error);
      else this.#resolve(reaction.next, value);
    });
  }

  /** Adopts the state of a promise. Other thenables are ordinary values. */
  #all(items: unknown[]): object {
    const values = this.#interpreter.array<unknown>(items);
    const isPromise = (item: unknown): item is object =>
      typeof item === "object" && item !== null && this.#states.has(item);
    let missing = items.filter(isPromise).length;
    if (missing === 0) return this.#resolved(values);
    const all = this.#create();
    items.forEach((item, index) => {
      if (!isPromise(item)) return;
      const fulfil = (value: unknown) => {
        values[index] = value;
        if (--missing === 0) this.#resolveLater(all, values);
      };
      this.#react(item, fulfil, (reason: unknown) => this.#rejectLater(all, reason));
    });
    return all;
  }
}
