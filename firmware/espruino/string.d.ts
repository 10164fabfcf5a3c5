/**
 * Strings hold bytes: a character code is 0…255. An interpreter built with Unicode keeps texts that were written
 * with characters above 255 as UTF-8; joining one with a byte string encodes the bytes above 127 again, so the two
 * stay apart.
 */
interface String {
  readonly length: number;
  readonly [index: number]: string;
  charAt(index: number): string;
  /** `NaN` past the end. */
  charCodeAt(index: number): number;
  concat(...texts: (string | number | boolean)[]): string;
  endsWith(search: string, length?: number): boolean;
  includes(search: string, start?: number): boolean;
  indexOf(search: string, start?: number): number;
  lastIndexOf(search: string, start?: number): number;
  match(pattern: RegExp | string): RegExpMatchArray | null;
  padEnd(length: number, filler?: string): string;
  padStart(length: number, filler?: string): string;
  /** Espruino's own: letters of ISO-8859-1 with accents become the plain letters. */
  removeAccents(): string;
  repeat(count: number): string;
  replace(
    search: string | RegExp,
    replacement: string | ((match: string, ...groups: any[]) => string),
  ): string;
  replaceAll(
    search: string | RegExp,
    replacement: string | ((match: string, ...groups: any[]) => string),
  ): string;
  slice(start?: number, end?: number): string;
  /** Takes no limit, and leaves out what a pattern's groups matched. */
  split(separator?: string | RegExp): string[];
  startsWith(search: string, start?: number): boolean;
  substr(start: number, length?: number): string;
  substring(start: number, end?: number): string;
  toLowerCase(): string;
  toString(): string;
  toUpperCase(): string;
  trim(): string;
  valueOf(): string;
}

interface StringConstructor {
  new (value?: any): String;
  (value?: any): string;
  /** Takes codes 0…255; a greater one keeps its lowest byte on boards without Unicode. */
  fromCharCode(...codes: number[]): string;
}

declare var String: StringConstructor;
