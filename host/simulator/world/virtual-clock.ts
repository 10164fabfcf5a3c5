/**
 * Virtual time of one simulated world: a timeline of calls on which time passes only on demand, as fast as the computer can.
 * Each board, and everything else that can be frozen separately, uses the timeline through a lane. While a lane is frozen its
 * calls wait, and those of other lanes continue. All lanes share one uptime, and each has its own wall clock.
 */
import type { Clock, ScheduledCall } from "./clock.ts";

/** 1 January 2026, the default start of virtual wall clocks. */
export const VIRTUAL_EPOCH_MS = Date.UTC(2026, 0, 1);
/** The maximum number of calls without time passing. More are an endless loop. */
const CALLS_AT_ONE_MOMENT_MAX = 100_000;

/**
 * Limit of nested frozen lanes. If a lane thaws while another lane froze during its call, its calls are made immediately, on top
 * of both on the stack. Boards that restart and freeze repeatedly, with always one of them frozen, would overflow the stack.
 */
const FROZEN_WITHIN_MAX = 32;

/** The number of reads of the time that take 1 ms: about 50 µs each, as on an ESP32. */
const LOOKS_A_MS = 20;

interface Entry {
  readonly dueMs: number;
  readonly lane: VirtualLane;
  readonly call: () => void;
  isCancelled: boolean;
}

export class VirtualTimeline {
  #nowMs = 0;
  /** Sorted by due time, and by scheduling order if those are equal. */
  #entries: Entry[] = [];
  #isRunning = false;
  #frozenWithin = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  createLane(wallStartMs: number = VIRTUAL_EPOCH_MS): VirtualLane {
    return new VirtualLane(this, wallStartMs);
  }

  /** Lets time pass, and makes every call that is due. Must not be called from within a call. */
  advance(durationMs: number): void {
    if (this.#isRunning)
      throw new Error("The timeline is running: only a lane may freeze from within a call.");
    this.#isRunning = true;
    try {
      this.#runUntil(this.#nowMs + durationMs);
    } finally {
      this.#isRunning = false;
    }
  }

  schedule(lane: VirtualLane, delayMs: number, call: () => void): ScheduledCall {
    const dueMs = this.#nowMs + (delayMs > 0 ? delayMs : 0);
    const entry: Entry = { dueMs, lane, call, isCancelled: false };
    this.#insert(entry);
    return {
      cancel: () => {
        entry.isCancelled = true;
      },
    };
  }

  /** Lets time pass for all lanes that are not frozen, during a call of a lane that has just frozen, until that lane thaws. */
  passWhileFrozen(durationMs: number, hasThawed: () => boolean): void {
    this.#frozenWithin++;
    try {
      this.#runUntil(this.#nowMs + durationMs, hasThawed);
    } finally {
      this.#frozenWithin--;
    }
  }

  /** Whether the calls of a thawed lane may be made before the call that froze it has returned. */
  get servesThawed(): boolean {
    return this.#frozenWithin < FROZEN_WITHIN_MAX;
  }

  #runUntil(endMs: number, isOver: () => boolean = () => false): void {
    let calls = 0;
    for (let at = this.#nextIndex(endMs); at >= 0; at = this.#nextIndex(endMs)) {
      const entry = this.#entries[at] as Entry;
      this.#entries.splice(at, 1);
      // The call is late if its lane was frozen.
      if (entry.dueMs > this.#nowMs) {
        this.#nowMs = entry.dueMs;
        calls = 0;
      } else if (++calls > CALLS_AT_ONE_MOMENT_MAX) {
        throw new Error(`More than ${CALLS_AT_ONE_MOMENT_MAX} calls at ${this.#nowMs} ms of virtual time.`);
      }
      entry.lane.beginTurn();
      entry.call();
      if (isOver()) return;
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  /** Index of the first call that is due by `endMs` and whose lane is not frozen, or −1. */
  #nextIndex(endMs: number): number {
    const entries = this.#entries;
    let at = 0;
    while (at < entries.length) {
      const entry = entries[at] as Entry;
      if (entry.isCancelled) {
        entries.splice(at, 1);
        continue;
      }
      if (entry.dueMs > endMs) return -1;
      if (!entry.lane.isFrozen) return at;
      at++;
    }
    return -1;
  }

  #insert(entry: Entry): void {
    let at = this.#entries.length;
    while (at > 0 && (this.#entries[at - 1] as Entry).dueMs > entry.dueMs) at--;
    this.#entries.splice(at, 0, entry);
  }
}

/** One board's view of the timeline. */
export class VirtualLane implements Clock {
  readonly #timeline: VirtualTimeline;
  readonly #jumpListeners = new Set<(byMs: number) => void>();
  #wallStartMs: number;
  /** Calls of hardware are made in a separate lane, which never freezes. */
  #hardware: VirtualLane | undefined;
  #freezing: { hasThawed: boolean } | undefined;
  #looks = 0;
  /** The longest busy-waiting of one turn of code, in ms. */
  busyMsMax = 0;

  constructor(timeline: VirtualTimeline, wallStartMs: number) {
    this.#timeline = timeline;
    this.#wallStartMs = wallStartMs;
  }

  get isFrozen(): boolean {
    return this.#freezing !== undefined;
  }

  wallMs(): number {
    return this.#wallStartMs + this.#timeline.nowMs();
  }

  uptimeMs(): number {
    return this.#timeline.nowMs();
  }

  schedule(delayMs: number, call: () => void): ScheduledCall {
    return this.#timeline.schedule(this, delayMs, call);
  }

  scheduleReset(delayMs: number, call: () => void): ScheduledCall {
    this.#hardware ??= this.#timeline.createLane();
    return this.#hardware.schedule(delayMs, () => {
      call();
      this.thaw();
    });
  }

  /**
   * Thaws the lane, because its interpreter has ended. If another lane froze during its call and is still frozen, the call that
   * froze this lane cannot return before the other one. Calls of this lane are made meanwhile.
   */
  thaw(): void {
    if (this.#freezing) this.#freezing.hasThawed = true;
    if (this.#timeline.servesThawed) this.#freezing = undefined;
  }

  onJump(listener: (byMs: number) => void): ScheduledCall {
    this.#jumpListeners.add(listener);
    return { cancel: () => void this.#jumpListeners.delete(listener) };
  }

  /** Called at the beginning of a call of the timeline. */
  beginTurn(): void {
    this.#looks = 0;
  }

  looked(): void {
    this.#looks++;
    if (this.#looks % LOOKS_A_MS > 0 || this.#freezing) return;
    this.busyMsMax = Math.max(this.busyMsMax, this.#looks / LOOKS_A_MS);
    this.freeze(1);
  }

  /** Sets the wall clock forward, or back by a negative number. Scheduled calls use uptime. */
  jumpWall(byMs: number): void {
    this.#wallStartMs += byMs;
    for (const listener of this.#jumpListeners) listener(byMs);
  }

  /**
   * Freezes the lane during a blocking call of the interpreter, from within a call of this lane. Its other calls wait until this
   * time has passed for all other lanes, or until it thaws, and are then made late in their order. It returns after the call of
   * any lane that froze meanwhile, which may be later than this time.
   */
  freeze(durationMs: number): void {
    if (this.#freezing) throw new Error("This lane is frozen already.");
    const freezing = { hasThawed: false };
    this.#freezing = freezing;
    try {
      this.#timeline.passWhileFrozen(durationMs, () => freezing.hasThawed);
    } finally {
      // A thawed lane may have frozen again meanwhile.
      if (this.#freezing === freezing) this.#freezing = undefined;
    }
  }
}
