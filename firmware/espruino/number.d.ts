/** Numbers and arithmetic. A number prints with at most 12 digits, so `0.1 + 0.2` prints as `0.3`. */

interface Number {
  toFixed(fractionDigits?: number): string;
  toString(radix?: number): string;
  valueOf(): number;
}

interface NumberConstructor {
  new (value?: any): Number;
  (value?: any): number;
  readonly MAX_VALUE: number;
  readonly MIN_VALUE: number;
  readonly NEGATIVE_INFINITY: number;
  readonly NaN: number;
  readonly POSITIVE_INFINITY: number;
}

declare var Number: NumberConstructor;

interface Math {
  readonly E: number;
  readonly LN10: number;
  readonly LN2: number;
  readonly LOG10E: number;
  readonly LOG2E: number;
  readonly PI: number;
  readonly SQRT1_2: number;
  readonly SQRT2: number;
  abs(x: number): number;
  acos(x: number): number;
  asin(x: number): number;
  atan(x: number): number;
  atan2(y: number, x: number): number;
  ceil(x: number): number;
  /** Espruino's own: `x` held between `min` and `max`. */
  clip(x: number, min: number, max: number): number;
  cos(radians: number): number;
  exp(x: number): number;
  floor(x: number): number;
  log(x: number): number;
  max(...values: number[]): number;
  min(...values: number[]): number;
  pow(base: number, exponent: number): number;
  /** Espruino's own: a random integer from 0 to below `range`; without a range, any 32 bits. */
  randInt(range?: number): number;
  random(): number;
  round(x: number): number;
  sign(x: number): number;
  sin(radians: number): number;
  sqrt(x: number): number;
  tan(radians: number): number;
  /** Espruino's own: the remainder of `x` by `max`, with the sign of `x`. */
  wrap(x: number, max: number): number;
}

declare var Math: Math;
