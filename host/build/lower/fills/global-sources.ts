import type { HelperName } from "../../program/program.ts";

/**
 * Globals of the language that Espruino lacks, as helpers that stand in for the name. Keys that begin with \xff
 * are in no listing, so a Map looks as empty to JSON.stringify here as anywhere.
 */
export const GLOBAL_SOURCES = {
  /** An array that is also an iterator: what keys(), values() and entries() give. */
  $listed: `function $listed(a) {
    var i = 0;
    $hide(a, "next", function () { return i < a.length ? { value: a[i++], done: false } : { value: void 0, done: true }; });
    return a;
  }`,
  $find: `function $find(keys, k) {
    return k === k ? keys.indexOf(k) : keys.findIndex(function (x) { return x !== x; });
  }`,
  $Map: `var $Map = typeof Map == "function" ? Map : (function () {
    function M(list) {
      var i;
      this["\\xffk"] = [];
      this["\\xffv"] = [];
      if (list != null) for (i = 0, list = $list(list); i < list.length; i++) this.set(list[i][0], list[i][1]);
    }
    M.prototype = {
      constructor: M,
      get size() { return this["\\xffk"].length; },
      get: function (k) { return this["\\xffv"][$find(this["\\xffk"], k)]; },
      has: function (k) { return $find(this["\\xffk"], k) >= 0; },
      set: function (k, v) {
        var i = $find(this["\\xffk"], k);
        if (i < 0) i = this["\\xffk"].push(k) - 1;
        this["\\xffv"][i] = v;
        return this;
      },
      "delete": function (k) {
        var i = $find(this["\\xffk"], k);
        if (i < 0) return false;
        this["\\xffk"].splice(i, 1);
        this["\\xffv"].splice(i, 1);
        return true;
      },
      clear: function () { this["\\xffk"] = []; this["\\xffv"] = []; },
      keys: function () { return $listed(this["\\xffk"].slice()); },
      values: function () { return $listed(this["\\xffv"].slice()); },
      entries: function () {
        var v = this["\\xffv"];
        return $listed(this["\\xffk"].map(function (k, i) { return [k, v[i]]; }));
      },
      forEach: function (f, self) {
        var e = this.entries(), i;
        for (i = 0; i < e.length; i++) if (this.has(e[i][0])) f.call(self, e[i][1], e[i][0], this);
      }
    };
    M.prototype[$iterator] = M.prototype.entries;
    return M;
  })();`,
  $Set: `var $Set = typeof Set == "function" ? Set : (function () {
    function S(list) {
      var i;
      this["\\xffk"] = [];
      if (list != null) for (i = 0, list = $list(list); i < list.length; i++) this.add(list[i]);
    }
    S.prototype = {
      constructor: S,
      get size() { return this["\\xffk"].length; },
      has: function (k) { return $find(this["\\xffk"], k) >= 0; },
      add: function (k) {
        if ($find(this["\\xffk"], k) < 0) this["\\xffk"].push(k);
        return this;
      },
      "delete": function (k) {
        var i = $find(this["\\xffk"], k);
        if (i >= 0) this["\\xffk"].splice(i, 1);
        return i >= 0;
      },
      clear: function () { this["\\xffk"] = []; },
      keys: function () { return $listed(this["\\xffk"].slice()); },
      entries: function () { return $listed(this["\\xffk"].map(function (k) { return [k, k]; })); },
      forEach: function (f, self) {
        var e = this.keys(), i;
        for (i = 0; i < e.length; i++) if (this.has(e[i])) f.call(self, e[i], e[i], this);
      }
    };
    S.prototype.values = S.prototype.keys;
    S.prototype[$iterator] = S.prototype.keys;
    return S;
  })();`,
  /** Holds its keys: nothing here is weak, but nothing that a program can see differs. */
  $WeakMap: `var $WeakMap = typeof WeakMap == "function" ? WeakMap : (function () {
    function W(list) {
      var i;
      this["\\xffm"] = new $Map(list);
    }
    W.prototype = {
      constructor: W,
      get: function (k) { return this["\\xffm"].get(k); },
      has: function (k) { return this["\\xffm"].has(k); },
      set: function (k, v) {
        if (k === null || (typeof k != "object" && typeof k != "function")) throw new TypeError("Invalid value used as weak map key");
        this["\\xffm"].set(k, v);
        return this;
      },
      "delete": function (k) { return this["\\xffm"]["delete"](k); }
    };
    return W;
  })();`,
  $WeakSet: `var $WeakSet = typeof WeakSet == "function" ? WeakSet : (function () {
    function W(list) { this["\\xffm"] = new $Set(list); }
    W.prototype = {
      constructor: W,
      has: function (k) { return this["\\xffm"].has(k); },
      add: function (k) { this["\\xffm"].add(k); return this; },
      "delete": function (k) { return this["\\xffm"]["delete"](k); }
    };
    return W;
  })();`,
  $queueMicrotask: `function $queueMicrotask(f) { Promise.resolve().then(function () { f(); }); }`,
  $setImmediate: `function $setImmediate(f, a, b) { return setTimeout(f, 0, a, b); }`,
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
    var r = "", i, n;
    s = "" + s;
    for (i = 0; i < s.length; i++) {
      if (s[i] != "%") { r += s[i]; continue; }
      n = parseInt(s.substr(i + 1, 2), 16);
      if (isNaN(n)) throw new $URIError("URI malformed");
      r += String.fromCharCode(n);
      i += 2;
    }
    return $textOf(r);
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
    "TextEncoder",
    "TextDecoder",
    "structuredClone",
    "Reflect",
  ].map((name) => [name, `$${name}` as const]),
);
