/** Replacements for what Espruino has but does otherwise than the standard. */
export const CORRECTION_SOURCES = {
  /** Exact for whole exponents, where the interpreter goes by logarithms: 2 to the 32 must be 4294967296. */
  $pow: `function $pow(x, n) {
    var r = 1, m = n < 0 ? -n : n;
    if (m !== Math.floor(m) || !(m < 1100)) return Math.pow(x, n);
    for (; m; m = Math.floor(m / 2), x *= x) if (m % 2) r *= x;
    return n < 0 ? 1 / r : r;
  }`,
  /** A place in a text or a list, where it may be infinite. */
  $place: `function $place(n) { return n > 2e9 ? 2e9 : n < -2e9 ? -2e9 : n; }`,
  $cause: `function $cause(e, o) {
    if (o && "cause" in o) Object.defineProperty(e, "cause", { value: o.cause, writable: true, configurable: true });
    return e;
  }`,
  $length: `function $length(a, n) {
    if (!Array.isArray(a)) return a.length = n;
    if (n < a.length) a.splice(n);
    while (a.length < n) a.push(void 0);
    return n;
  }`,
  $named: `function $named(f, name) { Object.defineProperty(f, "name", { value: name, configurable: true }); return f; }`,
} as const;
