/**
 * Members that Espruino lacks and the build fills in, each only when a program uses it. What stands here costs bytes
 * of the program; a member that the build cannot fill must be taken out of this file.
 */

interface ArrayConstructor {
  from<T>(source: Iterable<T> | ArrayLike<T>): T[];
  from<T, U>(source: Iterable<T> | ArrayLike<T>, change: (value: T, index: number) => U, thisArg?: any): U[];
  of<T>(...items: T[]): T[];
}

/** One depth less than the index. */
type Shallower = [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** The type of an element after arrays in it are flattened to a depth; any for a depth that the types do not know. */
type FlatElement<T, Depth extends number> = number extends Depth
  ? any
  : Depth extends 0
    ? T
    : T extends readonly (infer Inner)[]
      ? FlatElement<Inner, Shallower[Depth] extends number ? Shallower[Depth] : 9>
      : T;

interface Array<T> {
  at(index: number): T | undefined;
  copyWithin(target: number, start: number, end?: number): this;
  entries(): ArrayIterator<[number, T]>;
  keys(): ArrayIterator<number>;
  values(): ArrayIterator<T>;
  findLast(test: (value: T, index: number, array: T[]) => unknown, thisArg?: any): T | undefined;
  findLastIndex(test: (value: T, index: number, array: T[]) => unknown, thisArg?: any): number;
  flat<Depth extends number = 1>(depth?: Depth): FlatElement<T, Depth>[];
  flatMap<U>(change: (value: T, index: number, array: T[]) => U | readonly U[], thisArg?: any): U[];
  lastIndexOf(value: T, start?: number): number;
  reduceRight(combine: (total: T, value: T, index: number, array: T[]) => T): T;
  reduceRight<U>(combine: (total: U, value: T, index: number, array: T[]) => U, initial: U): U;
}

interface ReadonlyArray<T> {
  at(index: number): T | undefined;
  entries(): ArrayIterator<[number, T]>;
  keys(): ArrayIterator<number>;
  values(): ArrayIterator<T>;
  findLast(test: (value: T, index: number, array: readonly T[]) => unknown, thisArg?: any): T | undefined;
  findLastIndex(test: (value: T, index: number, array: readonly T[]) => unknown, thisArg?: any): number;
  flat<Depth extends number = 1>(depth?: Depth): FlatElement<T, Depth>[];
  flatMap<U>(change: (value: T, index: number, array: readonly T[]) => U | readonly U[], thisArg?: any): U[];
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
  acosh(x: number): number;
  asinh(x: number): number;
  atanh(x: number): number;
  cbrt(x: number): number;
  hypot(...values: number[]): number;
  log10(x: number): number;
  log2(x: number): number;
  trunc(x: number): number;
}

interface ObjectConstructor {
  /** Gives the object back as it is: nothing can be frozen on the board. */
  freeze<T>(target: T): Readonly<T>;
  groupBy<K extends PropertyKey, T>(
    items: Iterable<T>,
    keyOf: (item: T, index: number) => K,
  ): Partial<Record<K, T[]>>;
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
  groupBy<K, T>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, T[]>;
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
  readonly BYTES_PER_ELEMENT: number;
  at(index: number): number | undefined;
  copyWithin(target: number, start: number, end?: number): this;
  entries(): ArrayIterator<[number, number]>;
  findLast(test: (value: number, index: number, array: Self) => unknown, thisArg?: any): number | undefined;
  findLastIndex(test: (value: number, index: number, array: Self) => unknown, thisArg?: any): number;
  keys(): ArrayIterator<number>;
  lastIndexOf(value: number, start?: number): number;
  reduceRight(combine: (total: number, value: number, index: number, array: Self) => number): number;
  reduceRight<U>(combine: (total: U, value: number, index: number, array: Self) => U, initial: U): U;
  toReversed(): Self;
  toSorted(compare?: (a: number, b: number) => number): Self;
  values(): ArrayIterator<number>;
  with(index: number, value: number): Self;
}

interface ArrayBuffer {
  slice(start?: number, end?: number): ArrayBuffer;
}

interface NumericArrayConstructor<Self> {
  readonly BYTES_PER_ELEMENT: number;
  new (): Self;
  new (values: Iterable<number>): Self;
  from(source: Iterable<number> | ArrayLike<number>): Self;
  from<T>(
    source: Iterable<T> | ArrayLike<T>,
    change: (value: T, index: number) => number,
    thisArg?: any,
  ): Self;
  of(...values: number[]): Self;
}

interface ArrayBufferConstructor {
  isView(value: unknown): value is ArrayBufferView;
}

interface String {
  codePointAt(index: number): number | undefined;
  /** Compares by lower case and code, whatever the language. */
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

interface Date {
  setUTCDate(day: number): number;
  setUTCFullYear(year: number, month?: number, day?: number): number;
  setUTCHours(hours: number, minutes?: number, seconds?: number, milliseconds?: number): number;
  setUTCMilliseconds(milliseconds: number): number;
  setUTCMinutes(minutes: number, seconds?: number, milliseconds?: number): number;
  setUTCMonth(month: number, day?: number): number;
  setUTCSeconds(seconds: number, milliseconds?: number): number;
  toDateString(): string;
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
/** Encodes all characters but letters, digits and `@*_+-./` as `%` and hexadecimal digits [ECMA-262, B.2.1]. */
declare function escape(text: string): string;
declare function unescape(text: string): string;

/** A kind of error that the program makes itself; the interpreter never throws it. */
interface EvalError extends Error {
  message: string;
}
interface EvalErrorConstructor {
  new (message?: string, options?: ErrorOptions): EvalError;
  (message?: string): EvalError;
}
declare var EvalError: EvalErrorConstructor;

/** The error that `decodeURIComponent` throws, among others. */
interface URIError extends Error {
  message: string;
}
interface URIErrorConstructor {
  new (message?: string, options?: ErrorOptions): URIError;
  (message?: string): URIError;
}
declare var URIError: URIErrorConstructor;

/** Cannot be cleared: use `setTimeout` for that. */
declare function setImmediate(run: () => void): void;
declare function setImmediate<A, B = undefined>(
  run: (first: A, second: B) => void,
  first: A,
  second?: B,
): void;

interface TextEncoder {
  readonly encoding: string;
  encode(text?: string): Uint8Array;
}
interface TextEncoderConstructor {
  new (): TextEncoder;
}
declare var TextEncoder: TextEncoderConstructor;

interface TextDecoder {
  readonly encoding: string;
  decode(bytes?: ArrayBuffer | ArrayBufferView): string;
}
interface TextDecoderConstructor {
  new (): TextDecoder;
}
/** UTF-8 only. */
declare var TextDecoder: TextDecoderConstructor;

interface Reflect {
  apply(target: Function, thisArg: any, args: ArrayLike<any>): any;
  construct(target: Function, args: ArrayLike<any>): any;
  defineProperty(target: object, name: PropertyKey, descriptor: PropertyDescriptor): boolean;
  deleteProperty(target: object, name: PropertyKey): boolean;
  get(target: object, name: PropertyKey): any;
  getOwnPropertyDescriptor(target: object, name: PropertyKey): PropertyDescriptor | undefined;
  getPrototypeOf(target: object): any;
  has(target: object, name: PropertyKey): boolean;
  ownKeys(target: object): string[];
  set(target: object, name: PropertyKey, value: any): boolean;
  setPrototypeOf(target: object, proto: object | null): boolean;
}
declare var Reflect: Reflect;

interface Object {
  isPrototypeOf(other: any): boolean;
}
