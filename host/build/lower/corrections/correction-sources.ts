/** Replacements for what Espruino has but does otherwise than the standard. */
export const CORRECTION_SOURCES = {
  $precision: `function $precision(x, p, always) {
    var neg = x < 0, e, s, t;
    if (!isFinite(x)) return "" + x;
    x = Math.abs(x);
    if (p !== p) p = ("" + x).replace(".", "").length;
    e = x ? Math.floor(Math.log(x) / Math.LN10 + 1e-12) : 0;
    s = "" + Math.floor((x / Math.pow(10, e)) * Math.pow(10, p - 1) + 0.5);
    if (s.length > p) { e++; s = s.slice(0, p); }
    if (always || e < -6 || e >= p) t = s[0] + (p > 1 ? "." + s.slice(1) : "") + "e" + (e < 0 ? "-" : "+") + Math.abs(e);
    else if (e < 0) t = "0." + "000000".slice(0, -1 - e) + s;
    else t = s.slice(0, e + 1) + (p > e + 1 ? "." + s.slice(e + 1) : "");
    return (neg ? "-" : "") + t;
  }`,
  /** Exact for whole exponents, where the interpreter goes by logarithms: 2 to the 32 must be 4294967296. */
  $pow: `function $pow(x, n) {
    var r = 1, m = n < 0 ? -n : n;
    if (m !== Math.floor(m) || !(m < 1100)) return Math.pow(x, n);
    for (; m; m = Math.floor(m / 2), x *= x) if (m % 2) r *= x;
    return n < 0 ? 1 / r : r;
  }`,
  $sort: `function $sort(a, f) {
    var b, i;
    if (!Array.isArray(a)) return a.sort(f);
    b = a.map(function (v, i) { return { v: v, i: i }; });
    b.sort(function (x, y) {
      return (x.v === void 0 ? (y.v === void 0 ? 0 : 1) : y.v === void 0 ? -1 : f(x.v, y.v)) || x.i - y.i;
    });
    for (i = 0; i < b.length; i++) a[i] = b[i].v;
    return a;
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
