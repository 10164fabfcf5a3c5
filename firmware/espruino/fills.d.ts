/**
 * Members that Espruino lacks and the build fills in, each only when a program uses it. What stands here costs bytes
 * of the program; a member that the build cannot fill must be taken out of this file.
 */

interface ArrayConstructor {
  from<T>(source: Iterable<T> | ArrayLike<T>): T[];
  from<T, U>(source: Iterable<T> | ArrayLike<T>, change: (value: T, index: number) => U): U[];
  of<T>(...items: T[]): T[];
}

interface Array<T> {
  at(index: number): T | undefined;
  entries(): ArrayIterator<[number, T]>;
  keys(): ArrayIterator<number>;
  values(): ArrayIterator<T>;
  findLast(test: (value: T, index: number, array: T[]) => unknown): T | undefined;
  findLastIndex(test: (value: T, index: number, array: T[]) => unknown): number;
  flat<U>(this: (U | readonly U[])[]): U[];
  flatMap<U>(change: (value: T, index: number, array: T[]) => U | readonly U[]): U[];
  lastIndexOf(value: T, start?: number): number;
  reduceRight(combine: (total: T, value: T, index: number, array: T[]) => T): T;
  reduceRight<U>(combine: (total: U, value: T, index: number, array: T[]) => U, initial: U): U;
}

interface ReadonlyArray<T> {
  at(index: number): T | undefined;
  entries(): ArrayIterator<[number, T]>;
  keys(): ArrayIterator<number>;
  values(): ArrayIterator<T>;
  findLast(test: (value: T, index: number, array: readonly T[]) => unknown): T | undefined;
  findLastIndex(test: (value: T, index: number, array: readonly T[]) => unknown): number;
  flat<U>(this: readonly (U | readonly U[])[]): U[];
  flatMap<U>(change: (value: T, index: number, array: readonly T[]) => U | readonly U[]): U[];
  lastIndexOf(value: T, start?: number): number;
}

interface String {
  at(index: number): string | undefined;
  trimEnd(): string;
  trimStart(): string;
}

interface NumberConstructor {
  readonly EPSILON: number;
  readonly MAX_SAFE_INTEGER: number;
  readonly MIN_SAFE_INTEGER: number;
  isFinite(value: unknown): boolean;
  isInteger(value: unknown): boolean;
  isNaN(value: unknown): boolean;
  isSafeInteger(value: unknown): boolean;
  parseFloat(text: string): number;
  parseInt(text: string, radix?: number): number;
}

interface Math {
  cbrt(x: number): number;
  hypot(...values: number[]): number;
  log10(x: number): number;
  log2(x: number): number;
  trunc(x: number): number;
}

interface ObjectConstructor {
  /** Gives the object back as it is: nothing can be frozen on the board. */
  freeze<T>(target: T): Readonly<T>;
  hasOwn(target: object, name: PropertyKey): boolean;
  is(a: any, b: any): boolean;
}

interface PromiseFulfilledResult<T> {
  status: "fulfilled";
  value: T;
}

interface PromiseRejectedResult {
  status: "rejected";
  reason: any;
}

type PromiseSettledResult<T> = PromiseFulfilledResult<T> | PromiseRejectedResult;

interface Promise<T> {
  finally(onSettled?: (() => void) | null): Promise<T>;
}

interface PromiseConstructor {
  allSettled<T extends readonly unknown[] | []>(
    values: T,
  ): Promise<{ -readonly [K in keyof T]: PromiseSettledResult<Awaited<T[K]>> }>;
  any<T extends readonly unknown[] | []>(values: T): Promise<Awaited<T[number]>>;
  race<T extends readonly unknown[] | []>(values: T): Promise<Awaited<T[number]>>;
}

interface Map<K, V> {
  readonly size: number;
  clear(): void;
  delete(key: K): boolean;
  entries(): ArrayIterator<[K, V]>;
  forEach(visit: (value: V, key: K, map: Map<K, V>) => void, thisArg?: any): void;
  get(key: K): V | undefined;
  has(key: K): boolean;
  keys(): ArrayIterator<K>;
  set(key: K, value: V): this;
  values(): ArrayIterator<V>;
  [Symbol.iterator](): ArrayIterator<[K, V]>;
}

interface ReadonlyMap<K, V> {
  readonly size: number;
  entries(): ArrayIterator<[K, V]>;
  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void, thisArg?: any): void;
  get(key: K): V | undefined;
  has(key: K): boolean;
  keys(): ArrayIterator<K>;
  values(): ArrayIterator<V>;
  [Symbol.iterator](): ArrayIterator<[K, V]>;
}

interface MapConstructor {
  new <K = any, V = any>(entries?: Iterable<readonly [K, V]> | null): Map<K, V>;
}

declare var Map: MapConstructor;

interface Set<T> {
  readonly size: number;
  add(value: T): this;
  clear(): void;
  delete(value: T): boolean;
  entries(): ArrayIterator<[T, T]>;
  forEach(visit: (value: T, key: T, set: Set<T>) => void, thisArg?: any): void;
  has(value: T): boolean;
  keys(): ArrayIterator<T>;
  values(): ArrayIterator<T>;
  [Symbol.iterator](): ArrayIterator<T>;
}

interface ReadonlySet<T> {
  readonly size: number;
  entries(): ArrayIterator<[T, T]>;
  forEach(visit: (value: T, key: T, set: ReadonlySet<T>) => void, thisArg?: any): void;
  has(value: T): boolean;
  keys(): ArrayIterator<T>;
  values(): ArrayIterator<T>;
  [Symbol.iterator](): ArrayIterator<T>;
}

interface SetConstructor {
  new <T = any>(values?: Iterable<T> | null): Set<T>;
}

declare var Set: SetConstructor;

interface WeakMap<K extends object, V> {
  delete(key: K): boolean;
  get(key: K): V | undefined;
  has(key: K): boolean;
  set(key: K, value: V): this;
}

interface WeakMapConstructor {
  new <K extends object = object, V = any>(entries?: Iterable<readonly [K, V]> | null): WeakMap<K, V>;
}

/** Holds its keys as long as it lives. */
declare var WeakMap: WeakMapConstructor;

interface WeakSet<T extends object> {
  add(value: T): this;
  delete(value: T): boolean;
  has(value: T): boolean;
}

interface WeakSetConstructor {
  new <T extends object = object>(values?: Iterable<T> | null): WeakSet<T>;
}

/** Holds its values as long as it lives. */
declare var WeakSet: WeakSetConstructor;

interface Array<T> {
  toReversed(): T[];
  toSorted(compare?: (a: T, b: T) => number): T[];
  toSpliced(start: number, deleteCount?: number, ...items: T[]): T[];
  with(index: number, value: T): T[];
}

interface ReadonlyArray<T> {
  reduceRight(combine: (total: T, value: T, index: number, array: readonly T[]) => T): T;
  reduceRight<U>(combine: (total: U, value: T, index: number, array: readonly T[]) => U, initial: U): U;
  toReversed(): T[];
  toSorted(compare?: (a: T, b: T) => number): T[];
  toSpliced(start: number, deleteCount?: number, ...items: T[]): T[];
  with(index: number, value: T): T[];
}

interface NumericArray<Self> {
  at(index: number): number | undefined;
  entries(): ArrayIterator<[number, number]>;
  findLast(test: (value: number, index: number, array: Self) => unknown): number | undefined;
  findLastIndex(test: (value: number, index: number, array: Self) => unknown): number;
  keys(): ArrayIterator<number>;
  lastIndexOf(value: number, start?: number): number;
  values(): ArrayIterator<number>;
}

interface NumericArrayConstructor<Self> {
  readonly BYTES_PER_ELEMENT: number;
  new (values: Iterable<number>): Self;
  from(source: Iterable<number> | ArrayLike<number>): Self;
  from<T>(source: Iterable<T> | ArrayLike<T>, change: (value: T, index: number) => number): Self;
  of(...values: number[]): Self;
}

interface ArrayBufferConstructor {
  isView(value: unknown): value is ArrayBufferView;
}

interface String {
  codePointAt(index: number): number | undefined;
  /** By lower case and code, whatever the language. */
  localeCompare(other: string): number;
  /** The text as it is: the interpreter has no tables of Unicode. */
  normalize(form?: "NFC" | "NFD" | "NFKC" | "NFKD"): string;
  toLocaleLowerCase(): string;
  toLocaleUpperCase(): string;
  matchAll(pattern: RegExp | string): ArrayIterator<RegExpExecArray>;
  search(pattern: RegExp | string): number;
  split(separator: string | RegExp, limit: number): string[];
}

interface StringConstructor {
  fromCodePoint(...codes: number[]): string;
  raw(template: { raw: readonly string[] }, ...values: any[]): string;
}

interface Number {
  toExponential(fractionDigits?: number): string;
  toPrecision(digits?: number): string;
}

interface Math {
  clz32(x: number): number;
  cosh(x: number): number;
  expm1(x: number): number;
  fround(x: number): number;
  imul(a: number, b: number): number;
  log1p(x: number): number;
  sinh(x: number): number;
  tanh(x: number): number;
}

interface ObjectConstructor {
  fromEntries<T = any>(entries: Iterable<readonly [PropertyKey, T]>): { [key: string]: T };
  isFrozen(target: any): boolean;
}

interface DateConstructor {
  UTC(
    year: number,
    month?: number,
    day?: number,
    hours?: number,
    minutes?: number,
    seconds?: number,
    milliseconds?: number,
  ): number;
}

interface JSON {
  parse(text: string, reviver: (this: any, key: string, value: any) => any): any;
  stringify(
    value: any,
    replacer: ((this: any, key: string, value: any) => any) | readonly (string | number)[],
    space?: number | string,
  ): string;
}

interface RegExpMatchArray {
  groups?: { [key: string]: string };
}

interface RegExpExecArray {
  groups?: { [key: string]: string };
}

interface ErrorOptions {
  cause?: unknown;
}

interface Error {
  cause?: unknown;
  name: string;
}

interface ErrorConstructor {
  readonly prototype: Error;
  new (message?: string, options?: ErrorOptions): Error;
}

interface RangeError extends Error {
  message: string;
}
interface RangeErrorConstructor {
  new (message?: string, options?: ErrorOptions): RangeError;
  (message?: string): RangeError;
}
declare var RangeError: RangeErrorConstructor;

interface AggregateError extends Error {
  errors: any[];
}
interface AggregateErrorConstructor {
  new (errors: Iterable<any>, message?: string): AggregateError;
}
declare var AggregateError: AggregateErrorConstructor;

interface TypeErrorConstructor {
  new (message?: string, options?: ErrorOptions): TypeError;
}

interface SyntaxErrorConstructor {
  new (message?: string, options?: ErrorOptions): SyntaxError;
}

interface ReferenceErrorConstructor {
  new (message?: string, options?: ErrorOptions): ReferenceError;
}

declare function queueMicrotask(run: () => void): void;
declare function structuredClone<T>(value: T): T;
declare function encodeURI(text: string): string;
declare function decodeURI(text: string): string;
