import type { HelperName } from "../../program/program.ts";

/**
 * Globals of the language that Espruino lacks, as helpers that stand in for the name. Keys that begin with \xff
 * are in no listing, so a Map looks as empty to JSON.stringify here as anywhere.
 */
export const GLOBAL_SOURCES = {
  /** An array that is also an iterator, and holds what is left: what keys(), values() and entries() of an array give. */
  $listed: `function $listed(a) {
    $hide(a, "next", function () { return a.length ? { value: a.shift(), done: false } : { value: void 0, done: true }; });
    return a;
  }`,
  $queueMicrotask: `function $queueMicrotask(f) { $job(function () { f(); }); }`,
  $setImmediate: `function $setImmediate(f, a, b) {
    f = $after(f); //@jobs
    return setTimeout(f, 0, a, b);
  }`,
  /** Text as UTF-8 bytes: a board without Unicode has the bytes in its strings already. */
  $bytesOf: `function $bytesOf(s) {
    var r = "", i, c, d;
    if ($byteTexts || ["\\u20ac"].concat()[0].length > 1) return s;
    for (i = 0; i < s.length; i++) {
      c = s.charCodeAt(i);
      if (c > 55295 && c < 56320 && (d = s.charCodeAt(i + 1)) > 56319 && d < 57344) { c = 65536 + ((c - 55296) << 10) + d - 56320; i++; }
      r += c < 128 ? String.fromCharCode(c) : c < 2048 ? String.fromCharCode(192 | (c >> 6), 128 | (c & 63))
        : c < 65536 ? String.fromCharCode(224 | (c >> 12), 128 | ((c >> 6) & 63), 128 | (c & 63))
        : String.fromCharCode(240 | (c >> 18), 128 | ((c >> 12) & 63), 128 | ((c >> 6) & 63), 128 | (c & 63));
    }
    return r;
  }`,
  $textOf: `function $textOf(s) {
    var r = "", i, c;
    if ($byteTexts || ["\\u20ac"].concat()[0].length > 1) return s;
    if (typeof E != "undefined" && E.asUTF8) return E.asUTF8(s);
    for (i = 0; i < s.length; i++) {
      c = s.charCodeAt(i);
      if (c > 239) { c = ((c & 7) << 18) | ((s.charCodeAt(++i) & 63) << 12) | ((s.charCodeAt(++i) & 63) << 6) | (s.charCodeAt(++i) & 63); }
      else if (c > 223) c = ((c & 15) << 12) | ((s.charCodeAt(++i) & 63) << 6) | (s.charCodeAt(++i) & 63);
      else if (c > 191) c = ((c & 31) << 6) | (s.charCodeAt(++i) & 63);
      r += c > 65535 ? String.fromCharCode(55296 + ((c - 65536) >> 10), 56320 + ((c - 65536) & 1023)) : String.fromCharCode(c);
    }
    return r;
  }`,
  $escape: `function $escape(s, safe) {
    var r = "", i, c;
    s = $bytesOf("" + s);
    for (i = 0; i < s.length; i++) {
      c = s[i];
      r += (c >= "a" && c <= "z") || (c >= "A" && c <= "Z") || (c >= "0" && c <= "9") || safe.indexOf(c) >= 0
        ? c : "%" + ("0" + c.charCodeAt(0).toString(16)).slice(-2).toUpperCase();
    }
    return r;
  }`,
  $encodeURIComponent: `function $encodeURIComponent(s) { return $escape(s, "-_.!~*'()"); }`,
  $encodeURI: `function $encodeURI(s) { return $escape(s, "-_.!~*'();/?:@&=+$,#"); }`,
  $decodeURIComponent: `function $decodeURIComponent(s) {
    var r = "", i, n, left = 0, min, max, c, digits = "0123456789ABCDEF";
    function bad() { throw new $URIError("URI malformed"); }
    s = "" + s;
    for (i = 0; i < s.length; i++) {
      if (s[i] != "%") {
        if (left) bad();
        r += s[i];
        continue;
      }
      c = s.substr(i + 1, 2).toUpperCase();
      i += 2;
      n = c.length < 2 || digits.indexOf(c[0]) < 0 || digits.indexOf(c[1]) < 0 ? bad() : parseInt(c, 16);
      if (left) {
        if (n < min || n > max) bad();
        min = 128;
        max = 191;
        left--;
      } else if (n > 127) {
        if (n < 194 || n > 244) bad();
        left = n < 224 ? 1 : n < 240 ? 2 : 3;
        min = n == 224 ? 160 : n == 240 ? 144 : 128;
        max = n == 237 ? 159 : n == 244 ? 143 : 191;
      }
      r += String.fromCharCode(n);
    }
    if (left) bad();
    return $textOf(r);
  }`,
  /** What the escapes of separators stand for is not taken apart. */
  $decodeURI: `function $decodeURI(s) {
    return $decodeURIComponent(("" + s).replace(/%2[346BCFbcf]|%3[ABDFabdf]|%40/g, function (m) { return "%25" + m.slice(1); }));
  }`,
  $TextEncoder: `var $TextEncoder = typeof TextEncoder == "function" ? TextEncoder : (function () {
    function T() {}
    T.prototype = {
      constructor: T,
      encoding: "utf-8",
      encode: function (s) {
        var b = $bytesOf(s === void 0 ? "" : "" + s), a = new Uint8Array(b.length), i;
        for (i = 0; i < b.length; i++) a[i] = b.charCodeAt(i);
        return a;
      }
    };
    return T;
  })();`,
  $TextDecoder: `var $TextDecoder = typeof TextDecoder == "function" ? TextDecoder : (function () {
    function T() {}
    T.prototype = {
      constructor: T,
      encoding: "utf-8",
      decode: function (a) {
        var s = "", i;
        a = a ? new Uint8Array(a.buffer || a, a.byteOffset || 0, a.byteLength) : [];
        for (i = 0; i < a.length; i++) s += String.fromCharCode(a[i]);
        return $textOf(s);
      }
    };
    return T;
  })();`,
  $structuredClone: `function $structuredClone(x) {
    var r, k, i;
    if (x === null || typeof x != "object") return x;
    if (x instanceof Date) return new Date(x.getTime());
    if (x.buffer) return x.slice();
    r = Array.isArray(x) ? [] : {};
    k = Object.keys(x);
    for (i = 0; i < k.length; i++) r[k[i]] = $structuredClone(x[k[i]]);
    return r;
  }`,
  $Reflect: `var $Reflect = typeof Reflect == "object" ? Reflect : {
    ownKeys: function (o) { return Object.getOwnPropertyNames(o); },
    has: function (o, k) { return k in o; },
    get: function (o, k) { return o[k]; },
    set: function (o, k, v) { o[k] = v; return true; },
    apply: function (f, self, a) { return f.apply(self, a); },
    construct: function (C, a) { return $construct(C, a); },
    getPrototypeOf: function (o) { return Object.getPrototypeOf(o); },
    setPrototypeOf: function (o, p) { Object.setPrototypeOf(o, p); return true; },
    deleteProperty: function (o, k) { return delete o[k]; },
    defineProperty: function (o, k, d) { Object.defineProperty(o, k, d); return true; },
    getOwnPropertyDescriptor: function (o, k) { return Object.getOwnPropertyDescriptor(o, k); }
  };`,
} as const;

/** The global that each of these stands in for. */
export const GLOBAL_FILLS: ReadonlyMap<string, HelperName> = new Map(
  [
    "Promise",
    "Map",
    "Set",
    "WeakMap",
    "WeakSet",
    "Symbol",
    "RangeError",
    "EvalError",
    "URIError",
    "AggregateError",
    "queueMicrotask",
    "setImmediate",
    "encodeURIComponent",
    "encodeURI",
    "decodeURIComponent",
    "decodeURI",
    "TextEncoder",
    "TextDecoder",
    "structuredClone",
    "Reflect",
  ].map((name) => [name, `$${name}` as const]),
);
