import type { HelperName } from "../../program/program.ts";

/**
 * Members of the standard library that Espruino lacks or implements incorrectly. The bundle contains a fill if the program
 * names the member. If the interpreter (or Node, which runs the same bundle) has a correct one, that is used.
 */

import { TYPED_ARRAY } from "./typed-calls.ts";

/** By the name of a method, whatever it is called on: the object is not known at build time. */
export const METHOD_FILLS: Readonly<Record<string, readonly string[]>> = {
  at: [
    `"".at || (String.prototype.at = function (i) { i = (i < 0 ? Math.ceil(i) : Math.floor(i)) || 0; if (i < 0) i += this.length; return i < this.length && i >= 0 ? this[i] : void 0; });`,
  ],
  codePointAt: [
    `!$byteTexts && "".codePointAt || (String.prototype.codePointAt = function (i) { i = i || 0; if ($byteTexts) return $codeAt(this, i); return i < this.length && i > -1 ? this.charCodeAt(i) : void 0; });`,
  ],
  localeCompare: [
    `"".localeCompare || (String.prototype.localeCompare = function (s) { return $collate("" + this, "" + s); });`,
  ],
  normalize: [`"".normalize || (String.prototype.normalize = function () { return "" + this; });`],
  search: [
    `"".search || (String.prototype.search = function (r) { var i, m; if (!(r instanceof RegExp)) r = new RegExp(r === void 0 ? "" : "" + r); i = r.lastIndex; r.lastIndex = 0; m = r.exec("" + this); r.lastIndex = i; return m ? m.index : -1; });`,
  ],
  trimStart: [
    `"".trimStart || (String.prototype.trimStart = function () { return (this + "|").trim().slice(0, -1); });`,
  ],
  trimEnd: [
    `"".trimEnd || (String.prototype.trimEnd = function () { return ("|" + this).trim().substr(1); });`,
  ],
  trimLeft: [
    `"".trimLeft || (String.prototype.trimLeft = function () { return (this + "|").trim().slice(0, -1); });`,
  ],
  trimRight: [
    `"".trimRight || (String.prototype.trimRight = function () { return ("|" + this).trim().substr(1); });`,
  ],
  toLocaleLowerCase: [
    `"".toLocaleLowerCase || (String.prototype.toLocaleLowerCase = function () { return this.toLowerCase(); });`,
  ],
  toLocaleUpperCase: [
    `"".toLocaleUpperCase || (String.prototype.toLocaleUpperCase = function () { return this.toUpperCase(); });`,
  ],
  matchAll: [
    `"".matchAll || (String.prototype.matchAll = function (r) { var m, a = [], i; if (!(r instanceof RegExp)) r = new RegExp(r === void 0 ? "" : "" + r, "g"); if ((r.flags || "").indexOf("g") < 0) throw new TypeError("matchAll must be called with a global RegExp"); i = r.lastIndex; while ((m = r.exec("" + this))) { a.push(m); if (m[0] === "") r.lastIndex++; } r.lastIndex = i; return $listed(a); });`,
  ],
  toFixed: [
    `(0.99).toFixed(1) == "1.0" || (Number.prototype.toFixed = function (d) { return $fixed(+this, d); });`,
  ],
  toPrecision: [
    `(5).toPrecision || (Number.prototype.toPrecision = function (p) { return p === void 0 ? "" + this : $precision(+this, +p, 0); });`,
  ],
  toExponential: [
    `(5).toExponential || (Number.prototype.toExponential = function (p) { return $precision(+this, p + 1, 1); });`,
  ],
  finally: [
    `$Promise.prototype.finally || ($Promise.prototype.finally = function (f) { if (!f) return this.then(); return this.then(function (v) { return $Promise.resolve(f()).then(function () { return v; }); }, function (e) { return $Promise.resolve(f()).then(function () { throw e; }); }); });`,
  ],
  toDateString: [
    `new Date().toDateString || (Date.prototype.toDateString = function () { return this.toString().substr(0, 15); });`,
  ],
};

/** Members that the interpreter has and gets wrong: a helper stands in for each. */
export const STATIC_HELPERS: Readonly<Record<string, HelperName>> = {
  "Math.sqrt": "$sqrt",
  "Math.sign": "$sign",
  "Math.round": "$round",
  "Map.groupBy": "$groupMap",
  "Date.now": "$now",
  "Date.UTC": "$utc",
  "Date.parse": "$parseDate",
};

/** By object and member, as in \`Number.isInteger\`. */
export const STATIC_FILLS: Readonly<Record<string, string>> = {
  "Array.from": `Array.from || (Array.from = function (x, f, t) { var a = [], i; if (x == null || typeof x == "string" || Array.isArray(x) || (typeof x == "object" && x.byteLength === void 0 && x[$iterator])) a = $list(x); else for (i = 0; i < x.length; i++) a.push(x[i]); if (f) for (i = 0; i < a.length; i++) a[i] = f.call(t, a[i], i); return a; });`,
  "Object.freeze": `Object.freeze || (Object.freeze = function (o) { if (o && typeof o == "object" && !Array.isArray(o)) { Object.keys(o).forEach(function (k) { var v = o[k]; Object.defineProperty(o, k, { get: function () { return v; }, set: function () {}, enumerable: true }); }); o["\\xfff"] = 1; } return o; });`,
  "Object.isFrozen": `Object.isFrozen || (Object.isFrozen = function (o) { return !o || typeof o != "object" || o["\\xfff"] === 1; });`,
  "Array.of": `Array.of || (Array.of = function () { return [].slice.call(arguments); });`,
  "Number.parseInt": `Number.parseInt || (Number.parseInt = parseInt);`,
  "Number.parseFloat": `Number.parseFloat || (Number.parseFloat = $float);`,
  "Number.isInteger": `Number.isInteger || (Number.isInteger = function (x) { return typeof x == "number" && isFinite(x) && Math.floor(x) === x; });`,
  "Number.isFinite": `Number.isFinite || (Number.isFinite = function (x) { return typeof x == "number" && isFinite(x); });`,
  "Number.isNaN": `Number.isNaN || (Number.isNaN = function (x) { return typeof x == "number" && isNaN(x); });`,
  "Number.isSafeInteger": `Number.isSafeInteger || (Number.isSafeInteger = function (x) { return typeof x == "number" && Math.floor(x) === x && Math.abs(x) < 9007199254740992; });`,
  "Object.is": `Object.is || (Object.is = function (a, b) { return a === b || (a !== a && b !== b); });`,
  "Object.hasOwn": `Object.hasOwn || (Object.hasOwn = function (o, k) { return Object.prototype.hasOwnProperty.call(o, k); });`,
  "Object.groupBy": `Object.groupBy || (Object.groupBy = function (l, f) { var r = {}, i = 0; $list(l).forEach(function (x) { var k = f(x, i++); (r.hasOwnProperty(k) ? r[k] : r[k] = []).push(x); }); return r; });`,
  "Promise.all": `$Promise.all = function (l) { return new $Promise(function (ok, no) { var r = $list(l), left = r.length; if (!left) ok(r); r.forEach(function (p, i) { $await(p, function (v, s) { if (s > 1) no(v); else { r[i] = v; if (!--left) ok(r); } }); }); }); };`,
  "Promise.race": `$Promise.race = function (l) { return new $Promise(function (ok, no) { $list(l).forEach(function (p) { $await(p, function (v, s) { (s > 1 ? no : ok)(v); }); }); }); };`,
  "Promise.allSettled": `$Promise.allSettled = function (l) { return new $Promise(function (ok) { var r = $list(l), left = r.length; if (!left) ok(r); r.forEach(function (p, i) { $await(p, function (v, s) { r[i] = s > 1 ? { status: "rejected", reason: v } : { status: "fulfilled", value: v }; if (!--left) ok(r); }); }); }); };`,
  "Promise.any": `$Promise.any = function (l) { return new $Promise(function (ok, no) { var r = $list(l), left = r.length; function fail() { no(new $AggregateError(r, "All promises were rejected")); } if (!left) fail(); r.forEach(function (p, i) { $await(p, function (v, s) { if (s < 2) ok(v); else { r[i] = v; if (!--left) fail(); } }); }); }); };`,
  "Math.trunc": `Math.trunc || (Math.trunc = function (x) { return x < 0 ? Math.ceil(x) : Math.floor(x); });`,
  "Math.cbrt": `Math.cbrt || (Math.cbrt = function (x) { var y = Math.pow(Math.abs(x), 1 / 3); if (x < 0) y = -y; return y && isFinite(y) ? y - (y * y * y - x) / y / y / 3 : y; });`,
  "Math.hypot": `Math.hypot || (Math.hypot = function () { var m = 0, s = 0, bad, i, x; for (i = 0; i < arguments.length; i++) { x = Math.abs(arguments[i]); if (x !== x) bad = 1; else if (x > m) m = x; } if (m === 1 / 0) return m; if (bad) return NaN; for (i = 0; m && i < arguments.length; i++) s += (x = arguments[i] / m) * x; return $sqrt(s) * m; });`,
  "Math.log2": `Math.log2 || (Math.log2 = function (x) { var y = Math.log(x) / Math.LN2, r = Math.round(y); return Math.abs(y - r) < 1e-9 && Math.pow(2, r) === x ? r : y; });`,
  "Math.log10": `Math.log10 || (Math.log10 = function (x) { var y = Math.log(x) / Math.LN10, r = Math.round(y); return Math.abs(y - r) < 1e-9 && Math.abs(Math.pow(10, r) / x - 1) < 1e-12 ? r : y; });`,
  "Math.log1p": `Math.log1p || (Math.log1p = function (x) { var u = 1 + x; return u - 1 === x || !(u - 1) ? (u === 1 ? x : Math.log(u)) : Math.log(u) * x / (u - 1); });`,
  "Math.expm1": `Math.expm1 || (Math.expm1 = function (x) { var u = Math.exp(x); return u === 1 ? x : u - 1 === -1 || u > 9 ? u - 1 : (u - 1) * x / Math.log(u); });`,
  "Math.sinh": `Math.sinh || (Math.sinh = function (x) { return Math.abs(x) < 0.001 ? x + x * x * x / 6 : (Math.exp(x) - Math.exp(-x)) / 2; });`,
  "Math.cosh": `Math.cosh || (Math.cosh = function (x) { return (Math.exp(x) + Math.exp(-x)) / 2; });`,
  "Math.tanh": `Math.tanh || (Math.tanh = function (x) { var a = Math.exp(x), b = Math.exp(-x); return x > 20 ? 1 : x < -20 ? -1 : Math.abs(x) < 0.001 ? x - x * x * x / 3 : (a - b) / (a + b); });`,
  "Math.asinh": `Math.asinh || (Math.asinh = function (x) { var a = Math.abs(x); a = a > 1e8 ? Math.log(a) + Math.LN2 : a < 0.0001 ? a : Math.log(a + Math.sqrt(a * a + 1)); return x < 0 ? -a : x === 0 || x !== x ? x : a; });`,
  "Math.acosh": `Math.acosh || (Math.acosh = function (x) { return x > 1e8 ? Math.log(x) + Math.LN2 : x < 1 ? NaN : Math.log(x + Math.sqrt(x * x - 1)); });`,
  "Math.atanh": `Math.atanh || (Math.atanh = function (x) { return Math.abs(x) < 0.0001 ? x : x === 1 ? 1 / 0 : x === -1 ? -1 / 0 : Math.log((1 + x) / (1 - x)) / 2; });`,
  "Math.clz32": `Math.clz32 || (Math.clz32 = function (x) { var n = 0; x = x >>> 0; if (!x) return 32; while (!(x & 0x80000000)) { x <<= 1; n++; } return n; });`,
  "Math.imul": `Math.imul || (Math.imul = function (a, b) { return ((a & 65535) * (b & 65535) + ((((a >>> 16) * (b & 65535) + (a & 65535) * (b >>> 16)) & 65535) * 65536)) | 0; });`,
  "Math.fround": `Math.fround || (Math.fround = function (x) { return new Float32Array([x])[0]; });`,
  "String.fromCodePoint": `!$byteTexts && String.fromCodePoint || (String.fromCodePoint = function () { return [].map.call(arguments, function (c) { if (!(c >= 0 && c < 1114112 && c % 1 == 0)) throw new $RangeError("Invalid code point " + c); if ($byteTexts && c > 127) return $utf8(c); return c > 65535 ? String.fromCharCode(55296 + ((c - 65536) >> 10), 56320 + ((c - 65536) & 1023)) : String.fromCharCode(c); }).join(""); });`,
  "ArrayBuffer.isView": `ArrayBuffer.isView || (ArrayBuffer.isView = function (x) { return x != null && x.buffer instanceof ArrayBuffer; });`,
};

/** `from` and `of` of a typed array, which make use of those of arrays. */
export function typedArrayFill(full: string): string[] {
  const [kind = "", member] = full.split(".");
  if (!TYPED_ARRAY.test(kind)) return [];
  if (member === "of")
    return [`${kind}.of || (${kind}.of = function () { return new ${kind}([].slice.call(arguments)); });`];
  if (member !== "from") return [];
  return [
    STATIC_FILLS["Array.from"] as string,
    `${kind}.from || (${kind}.from = function (x, f, t) { return new ${kind}(Array.from(x, f, t)); });`,
  ];
}

/** Constants, put in their places. */
export const STATIC_VALUES: Readonly<Record<string, number>> = {
  "Number.MAX_VALUE": Number.MAX_VALUE,
  "Number.MIN_VALUE": 5e-324,
  "Number.EPSILON": 2 ** -52,
  "Number.MAX_SAFE_INTEGER": 9007199254740991,
  "Number.MIN_SAFE_INTEGER": -9007199254740991,
  "Uint8Array.BYTES_PER_ELEMENT": 1,
  "Int8Array.BYTES_PER_ELEMENT": 1,
  "Uint8ClampedArray.BYTES_PER_ELEMENT": 1,
  "Uint16Array.BYTES_PER_ELEMENT": 2,
  "Int16Array.BYTES_PER_ELEMENT": 2,
  "Uint32Array.BYTES_PER_ELEMENT": 4,
  "Int32Array.BYTES_PER_ELEMENT": 4,
  "Float32Array.BYTES_PER_ELEMENT": 4,
  "Float64Array.BYTES_PER_ELEMENT": 8,
};
