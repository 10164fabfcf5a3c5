/**
 * Virtual time for one simulated world: a timeline of calls that passes only when it is told to, as fast as the
 * computer can. A board, and whoever else may be frozen for itself, sees the timeline through a lane: while a lane is
 * frozen its calls wait, and the others' are made. All lanes share one uptime; each has a wall clock of its own.
 */
import type { Clock, ScheduledCall } from "./clock.ts";

/** 1 January 2026, where every virtual wall clock begins unless told otherwise. */
export const VIRTUAL_EPOCH_MS = Date.UTC(2026, 0, 1);
/** Calls that may be made without time passing: more is a loop that would never end. */
const CALLS_AT_ONE_MOMENT_MAX = 100_000;

/**
 * A lane that thaws while another froze in its midst is served at once, amid both, unless so many are frozen in each other's
 * midst: boards that restart and freeze again and again, always one of them frozen, would use up the stack.
 */
const FROZEN_WITHIN_MAX = 32;

/** So many looks of code at the time take 1 ms: some 50 µs each, as on an ESP32. */
const LOOKS_A_MS = 20;

interface Entry {
  readonly dueMs: number;
  readonly lane: VirtualLane;
  readonly call: () => void;
  isCancelled: boolean;
}

export class VirtualTimeline {
  #nowMs = 0;
  /** In the order of due times, and of scheduling where those are equal. */
  #entries: Entry[] = [];
  #isRunning = false;
  #frozenWithin = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  createLane(wallStartMs: number = VIRTUAL_EPOCH_MS): VirtualLane {
    return new VirtualLane(this, wallStartMs);
  }

  /** Lets time pass, and makes every call that falls due. Not to be called from within a call. */
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

  /** Time passes for all lanes but those that are frozen, in the midst of a call of a lane that just froze, until it thaws. */
  passWhileFrozen(durationMs: number, hasThawed: () => boolean): void {
    this.#frozenWithin++;
    try {
      this.#runUntil(this.#nowMs + durationMs, hasThawed);
    } finally {
      this.#frozenWithin--;
    }
  }

  /** A lane that has thawed may be served before the call that froze it has returned. */
  get servesThawed(): boolean {
    return this.#frozenWithin < FROZEN_WITHIN_MAX;
  }

  #runUntil(endMs: number, isOver: () => boolean = () => false): void {
    let calls = 0;
    for (let at = this.#nextIndex(endMs); at >= 0; at = this.#nextIndex(endMs)) {
      const entry = this.#entries[at] as Entry;
      this.#entries.splice(at, 1);
      // A call whose lane was frozen is made late.
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

  /** Of the first call that is due by `endMs` and may be made, or −1. */
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

/** The timeline as one board sees it. */
export class VirtualLane implements Clock {
  readonly #timeline: VirtualTimeline;
  readonly #jumpListeners = new Set<(byMs: number) => void>();
  #wallStartMs: number;
  /** What the hardware does is made in a lane of its own, that never freezes. */
  #hardware: VirtualLane | undefined;
  #freezing: { hasThawed: boolean } | undefined;
  #looks = 0;
  /** The longest that one turn of code looked at the time again and again, in ms. */
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
   * Ends what freezes the lane: its interpreter is over. Where another lane froze in its midst and is frozen still, the call
   * that froze this one cannot return before that one's; the lane is served meanwhile.
   */
  thaw(): void {
    if (this.#freezing) this.#freezing.hasThawed = true;
    if (this.#timeline.servesThawed) this.#freezing = undefined;
  }

  onJump(listener: (byMs: number) => void): ScheduledCall {
    this.#jumpListeners.add(listener);
    return { cancel: () => void this.#jumpListeners.delete(listener) };
  }

  /** A call of the timeline begins. */
  beginTurn(): void {
    this.#looks = 0;
  }

  looked(): void {
    this.#looks++;
    if (this.#looks % LOOKS_A_MS > 0 || this.#freezing) return;
    this.busyMsMax = Math.max(this.busyMsMax, this.#looks / LOOKS_A_MS);
    this.freeze(1);
  }

  /** The wall clock is set forward, or back by a negative number. What is scheduled keeps to uptime. */
  jumpWall(byMs: number): void {
    this.#wallStartMs += byMs;
    for (const listener of this.#jumpListeners) listener(byMs);
  }

  /**
   * What a blocking call of the interpreter does, called from within a call of this lane: none of its other calls is
   * made until so much time has passed for everyone else, or it thaws. They are made late, in their order. It returns no
   * sooner than the call of a lane that froze in its midst, which may be later than that.
   */
  freeze(durationMs: number): void {
    if (this.#freezing) throw new Error("This lane is frozen already.");
    const freezing = { hasThawed: false };
    this.#freezing = freezing;
    try {
      this.#timeline.passWhileFrozen(durationMs, () => freezing.hasThawed);
    } finally {
      // A lane that thawed may have frozen anew meanwhile.
      if (this.#freezing === freezing) this.#freezing = undefined;
    }
  }
}
