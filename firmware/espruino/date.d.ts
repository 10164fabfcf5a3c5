/**
 * Date and time. The board's clock starts at 1970 until something sets it. When the clock jumps forward, all timers
 * due in between fire at once; when it jumps back, all timers stand still for that long.
 */
interface Date {
  getDate(): number;
  getDay(): number;
  getFullYear(): number;
  getHours(): number;
  /** Espruino's own: whether daylight saving is in force. */
  getIsDST(): 0 | 1;
  getMilliseconds(): number;
  getMinutes(): number;
  getMonth(): number;
  getSeconds(): number;
  getTime(): number;
  getTimezoneOffset(): number;
  getUTCDate(): number;
  getUTCDay(): number;
  getUTCFullYear(): number;
  getUTCHours(): number;
  getUTCMilliseconds(): number;
  getUTCMinutes(): number;
  getUTCMonth(): number;
  getUTCSeconds(): number;
  setDate(day: number): number;
  setFullYear(year: number, month?: number, day?: number): number;
  setHours(hours: number, minutes?: number, seconds?: number, milliseconds?: number): number;
  setMilliseconds(milliseconds: number): number;
  setMinutes(minutes: number, seconds?: number, milliseconds?: number): number;
  setMonth(month: number, day?: number): number;
  setSeconds(seconds: number, milliseconds?: number): number;
  setTime(milliseconds: number): number;
  toISOString(): string;
  toJSON(): string;
  /** Espruino's own: the ISO form in local time, with the offset. */
  toLocalISOString(): string;
  toString(): string;
  toUTCString(): string;
  valueOf(): number;
}

interface DateConstructor {
  /** Texts: ISO 8601, `2024-01-02 03:04`, `Jan 2, 2024` and `Tue, 02 Jan 2024 03:04:05 GMT`. */
  new (value?: number | string | Date): Date;
  new (
    year: number,
    month: number,
    day?: number,
    hours?: number,
    minutes?: number,
    seconds?: number,
    milliseconds?: number,
  ): Date;
  /** Milliseconds since 1970. */
  now(): number;
  /** NaN for a text that it does not understand. */
  parse(text: string): number;
}

declare var Date: DateConstructor;
