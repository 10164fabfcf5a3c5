/**
 * setTimeout, setInterval and related functions. As on the board, timers that are due at the same time run in the order of
 * their creation, an interval does not drift, and a listener may be a string of code. Timers use the wall clock: after a jump
 * forward all missed calls of an interval run at once, and a jump back stops all timers for that time.
 */

import type { Callback, Interpreter } from "../interpreter/interpreter.ts";
import type { Clock, ScheduledCall } from "../world/clock.ts";

interface Timer {
  readonly call: () => void;
  dueMs: number;
  intervalMs: number | undefined;
}

/** The shortest interval, so that an interval of 0 ms leaves time for other code. */
const INTERVAL_MS_MIN = 1;
/** The limit is 1,000 years, although the error message says 100. */
const INTERVAL_MS_MAX = 31_536_000_001_000;

export class Timers {
  readonly #timers = new Map<number, Timer>();
  readonly #interpreter: Interpreter;
  readonly #clock: Clock;
  #nextId = 1;
  #wake: ScheduledCall | undefined;
  #running = false;

  constructor(interpreter: Interpreter, clock: Clock) {
    this.#interpreter = interpreter;
    this.#clock = clock;
    clock.onJump?.((byMs) => this.#shift(byMs));
  }

  get count(): number {
    return this.#timers.size;
  }

  globals(): Record<string, Callback> {
    return {
      setTimeout: (code, delayMs, ...values) => this.#add(code, delayMs, values, false),
      setInterval: (code, delayMs, ...values) => this.#add(code, delayMs, values, true),
      clearTimeout: (...ids) => this.#clear("clearTimeout", ids),
      clearInterval: (...ids) => this.#clear("clearInterval", ids),
      changeInterval: (id, intervalMs) => this.#change(Number(id), Number(intervalMs)),
    };
  }

  clearAll(): void {
    this.#timers.clear();
    this.#wake?.cancel();
  }

  #add(code: unknown, delayMs: unknown, values: unknown[], repeat: boolean): number {
    const call = this.#callOf(code, values);
    const delay = Math.max(Number(delayMs) || 0, repeat ? INTERVAL_MS_MIN : 0);
    if (delay > INTERVAL_MS_MAX) throw this.#interpreter.error("Interval is too long (>100 years)");
    const timer = {
      call,
      dueMs: this.#clock.uptimeMs() + delay,
      intervalMs: repeat ? delay : undefined,
    };
    const id = this.#nextId++;
    this.#timers.set(id, timer);
    this.#schedule();
    return id;
  }

  #callOf(code: unknown, values: unknown[]): () => void {
    if (typeof code === "function") return () => void code.apply(this.#interpreter.global, values);
    if (typeof code === "string") return () => this.#interpreter.run(code, "timer.js");
    throw this.#interpreter.error("Function or String not supplied!");
  }

  #clear(name: string, ids: unknown[]): void {
    if (ids.length === 0) this.#timers.clear();
    else if (ids[0] === undefined) {
      throw this.#interpreter.error(`${name}(undefined) not allowed. Use ${name}() instead`);
    } else this.#timers.delete(ids[0] as number);
  }

  #change(id: number, intervalMs: number): void {
    const timer = this.#timers.get(id);
    if (!timer) throw this.#interpreter.error("Unknown Interval");
    timer.intervalMs = Math.max(intervalMs || 0, INTERVAL_MS_MIN);
    timer.dueMs = this.#clock.uptimeMs() + timer.intervalMs;
    this.#schedule();
  }

  #shift(byMs: number): void {
    for (const timer of this.#timers.values()) timer.dueMs -= byMs;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#running) return;
    this.#wake?.cancel();
    this.#wake = undefined;
    let dueMs = Number.POSITIVE_INFINITY;
    for (const timer of this.#timers.values()) dueMs = Math.min(dueMs, timer.dueMs);
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.max(dueMs - this.#clock.uptimeMs(), 0);
    this.#wake = this.#clock.schedule(delayMs, () => this.#runDue());
  }

  /** The event is lost, and with it the interval. A time-out ends anyway. */
  #lose(id: number): void {
    const isInterval = this.#timers.delete(id);
    this.#interpreter.loseEvent(isInterval ? "Ctrl-C while processing interval" : undefined);
  }

  #runDue(): void {
    const nowMs = this.#clock.uptimeMs();
    this.#running = true;
    this.#interpreter.pass(() => {
      for (const [id, timer] of [...this.#timers]) {
        if (timer.dueMs > nowMs || this.#timers.get(id) !== timer) continue;
        if (timer.intervalMs === undefined) this.#timers.delete(id);
        else timer.dueMs += timer.intervalMs;
        if (this.#interpreter.hasMemory({ kind: "timer" })) this.#interpreter.enter(timer.call);
        else this.#lose(id);
      }
    });
    this.#running = false;
    this.#schedule();
  }
}
