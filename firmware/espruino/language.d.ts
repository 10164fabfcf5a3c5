/**
 * The language's own objects, as Espruino has them: functions, objects, errors, regular expressions and the
 * global functions. A member that is not here does not exist on the board.
 *
 * Members that differ from the standard say how. What the build supplies is in `fills.d.ts`, what only the
 * type checker needs in `iteration.d.ts`.
 */

declare var NaN: number;
declare var Infinity: number;

/** Runs code in the current scope. The build cannot lower or check what the text holds. */
declare function eval(code: string): any;

/** Without a radix `0x` is understood, `0b` and `0o` are not: they give 0. */
declare function parseInt(text: string, radix?: number): number;
declare function parseFloat(text: string): number;
declare function isNaN(value: unknown): boolean;
declare function isFinite(value: unknown): boolean;

/** Wrong above 127: the escapes of such characters are broken, without an error. */
declare function encodeURIComponent(text: string | number | boolean): string;
/** Throws on escapes above `%7F`. */
declare function decodeURIComponent(text: string): string;

/** Base64 of a byte string. */
declare function btoa(bytes: string | ArrayBuffer | ArrayBufferView): string;
/** The byte string that a base64 text holds. */
declare function atob(base64: string): string;

type PropertyKey = string | number | symbol;

interface PropertyDescriptor {
  configurable?: boolean;
  enumerable?: boolean;
  value?: any;
  writable?: boolean;
  get?(): any;
  set?(value: any): void;
}

interface PropertyDescriptorMap {
  [key: PropertyKey]: PropertyDescriptor;
}

interface TypedPropertyDescriptor<T> {
  configurable?: boolean;
  enumerable?: boolean;
  value?: T;
  writable?: boolean;
  get?: () => T;
  set?: (value: T) => void;
}

interface Object {
  constructor: Function;
  toString(): string;
  valueOf(): Object;
  hasOwnProperty(name: PropertyKey): boolean;
  /** Espruino's own: a copy whose members are the same objects. */
  clone(): any;
}

interface ObjectConstructor {
  new (value?: any): Object;
  (value?: any): any;
  readonly prototype: Object;
  assign<T extends {}, U>(target: T, source: U): T & U;
  assign<T extends {}, U, V>(target: T, first: U, second: V): T & U & V;
  assign(target: object, ...sources: any[]): any;
  /** An object made from `null` still has the methods that every object has, such as `toString`. */
  create(proto: object | null, descriptors?: PropertyDescriptorMap): any;
  /** `enumerable: false` is ignored: the property shows in `Object.keys` and in `for…in`. */
  defineProperty<T>(target: T, name: PropertyKey, descriptor: PropertyDescriptor): T;
  /** `enumerable: false` is ignored, as in `defineProperty`. */
  defineProperties<T>(target: T, descriptors: PropertyDescriptorMap): T;
  entries<T>(target: { [key: string]: T } | ArrayLike<T>): [string, T][];
  entries(target: {}): [string, any][];
  /** Takes an array only, and drops keys that are not strings. */
  fromEntries<T = any>(entries: readonly (readonly [string, T])[]): { [key: string]: T };
  getOwnPropertyDescriptor(target: any, name: PropertyKey): PropertyDescriptor | undefined;
  getOwnPropertyDescriptors(target: any): PropertyDescriptorMap;
  /** For a built-in object this names its native members too, which `Object.keys` does not. */
  getOwnPropertyNames(target: any): string[];
  getPrototypeOf(target: any): any;
  keys(target: {}): string[];
  setPrototypeOf(target: any, proto: object | null): any;
  values<T>(target: { [key: string]: T } | ArrayLike<T>): T[];
  values(target: {}): any[];
}

declare var Object: ObjectConstructor;

interface Function {
  /** The number of declared parameters. There is no `name`. */
  readonly length: number;
  prototype: any;
  apply(this: Function, thisArg: any, args?: ArrayLike<any>): any;
  /** A bound function cannot be called with `new`. */
  bind(this: Function, thisArg: any, ...args: any[]): any;
  call(this: Function, thisArg: any, ...args: any[]): any;
  /** Puts another function's code in this one's place, for all who hold a reference to it. */
  replaceWith(replacement: Function): void;
  toString(): string;
}

interface CallableFunction extends Function {
  apply<T, R>(this: (this: T) => R, thisArg: T): R;
  apply<T, A extends any[], R>(this: (this: T, ...args: A) => R, thisArg: T, args: A): R;
  bind<T>(this: T, thisArg: ThisParameterType<T>): OmitThisParameter<T>;
  bind<T, A extends any[], B extends any[], R>(
    this: (this: T, ...args: [...A, ...B]) => R,
    thisArg: T,
    ...args: A
  ): (...args: B) => R;
  call<T, A extends any[], R>(this: (this: T, ...args: A) => R, thisArg: T, ...args: A): R;
}

interface NewableFunction extends Function {
  apply<T, A extends any[]>(this: new (...args: A) => T, thisArg: T, args: A): void;
  bind<T>(this: T, thisArg: any): T;
  call<T, A extends any[]>(this: new (...args: A) => T, thisArg: T, ...args: A): void;
}

interface FunctionConstructor {
  /** Compiles source text at run time. The build cannot lower or check what the text holds. */
  new (...parametersAndBody: string[]): Function;
  (...parametersAndBody: string[]): Function;
  readonly prototype: Function;
}

declare var Function: FunctionConstructor;

/** The arguments of the running function. Writing to it does not change the parameters. */
interface IArguments {
  [index: number]: any;
  /** At least the number of declared parameters: missing ones are counted. */
  readonly length: number;
}

interface Boolean {
  valueOf(): boolean;
}

type BooleanConstructor = <T>(value?: T) => boolean;

declare var Boolean: BooleanConstructor;

/** There is no `name`: distinguish kinds by `type` or by `instanceof` with the exact class. */
interface Error {
  message: string;
  /** The class that made the error, such as `"TypeError"`. */
  readonly type: string;
  /** One line for each frame, each followed by the source line and a mark under the column. */
  stack?: string;
}

interface ErrorConstructor {
  new (message?: string): Error;
  (message?: string): Error;
}

/** The kinds of errors do not inherit from each other: a `TypeError` is not an `instanceof Error`. */
declare var Error: ErrorConstructor;

interface SyntaxError extends Error {
  message: string;
}
interface SyntaxErrorConstructor {
  new (message?: string): SyntaxError;
  (message?: string): SyntaxError;
}
declare var SyntaxError: SyntaxErrorConstructor;

interface TypeError extends Error {
  message: string;
}
interface TypeErrorConstructor {
  new (message?: string): TypeError;
  (message?: string): TypeError;
}
declare var TypeError: TypeErrorConstructor;

interface ReferenceError extends Error {
  message: string;
}
interface ReferenceErrorConstructor {
  new (message?: string): ReferenceError;
  (message?: string): ReferenceError;
}
declare var ReferenceError: ReferenceErrorConstructor;

/** Espruino's own kind, for errors of the interpreter. */
interface InternalError extends Error {
  message: string;
}
interface InternalErrorConstructor {
  new (message?: string): InternalError;
  (message?: string): InternalError;
}
declare var InternalError: InternalErrorConstructor;

interface RegExpMatchArray extends Array<string> {
  index?: number;
  input?: string;
  0: string;
}

interface RegExpExecArray extends Array<string> {
  index: number;
  input: string;
  0: string;
}

/**
 * Wrong or refused: `{n,m}`, `\b`, alternatives in a group (`(a|x)`), `(?:…)`, look-around, back-references, lazy
 * quantifiers, and the flags `m` and `u`. Of the flags only `g` and `i` work. Made into text it is `[object Object]`.
 */
interface RegExp {
  exec(text: string): RegExpExecArray | null;
  test(text: string): boolean;
  readonly source: string;
  readonly flags: string;
  lastIndex: number;
}

interface RegExpConstructor {
  new (pattern: string, flags?: string): RegExp;
  (pattern: string, flags?: string): RegExp;
}

/** Does not copy a pattern: it takes text only. */
declare var RegExp: RegExpConstructor;

interface JSON {
  /**
   * Accepts more than JSON: text after the value, a comma before a bracket, single quotes. Takes no reviver.
   * Throws a `SyntaxError` on the rest.
   */
  parse(text: string): any;
  /**
   * Takes no replacer (give `null`). Numbers come out with at most 12 digits, exponents as `10e+20`, and indented
   * text has spaces of its own. The result may be longer than the standard's.
   */
  stringify(value: any, replacer?: null, space?: number | string): string;
}

declare var JSON: JSON;

/** The object behind `with` in an import, such as `{ type: "json" }`. */
interface ImportAttributes {
  [key: string]: string;
}

/** The build refuses `import.meta` with its place: a board has no files that it could tell of. */
interface ImportMeta {}

/*
 * TypeScript asks for these types where a program has decorators or `using`. The build refuses both with their place, so
 * the types need no members.
 */
interface ClassDecoratorContext<Class> {}
interface ClassMethodDecoratorContext<This, Value> {}
interface ClassGetterDecoratorContext<This, Value> {}
interface ClassSetterDecoratorContext<This, Value> {}
interface ClassFieldDecoratorContext<This, Value> {}
interface ClassAccessorDecoratorContext<This, Value> {}
interface ClassAccessorDecoratorTarget<This, Value> {}
interface ClassAccessorDecoratorResult<This, Value> {}
interface Disposable {}
interface AsyncDisposable {}
