/** Replacements for built-ins of Espruino that differ from the standard. */
export const CORRECTION_SOURCES = {
  /** Exact for whole exponents, where the interpreter goes by logarithms: 2 to the 32 must be 4294967296. */
  $pow: `function $pow(x, n) {
    var r = 1, m = n < 0 ? -n : n;
    if (!(m < 1100) && x < 0) return (m % 2 == 1 ? -1 : 1) * Math.pow(-x, n);
    if (m !== Math.floor(m) || !(m < 1100)) return n !== n ? n : Math.pow(x, n);
    for (; m; m = Math.floor(m / 2), x *= x) if (m % 2) r *= x;
    return n < 0 ? 1 / r : r;
  }`,
  /** Converts a position in a string or an array, which may be infinite. */
  $place: `function $place(n) { return n > 2e9 ? 2e9 : n < -2e9 ? -2e9 : n; }`,
  /** A position as that of a cut: nothing stands before 0, and with `end` no position is the end. */
  $cut: `function $cut(n, end) { return end && n === void 0 || n > 2e9 ? 2e9 : n > 0 ? n : 0; }`,
  /** `indexOf` and `includes`, where an empty text is found at any position of a text. */
  $locate: `function $locate(s, m, x, n) {
    if (typeof s != "string") return n === void 0 ? s[m](x) : s[m](x, n);
    n = n > 0 ? Math.min(Math.floor(n), s.length) : 0;
    return m == "includes" || n;
  }`,
  /** The order of ICU for ASCII: signs, digits, letters; and small letters first among texts that differ in case only. */
  $collate: `function $collate(a, b) {
    var signs = " _-,;:!?.'\\"()[]{}@*/\\\\&#%\x60^+<=>|~$", x = a.toLowerCase(), y = b.toLowerCase(), n = Math.min(x.length, y.length), i, p, q;
    for (i = 0; i < n; i++) if (x[i] != y[i]) {
      p = signs.indexOf(x[i]);
      q = signs.indexOf(y[i]);
      return (p < 0 ? x.charCodeAt(i) + 99 : p) < (q < 0 ? y.charCodeAt(i) + 99 : q) ? -1 : 1;
    }
    return x.length < y.length ? -1 : x.length > y.length ? 1 : a == b ? 0 : a > b ? -1 : 1;
  }`,
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
