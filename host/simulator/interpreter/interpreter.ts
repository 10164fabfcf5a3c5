/**
 * One run of a simulated board's interpreter, from power to the next reboot: a context of `node:vm`, the queue of
 * jobs that follow the current code, Espruino's events, and the report of uncaught exceptions.
 *
 * It makes no calls of its own accord: everything enters by `run` and `enter`, and after `halt` nothing does. It does
 * not bound the time of a piece of code: one that never ends takes the whole process with it.
 */
import { type Context, constants, createContext, Script } from "node:vm";
import { toByteString, toBytes, toReadable } from "./byte-strings.ts";
import { fitLanguage } from "./language.ts";
import { nextFraction, type Random } from "./random.ts";

export type Callback = (...values: unknown[]) => unknown;

/** Programs that were compiled, for the next board that runs the same bytes: by file and text. */
const scripts = new Map<string, Script>();
const SCRIPTS_MAX = 32;

/** `emit` takes no more on the board. */
const EMIT_VALUES_MAX = 4;

export interface InterpreterOptions {
  readonly random: Random;
  /** As of a board. */
  readonly unicode: boolean;
  /** A line for the console. */
  printLine(line: string): void;
  /** Asked before each event in which memory can run out. */
  hasMemory(event: MemoryEvent): boolean;
}

/** Code of a timer, or a piece of a socket's data. */
export type MemoryEvent = { readonly kind: "timer" } | DataEvent;

export interface DataEvent {
  readonly kind: "data";
  /** Its number in the network. */
  readonly connection: number;
  /** Of what came by this connection, this piece and what waits behind it. */
  readonly unheardBytes: number;
}

export class Interpreter {
  /** The global object of the bundle. */
  readonly global: Record<string, unknown>;
  /** `process` of the bundle, whose `uncaughtException` listeners are asked before the console is. */
  process: object | undefined;
  /** `E` of the bundle, whose `errorFlag` listeners hear of what was taken away. */
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
  /** What nobody caught in the code at hand; the last counts, and is told when all jobs are done. */
  #uncaught: { readonly error: unknown } | undefined;
  #listenerCount = 0;

  constructor(options: InterpreterOptions) {
    this.#printLine = options.printLine;
    this.#hasMemory = (event) => options.hasMemory(event);
    // An ordinary global object: each look at one that Node keeps in step with an object of ours is several times dearer.
    this.#context = createContext(constants.DONT_CONTEXTIFY);
    this.global = this.compile("globalThis", "boot.js") as Record<string, unknown>;
    fitLanguage(this.global, { random: () => nextFraction(options.random), unicode: options.unicode });
    this.global.global = this.global;
    this.#addEvents();
  }

  /** Runs a program, whose name stands in stack traces. */
  run(source: string, file: string): void {
    this.enter(() => {
      this.#attempt(() => void this.compile(source, file));
      // The interpreter looks for errors before it begins to idle.
      this.#tellUncaught();
    });
  }

  /** The value of a program. Throws what the program throws. */
  compile(source: string, file: string): unknown {
    return compiledScript(source, file).runInContext(this.#context) as unknown;
  }

  /** The value of what a person types, which may define globals. Throws what it throws, and where it takes longer. */
  evaluate(source: string, msMax: number): unknown {
    return new Script(source, { filename: "REPL" }).runInContext(this.#context, {
      timeout: msMax,
    }) as unknown;
  }

  /** The way in for timers, sockets and pins: an exception is reported, then the queued jobs run. */
  enter(code: () => void): void {
    if (this.#halted) return;
    this.#depth++;
    this.#attempt(code);
    if (this.#depth === 1) this.#finish();
    this.#depth--;
    this.#idle();
  }

  /** Lets several pieces of code enter before the interpreter idles again, such as timers that are due together. */
  pass(code: () => void): void {
    this.#isInPass = true;
    code();
    this.#isInPass = false;
    this.#idle();
  }

  /** Runs `job` when the interpreter idles, which is when sockets have their turn. */
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

  /** Runs the queued jobs, then tells of what nobody caught; whoever hears of it may queue more. */
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

  /** Throws where the board has restarted under the code at hand, which cannot be stopped: it shall do nothing any more. */
  requireRunning(): void {
    if (this.#halted) throw this.error("The board has started anew, or has no power");
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

  /** An exception that nobody caught goes to the bundle, else to the console, when the code at hand has ended. */
  report(error: unknown): void {
    this.#uncaught = { error };
    if (this.#depth === 0) this.enter(() => undefined);
  }

  /**
   * What nobody has caught up to here in the code at hand, for a reaction of a promise, which takes it for its own: what is
   * told then is "Uncaught undefined", unless something else is thrown.
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

  /** As the console words it, in a line for each frame of the bundle's own. */
  printUncaught(error: unknown): void {
    this.#printLine(toReadable(`Uncaught ${describeThrown(error)}`));
    for (const frame of framesOf(error)) this.#printLine(toReadable(`    ${frame}`));
  }

  // Out of memory is no exception: it ends the event that ran.

  /** False: memory runs out in the event that is about to begin, so that it must end by `loseEvent`. */
  hasMemory(event: MemoryEvent): boolean {
    return this.#hasMemory(event);
  }

  /** `handler`: what the interpreter takes away with the event, as it says it. The app hears of new flags alone. */
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

  /** Those that were raised since they were taken last. */
  takeErrorFlags(): string[] {
    const flags = [...this.#errorFlags];
    this.#errorFlags.clear();
    return flags;
  }

  // Values of the bundle's own realm: `instanceof` must hold there.

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

  /** Strings, numbers, arrays, typed arrays and buffers, one after the other. */
  byteStringOf(...values: unknown[]): string {
    let bytes = "";
    for (const value of values) {
      if (typeof value === "string") bytes += value;
      else if (typeof value === "number") bytes += String.fromCharCode(value & 255);
      else if (Array.isArray(value)) bytes += this.byteStringOf(...value);
      else if (ArrayBuffer.isView(value)) {
        bytes += toByteString(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      } else if (isArrayBuffer(value)) bytes += toByteString(new Uint8Array(value));
      else throw this.error(`These are no bytes: ${String(value)}`, "TypeError");
    }
    return bytes;
  }

  // Events: every object has them on Espruino.

  /** Of all objects but those that were forgotten. */
  get listenerCount(): number {
    return this.#listenerCount;
  }

  /** Nothing happens to this object any more. */
  forgetListeners(target: object): void {
    this.#removeAllListeners(target);
  }

  listeners(target: object, event: string): readonly Callback[] {
    return [...(this.#listeners.get(target)?.get(event) ?? [])];
  }

  /** As the bundle asks for it. Throws Espruino's errors where these are no event and no listener. */
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

  /** Calls the listeners now, each guarded. */
  dispatch(target: object, event: string, values: readonly unknown[]): void {
    for (const listener of this.listeners(target, event)) {
      this.enter(() => void listener.apply(target, [...values]));
    }
  }

  /** In what comes to the first listener memory runs out: the others hear of it, and then none does any more. */
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
  // V8's words for a name that nobody declared, in Espruino's.
  const message = given?.replace(/^(\w+) is not defined$/, '"$1" is not defined');
  return message === undefined ? String(error) : `${name ?? "Error"}: ${message}`;
}

/** The frames of the bundle's own files: `at handler (app.js:1:203)`. */
function framesOf(error: unknown): string[] {
  const stack = (error as { stack?: unknown } | null | undefined)?.stack;
  if (typeof stack !== "string") return [];
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^(at .*)?[\w.]+\.js:\d+/.test(line) && !line.includes("/"))
    .map((line) => (line.startsWith("at ") ? line : `at ${line}`));
}
