/**
 * Types that the type checker needs for `for…of`, spread, destructuring, generators and `async`.
 * Espruino has no `Symbol` and no iterator objects; the build lowers the syntax, so none of these members need
 * exist on the board.
 */

interface SymbolConstructor {
  readonly iterator: unique symbol;
  readonly asyncIterator: unique symbol;
  /** The build refuses it, and `using`, with their place. */
  readonly dispose: unique symbol;
  readonly asyncDispose: unique symbol;
  (description?: string | number): symbol;
}

/** The build replaces a symbol by a text that occurs nowhere else. */
declare var Symbol: SymbolConstructor;

interface Symbol {
  valueOf(): symbol;
}

type BuiltinIteratorReturn = intrinsic;

interface IteratorYieldResult<Y> {
  done?: false;
  value: Y;
}

interface IteratorReturnResult<R> {
  done: true;
  value: R;
}

type IteratorResult<T, R = any> = IteratorYieldResult<T> | IteratorReturnResult<R>;

interface Iterator<T, R = any, N = any> {
  next(...args: [] | [N]): IteratorResult<T, R>;
  return?(value?: R): IteratorResult<T, R>;
  throw?(error?: any): IteratorResult<T, R>;
}

interface Iterable<T, R = any, N = any> {
  [Symbol.iterator](): Iterator<T, R, N>;
}

interface IterableIterator<T, R = any, N = any> extends Iterator<T, R, N> {
  [Symbol.iterator](): IterableIterator<T, R, N>;
}

interface IteratorObject<T, R = unknown, N = unknown> extends Iterator<T, R, N> {
  [Symbol.iterator](): IteratorObject<T, R, N>;
}

interface ArrayIterator<T> extends IteratorObject<T, BuiltinIteratorReturn, unknown> {
  [Symbol.iterator](): ArrayIterator<T>;
}

interface StringIterator<T> extends IteratorObject<T, BuiltinIteratorReturn, unknown> {
  [Symbol.iterator](): StringIterator<T>;
}

interface Generator<T = unknown, R = any, N = any> extends IteratorObject<T, R, N> {
  next(...args: [] | [N]): IteratorResult<T, R>;
  return(value: R): IteratorResult<T, R>;
  throw(error: any): IteratorResult<T, R>;
  [Symbol.iterator](): Generator<T, R, N>;
}

interface AsyncIterator<T, R = any, N = any> {
  next(...args: [] | [N]): Promise<IteratorResult<T, R>>;
  return?(value?: R | PromiseLike<R>): Promise<IteratorResult<T, R>>;
  throw?(error?: any): Promise<IteratorResult<T, R>>;
}

interface AsyncIterable<T, R = any, N = any> {
  [Symbol.asyncIterator](): AsyncIterator<T, R, N>;
}

interface AsyncIterableIterator<T, R = any, N = any> extends AsyncIterator<T, R, N> {
  [Symbol.asyncIterator](): AsyncIterableIterator<T, R, N>;
}

interface AsyncIteratorObject<T, R = unknown, N = unknown> extends AsyncIterator<T, R, N> {
  [Symbol.asyncIterator](): AsyncIteratorObject<T, R, N>;
}

interface AsyncGenerator<T = unknown, R = any, N = any> extends AsyncIteratorObject<T, R, N> {
  next(...args: [] | [N]): Promise<IteratorResult<T, R>>;
  return(value: R | PromiseLike<R>): Promise<IteratorResult<T, R>>;
  throw(error: any): Promise<IteratorResult<T, R>>;
  [Symbol.asyncIterator](): AsyncGenerator<T, R, N>;
}

interface Array<T> {
  [Symbol.iterator](): ArrayIterator<T>;
}

interface ReadonlyArray<T> {
  [Symbol.iterator](): ArrayIterator<T>;
}

interface String {
  [Symbol.iterator](): StringIterator<string>;
}

interface IArguments {
  [Symbol.iterator](): ArrayIterator<any>;
}

interface NumericArray<Self> {
  [Symbol.iterator](): ArrayIterator<number>;
}

/** The strings of a tagged template. */
interface TemplateStringsArray extends ReadonlyArray<string> {
  readonly raw: readonly string[];
}
