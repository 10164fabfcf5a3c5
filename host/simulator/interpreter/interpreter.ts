/**
 * One run of a simulated board's interpreter, from power-on to the next reboot: a context of `node:vm`, the queue of jobs
 * after the current code, Espruino's events, and the report of uncaught exceptions.
 *
 * It never runs by itself: everything enters by `run` and `enter`, and nothing after `halt`. It does not limit the run time
 * of code: an infinite loop blocks the whole process.
 */
import { type Context, constants, createContext, Script } from "node:vm";
import { toByteString, toBytes, toReadable } from "./byte-strings.ts";
import { fitLanguage } from "./language.ts";
import { nextFraction, type Random } from "./random.ts";

export type Callback = (...values: unknown[]) => unknown;

/** Cache of compiled programs by file and text, for further boards with the same bytes. */
const scripts = new Map<string, Script>();
const SCRIPTS_MAX = 32;

/** The maximum number of values of `emit` on the board. */
const EMIT_VALUES_MAX = 4;

export interface InterpreterOptions {
  readonly random: Random;
  /** Whether the board's interpreter has Unicode strings. */
  readonly unicode: boolean;
  /** Prints a line on the console. */
  printLine(line: string): void;
  /** Called before each event in which memory can run out. */
  hasMemory(event: MemoryEvent): boolean;
}

/** The code of a timer, or a chunk of a socket. */
export type MemoryEvent = { readonly kind: "timer" } | DataEvent;

export interface DataEvent {
  readonly kind: "data";
  /** The number of the connection in the network. */
  readonly connection: number;
  /** The size of this chunk and of the waiting chunks of its connection. */
  readonly unheardBytes: number;
}

export class Interpreter {
  /** The global object of the bundle. */
  readonly global: Record<string, unknown>;
  /** `process` of the bundle, whose `uncaughtException` listeners take precedence over the console. */
  process: object | undefined;
  /** `E` of the bundle, whose `errorFlag` listeners are notified of lost events. */
  espruino: object | undefined;
  readonly #printLine: (line: string) => void;
  readonly #hasMemory: (event: MemoryEvent) => boolean;
  readonly #errorFlags = new Set<string>();
  readonly #listeners = new WeakMap<object, Map<string, Callback[]>>();
  readonly #jobs: Array<() => void> = [];
  readonly #idleJobs: Array<() => void> = [];
  readonly #context: Context;
  #depth = 0;
  #isInPass = false;
  #halted = false;
  /** The last uncaught exception of the current code, which is reported when all jobs are done. */
  #uncaught: { readonly error: unknown } | undefined;
  #listenerCount = 0;

  constructor(options: InterpreterOptions) {
    this.#printLine = options.printLine;
    this.#hasMemory = (event) => options.hasMemory(event);
    // An ordinary global object, because access to a contextified object of ours is several times slower.
    this.#context = createContext(constants.DONT_CONTEXTIFY);
    this.global = this.compile("globalThis", "boot.js") as Record<string, unknown>;
    fitLanguage(this.global, { random: () => nextFraction(options.random), unicode: options.unicode });
    this.global.global = this.global;
    this.#addEvents();
  }

  /** Runs a program, whose name appears in stack traces. */
  run(source: string, file: string): void {
    this.enter(() => {
      this.#attempt(() => void this.compile(source, file));
      // The interpreter checks for errors before it idles.
      this.#tellUncaught();
    });
  }

  /** The value of a program. Throws what the program throws. */
  compile(source: string, file: string): unknown {
    return compiledScript(source, file).runInContext(this.#context) as unknown;
  }

  /** The value of a typed line, which may define globals. Throws the line's exception, or an error if it takes too long. */
  evaluate(source: string, msMax: number): unknown {
    return new Script(source, { filename: "REPL" }).runInContext(this.#context, {
      timeout: msMax,
    }) as unknown;
  }

  /** The entry point for timers, sockets and pins: exceptions are reported, and then the queued jobs run. */
  enter(code: () => void): void {
    if (this.#halted) return;
    this.#depth++;
    this.#attempt(code);
    if (this.#depth === 1) this.#finish();
    this.#depth--;
    this.#idle();
  }

  /** Runs several pieces of code before the interpreter idles again, such as timers that are due together. */
  pass(code: () => void): void {
    this.#isInPass = true;
    code();
    this.#isInPass = false;
    this.#idle();
  }

  /** Runs `job` when the interpreter idles, which is when sockets are processed. */
  whenIdle(job: () => void): void {
    this.#idleJobs.push(job);
    this.#idle();
  }

  #idle(): void {
    while (this.#depth === 0 && !this.#isInPass && !this.#halted) {
      const job = this.#idleJobs.shift();
      if (!job) return;
      job();
    }
  }

  /** Runs the queued jobs and then reports an uncaught exception, whose listeners may queue more jobs. */
  #finish(): void {
    do {
      this.#drainJobs();
      this.#tellUncaught();
    } while (this.#jobs.length > 0 && !this.#halted);
  }

  /** Runs `job` after the current code and before any timer. */
  defer(job: () => void): void {
    this.#jobs.push(job);
    if (this.#depth === 0) this.enter(() => undefined);
  }

  /** Throws if the board has restarted during the current code, which cannot be stopped but must have no more effects. */
  requireRunning(): void {
    if (this.#halted) throw this.error("The board has restarted, or has no power");
  }

  halt(): void {
    this.#halted = true;
    this.#jobs.length = 0;
    this.#idleJobs.length = 0;
  }

  #drainJobs(): void {
    for (let job = this.#jobs.shift(); job && !this.#halted; job = this.#jobs.shift()) this.#attempt(job);
  }

  #attempt(code: () => void): void {
    try {
      code();
    } catch (error) {
      this.report(error);
    }
  }

  /** Records an uncaught exception, which is reported to the bundle or to the console when the current code has ended. */
  report(error: unknown): void {
    this.#uncaught = { error };
    if (this.#depth === 0) this.enter(() => undefined);
  }

  /**
   * Takes the uncaught exception of the current code for a promise reaction, which treats it as its own. The interpreter then
   * reports "Uncaught undefined", unless something else is thrown.
   */
  takeUncaught(): { readonly error: unknown } | undefined {
    const taken = this.#uncaught;
    if (!taken || taken.error === undefined) return undefined;
    this.#uncaught = { error: undefined };
    return taken;
  }

  #tellUncaught(): void {
    if (!this.#uncaught || this.#halted) return;
    const { error } = this.#uncaught;
    this.#uncaught = undefined;
    const listeners = this.process ? this.listeners(this.process, "uncaughtException") : [];
    if (listeners.length === 0) this.printUncaught(error);
    for (const listener of listeners) {
      try {
        listener(error);
      } catch (again) {
        this.printUncaught(again);
      }
    }
  }

  /** Prints an exception as the console does, with a line for each frame of the bundle. */
  printUncaught(error: unknown): void {
    this.#printLine(toReadable(`Uncaught ${describeThrown(error)}`));
    for (const frame of framesOf(error)) this.#printLine(toReadable(`    ${frame}`));
  }

  // Running out of memory is not an exception: it ends the current event.

  /** Returns false if memory runs out in the next event, which must then end with `loseEvent`. */
  hasMemory(event: MemoryEvent): boolean {
    return this.#hasMemory(event);
  }

  /** Ends an event without memory. `handler` is the interpreter's message about the removed handler. The app gets new flags only. */
  loseEvent(handler?: string): void {
    if (handler !== undefined) this.#printLine(`ERROR: ${handler} - removing it.`);
    this.#printLine("Execution Interrupted during event processing.");
    const raised = [...(handler === undefined ? [] : ["CALLBACK"]), "LOW_MEMORY", "MEMORY"];
    const flags = raised.filter((flag) => !this.#errorFlags.has(flag));
    for (const flag of flags) this.#errorFlags.add(flag);
    if (flags.length === 0) return;
    this.defer(() => {
      if (this.espruino) this.dispatch(this.espruino, "errorFlag", [this.array(flags)]);
      this.#printLine(`New interpreter error: ${flags.join()}`);
    });
  }

  /** Returns the flags that were raised since the last call. */
  takeErrorFlags(): string[] {
    const flags = [...this.#errorFlags];
    this.#errorFlags.clear();
    return flags;
  }

  // Values of the bundle's realm, so that `instanceof` works there.

  error(message: string, type: "Error" | "TypeError" = "Error"): Error {
    return new (this.global[type] as ErrorConstructor)(message);
  }

  object(members: object): object {
    return Object.assign(new (this.global.Object as ObjectConstructor)(), members);
  }

  array<Item>(items: readonly Item[]): Item[] {
    const array = new (this.global.Array as ArrayConstructor)() as Item[];
    array.push(...items);
    return array;
  }

  uint8Array(byteString: string): Uint8Array {
    const array = new (this.global.Uint8Array as Uint8ArrayConstructor)(byteString.length);
    array.set(toBytes(byteString));
    return array;
  }

  parseJson(text: string): unknown {
    return (this.global.JSON as typeof JSON).parse(text);
  }

  stringifyJson(value: unknown): string {
    return (this.global.JSON as typeof JSON).stringify(value);
  }

  /** The bytes of strings, numbers, arrays, typed arrays and buffers, concatenated. */
  byteStringOf(...values: unknown[]): string {
    let bytes = "";
    for (const value of values) {
      if (typeof value === "string") bytes += value;
      else if (typeof value === "number") bytes += String.fromCharCode(value & 255);
      else if (Array.isArray(value)) bytes += this.byteStringOf(...value);
      else if (ArrayBuffer.isView(value)) {
        bytes += toByteString(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      } else if (isArrayBuffer(value)) bytes += toByteString(new Uint8Array(value));
      else throw this.error(`This value is not bytes: ${String(value)}`, "TypeError");
    }
    return bytes;
  }

  // Events. On Espruino every object has them.

  /** The number of listeners of all objects that were not forgotten. */
  get listenerCount(): number {
    return this.#listenerCount;
  }

  /** Removes all listeners of an object. */
  forgetListeners(target: object): void {
    this.#removeAllListeners(target);
  }

  listeners(target: object, event: string): readonly Callback[] {
    return [...(this.#listeners.get(target)?.get(event) ?? [])];
  }

  /** Adds a listener for the bundle. Throws Espruino's errors if the arguments are not an event and a listener. */
  listenTo(target: object, event: unknown, listener: unknown, first = false): void {
    if (typeof event !== "string") throw this.error("First argument must be String", "TypeError");
    if (typeof listener !== "function") {
      throw this.error("Second argument must be a function or a String", "TypeError");
    }
    this.addListener(target, event, listener as Callback, first);
  }

  addListener(target: object, event: string, listener: Callback, first = false): void {
    const events = this.#listeners.get(target) ?? new Map<string, Callback[]>();
    this.#listeners.set(target, events);
    const listeners = events.get(event) ?? [];
    events.set(event, listeners);
    this.#listenerCount++;
    if (first) listeners.unshift(listener);
    else listeners.push(listener);
  }

  /** Calls the listeners now, and reports the exceptions of each. */
  dispatch(target: object, event: string, values: readonly unknown[]): void {
    for (const listener of this.listeners(target, event)) {
      this.enter(() => void listener.apply(target, [...values]));
    }
  }

  /** Memory runs out in the first listener: the others are called, and then all are removed. */
  loseListeners(target: object, event: string, values: readonly unknown[], handler: string): void {
    for (const listener of this.listeners(target, event).slice(1)) {
      this.enter(() => void listener.apply(target, [...values]));
    }
    this.#removeAllListeners(target, event);
    this.loseEvent(handler);
  }

  #removeListener(target: object, event: string, listener: Callback): void {
    const listeners = this.#listeners.get(target)?.get(event) ?? [];
    const index = listeners.indexOf(listener);
    if (index < 0) return;
    listeners.splice(index, 1);
    this.#listenerCount--;
  }

  #removeAllListeners(target: object, event?: string): void {
    const events = this.#listeners.get(target);
    for (const name of event === undefined ? [...(events?.keys() ?? [])] : [event]) {
      this.#listenerCount -= events?.get(name)?.length ?? 0;
      events?.delete(name);
    }
  }

  #addEvents(): void {
    const interpreter = this;
    const members = {
      on(this: object, event: unknown, listener: unknown) {
        interpreter.listenTo(this, event, listener);
      },
      prependListener(this: object, event: unknown, listener: unknown) {
        interpreter.listenTo(this, event, listener, true);
      },
      emit(this: object, event: string, ...values: unknown[]) {
        if (values.length > EMIT_VALUES_MAX)
          throw interpreter.error(`Too many arguments (>${EMIT_VALUES_MAX})`);
        interpreter.defer(() => interpreter.dispatch(this, event, values));
      },
      removeListener(this: object, event: string, listener: Callback) {
        interpreter.#removeListener(this, event, listener);
      },
      removeAllListeners(this: object, event?: string) {
        interpreter.#removeAllListeners(this, event);
      },
    };
    const { prototype } = this.global.Object as { prototype: object };
    for (const [name, value] of Object.entries({ ...members, addListener: members.on })) {
      Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
    }
  }
}

function compiledScript(source: string, file: string): Script {
  const key = `${file}\0${source}`;
  const known = scripts.get(key);
  if (known) return known;
  const script = new Script(source, { filename: file });
  if (scripts.size === SCRIPTS_MAX) scripts.clear();
  scripts.set(key, script);
  return script;
}

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}

export function describeThrown(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const { name, message: given } = error as Partial<Error>;
  // Translates V8's message for an undeclared name to Espruino's.
  const message = given?.replace(/^(\w+) is not defined$/, '"$1" is not defined');
  return message === undefined ? String(error) : `${name ?? "Error"}: ${message}`;
}

/** The stack frames of the bundle's files, such as `at handler (app.js:1:203)`. */
function framesOf(error: unknown): string[] {
  const stack = (error as { stack?: unknown } | null | undefined)?.stack;
  if (typeof stack !== "string") return [];
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^(at .*)?[\w.]+\.js:\d+/.test(line) && !line.includes("/"))
    .map((line) => (line.startsWith("at ") ? line : `at ${line}`));
}
