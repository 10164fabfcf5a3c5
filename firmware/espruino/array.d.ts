/** Arrays. Those of more than a few hundred elements cost a JsVar or more each: bytes belong in a typed array. */

interface ArrayLike<T> {
  readonly length: number;
  readonly [index: number]: T;
}

interface ReadonlyArray<T> {
  readonly length: number;
  readonly [index: number]: T;
  toString(): string;
  concat(...items: (T | readonly T[])[]): T[];
  every<S extends T>(
    test: (value: T, index: number, array: readonly T[]) => value is S,
    thisArg?: any,
  ): this is readonly S[];
  every(test: (value: T, index: number, array: readonly T[]) => unknown, thisArg?: any): boolean;
  filter<S extends T>(test: (value: T, index: number, array: readonly T[]) => value is S, thisArg?: any): S[];
  filter(test: (value: T, index: number, array: readonly T[]) => unknown, thisArg?: any): T[];
  find<S extends T>(
    test: (value: T, index: number, array: readonly T[]) => value is S,
    thisArg?: any,
  ): S | undefined;
  find(test: (value: T, index: number, array: readonly T[]) => unknown, thisArg?: any): T | undefined;
  findIndex(test: (value: T, index: number, array: readonly T[]) => unknown, thisArg?: any): number;
  forEach(visit: (value: T, index: number, array: readonly T[]) => void, thisArg?: any): void;
  includes(value: T, start?: number): boolean;
  indexOf(value: T, start?: number): number;
  join(separator?: string): string;
  map<U>(change: (value: T, index: number, array: readonly T[]) => U, thisArg?: any): U[];
  reduce(combine: (total: T, value: T, index: number, array: readonly T[]) => T): T;
  reduce(combine: (total: T, value: T, index: number, array: readonly T[]) => T, initial: T): T;
  reduce<U>(combine: (total: U, value: T, index: number, array: readonly T[]) => U, initial: U): U;
  slice(start?: number, end?: number): T[];
  some(test: (value: T, index: number, array: readonly T[]) => unknown, thisArg?: any): boolean;
}

interface Array<T> {
  /** May be assigned: the build turns `list.length = 0` into a call that removes the elements. */
  length: number;
  [index: number]: T;
  toString(): string;
  concat(...items: (T | readonly T[])[]): T[];
  every<S extends T>(test: (value: T, index: number, array: T[]) => value is S, thisArg?: any): this is S[];
  every(test: (value: T, index: number, array: T[]) => unknown, thisArg?: any): boolean;
  fill(value: T, start?: number, end?: number): this;
  filter<S extends T>(test: (value: T, index: number, array: T[]) => value is S, thisArg?: any): S[];
  filter(test: (value: T, index: number, array: T[]) => unknown, thisArg?: any): T[];
  find<S extends T>(test: (value: T, index: number, array: T[]) => value is S, thisArg?: any): S | undefined;
  find(test: (value: T, index: number, array: T[]) => unknown, thisArg?: any): T | undefined;
  findIndex(test: (value: T, index: number, array: T[]) => unknown, thisArg?: any): number;
  forEach(visit: (value: T, index: number, array: T[]) => void, thisArg?: any): void;
  includes(value: T, start?: number): boolean;
  indexOf(value: T, start?: number): number;
  join(separator?: string): string;
  map<U>(change: (value: T, index: number, array: T[]) => U, thisArg?: any): U[];
  pop(): T | undefined;
  push(...items: T[]): number;
  reduce(combine: (total: T, value: T, index: number, array: T[]) => T): T;
  reduce(combine: (total: T, value: T, index: number, array: T[]) => T, initial: T): T;
  reduce<U>(combine: (total: U, value: T, index: number, array: T[]) => U, initial: U): U;
  reverse(): T[];
  shift(): T | undefined;
  slice(start?: number, end?: number): T[];
  some(test: (value: T, index: number, array: T[]) => unknown, thisArg?: any): boolean;
  sort(compare?: (a: T, b: T) => number): this;
  splice(start: number, deleteCount?: number): T[];
  splice(start: number, deleteCount: number, ...items: T[]): T[];
  unshift(...items: T[]): number;
}

interface ArrayConstructor {
  new <T = any>(length?: number): T[];
  new <T>(...items: T[]): T[];
  <T = any>(length?: number): T[];
  <T>(...items: T[]): T[];
  isArray(value: any): value is any[];
}

declare var Array: ArrayConstructor;
