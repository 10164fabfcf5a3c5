/** Arrays of numbers of a fixed size. A `Uint8Array` costs about a byte an element. */

interface ArrayBuffer {
  readonly byteLength: number;
}

interface ArrayBufferConstructor {
  new (byteLength: number): ArrayBuffer;
}

declare var ArrayBuffer: ArrayBufferConstructor;

interface ArrayBufferView {
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
  readonly byteOffset: number;
}

/** What all typed arrays have. `Self` is the class of the array. */
interface NumericArray<Self> extends ArrayBufferView {
  readonly length: number;
  [index: number]: number;
  every(test: (value: number, index: number, array: Self) => unknown, thisArg?: any): boolean;
  fill(value: number, start?: number, end?: number): this;
  filter(test: (value: number, index: number, array: Self) => unknown, thisArg?: any): Self;
  find(test: (value: number, index: number, array: Self) => unknown, thisArg?: any): number | undefined;
  findIndex(test: (value: number, index: number, array: Self) => unknown, thisArg?: any): number;
  forEach(visit: (value: number, index: number, array: Self) => void, thisArg?: any): void;
  includes(value: number, start?: number): boolean;
  indexOf(value: number, start?: number): number;
  join(separator?: string): string;
  map(change: (value: number, index: number, array: Self) => number, thisArg?: any): Self;
  reduce(
    combine: (total: number, value: number, index: number, array: Self) => number,
    initial?: number,
  ): number;
  reduce<U>(combine: (total: U, value: number, index: number, array: Self) => U, initial: U): U;
  reverse(): Self;
  /** Copies from an array or a byte string. */
  set(source: ArrayLike<number> | ArrayBuffer, offset?: number): void;
  /** Copies; `subarray` gives a view of the same bytes. */
  slice(start?: number, end?: number): Self;
  some(test: (value: number, index: number, array: Self) => unknown, thisArg?: any): boolean;
  sort(compare?: (a: number, b: number) => number): this;
  subarray(begin?: number, end?: number): Self;
}

interface NumericArrayConstructor<Self> {
  new (length: number): Self;
  new (values: ArrayLike<number>): Self;
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): Self;
}

interface Uint8Array extends NumericArray<Uint8Array> {
  [index: number]: number;
}
declare var Uint8Array: NumericArrayConstructor<Uint8Array>;

interface Uint8ClampedArray extends NumericArray<Uint8ClampedArray> {
  [index: number]: number;
}
declare var Uint8ClampedArray: NumericArrayConstructor<Uint8ClampedArray>;

interface Int8Array extends NumericArray<Int8Array> {
  [index: number]: number;
}
declare var Int8Array: NumericArrayConstructor<Int8Array>;

interface Uint16Array extends NumericArray<Uint16Array> {
  [index: number]: number;
}
declare var Uint16Array: NumericArrayConstructor<Uint16Array>;

interface Int16Array extends NumericArray<Int16Array> {
  [index: number]: number;
}
declare var Int16Array: NumericArrayConstructor<Int16Array>;

/** Espruino's own: three bytes an element. */
interface Uint24Array extends NumericArray<Uint24Array> {
  [index: number]: number;
}
declare var Uint24Array: NumericArrayConstructor<Uint24Array>;

interface Uint32Array extends NumericArray<Uint32Array> {
  [index: number]: number;
}
declare var Uint32Array: NumericArrayConstructor<Uint32Array>;

interface Int32Array extends NumericArray<Int32Array> {
  [index: number]: number;
}
declare var Int32Array: NumericArrayConstructor<Int32Array>;

interface Float32Array extends NumericArray<Float32Array> {
  [index: number]: number;
}
declare var Float32Array: NumericArrayConstructor<Float32Array>;

interface Float64Array extends NumericArray<Float64Array> {
  [index: number]: number;
}
declare var Float64Array: NumericArrayConstructor<Float64Array>;

/** Does not check its bounds: a read or write past the end does not throw. */
interface DataView extends ArrayBufferView {
  getFloat32(byteOffset: number, littleEndian?: boolean): number;
  getFloat64(byteOffset: number, littleEndian?: boolean): number;
  getInt16(byteOffset: number, littleEndian?: boolean): number;
  getInt32(byteOffset: number, littleEndian?: boolean): number;
  getInt8(byteOffset: number): number;
  getUint16(byteOffset: number, littleEndian?: boolean): number;
  getUint32(byteOffset: number, littleEndian?: boolean): number;
  getUint8(byteOffset: number): number;
  setFloat32(byteOffset: number, value: number, littleEndian?: boolean): void;
  setFloat64(byteOffset: number, value: number, littleEndian?: boolean): void;
  setInt16(byteOffset: number, value: number, littleEndian?: boolean): void;
  setInt32(byteOffset: number, value: number, littleEndian?: boolean): void;
  setInt8(byteOffset: number, value: number): void;
  setUint16(byteOffset: number, value: number, littleEndian?: boolean): void;
  setUint32(byteOffset: number, value: number, littleEndian?: boolean): void;
  setUint8(byteOffset: number, value: number): void;
}

interface DataViewConstructor {
  new (buffer: ArrayBuffer, byteOffset?: number, byteLength?: number): DataView;
}

declare var DataView: DataViewConstructor;
