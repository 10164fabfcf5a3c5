export const Day = {
  Sunday: 0,
  Monday: 1,
  Tuesday: 2,
  Wednesday: 3,
  Thursday: 4,
  Friday: 5,
  Saturday: 6,
} as const;

export type Day = (typeof Day)[keyof typeof Day];

export interface Slot {
  readonly days: readonly Day[];
  readonly hour: number;
  readonly minute?: number;
  readonly minutes: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

const pad = (value: number): string => String(value).padStart(2, "0");

export const formatTime = ({ hour, minute = 0 }: Pick<Slot, "hour" | "minute">): string =>
  `${pad(hour)}:${pad(minute)}`;

export function dayName(day: Day): string {
  const found = Object.entries(Day).find(([, value]) => value === day);
  return found?.[0] ?? "?";
}

/** All starts of a slot from a time on, in order and without an end. */
export function* startsOf({ days, hour, minute = 0 }: Slot, from: Date): Generator<Date, void, undefined> {
  const midnight = Math.floor(from.getTime() / DAY_MS) * DAY_MS;
  for (let day = 0; ; day++) {
    const start = new Date(midnight + day * DAY_MS + (hour * 60 + minute) * 60_000);
    if (start < from) continue;
    if (days.includes(start.getUTCDay() as Day)) yield start;
  }
}

export function* take<T>(count: number, source: Iterable<T>): Generator<T, void, undefined> {
  if (count <= 0) return;
  let taken = 0;
  for (const item of source) {
    yield item;
    if (++taken >= count) return;
  }
}

export class Schedule {
  readonly #slots = new Map<string, Slot[]>();
  static readonly minutesMax = 120;

  add(zone: string, ...slots: Slot[]): this {
    for (const slot of slots) {
      if (slot.minutes > Schedule.minutesMax)
        throw new RangeError(`${zone}: ${slot.minutes} minutes is too long`);
    }
    this.#slots.set(zone, [...(this.#slots.get(zone) ?? []), ...slots]);
    return this;
  }

  get zones(): string[] {
    return [...this.#slots.keys()];
  }

  get minutesPerWeek(): Record<string, number> {
    const totals: Record<string, number> = {};
    for (const [zone, slots] of this.#slots) {
      totals[zone] = slots.reduce((sum, { days, minutes }) => sum + days.length * minutes, 0);
    }
    return totals;
  }

  /** The next starts of all zones, the earliest first. */
  upcoming(from: Date, count = 3): { zone: string; at: string; minutes: number }[] {
    const all: { zone: string; time: number; minutes: number }[] = [];
    for (const [zone, slots] of this.#slots.entries()) {
      for (const slot of slots) {
        for (const start of take(count, startsOf(slot, from))) {
          all.push({ zone, time: start.getTime(), minutes: slot.minutes });
        }
      }
    }
    return all
      .sort((a, b) => a.time - b.time || (a.zone < b.zone ? -1 : 1))
      .slice(0, count)
      .map(({ time, ...rest }) => ({ ...rest, at: new Date(time).toISOString() }));
  }
}
