/**
 * Methods of arrays that Espruino lacks (fills) or implements incorrectly (patches). A patch comes into the bundle only where a call
 * can show the difference. Both go onto the prototype, so that they work on whatever a program calls them on. In a
 * source, `A` stands for a prototype that is given the method: that of arrays, or of a kind of typed array.
 */

/** By the name of a method, whatever it is called on: the object is not known at build time. */
export const ARRAY_FILLS: Readonly<Record<string, string>> = {
  at: `function (i) { i = (i < 0 ? Math.ceil(i) : Math.floor(i)) || 0; if (i < 0) i += this.length; return i < 0 ? void 0 : this[i]; }`,
  copyWithin: `function (to, from, end) {
    var n = this.length, a = this.slice();
    to = $index(to, n);
    from = $index(from, n);
    for (end = end === void 0 ? n : $index(end, n); from < end && to < n; ) this[to++] = a[from++];
    return this;
  }`,
  findLast: `function (f, t) { for (var i = this.length, x; i--; ) if (f.call(t, x = this[i], i, this)) return x; }`,
  findLastIndex: `function (f, t) { for (var i = this.length; i--; ) if (f.call(t, this[i], i, this)) return i; return -1; }`,
  lastIndexOf: `function (x) {
    var n = arguments.length > 1 ? arguments[1] || 0 : 1 / 0;
    n = n < 0 ? Math.ceil(n) : Math.floor(n);
    for (n = n < 0 ? n + this.length : Math.min(n, this.length - 1); n >= 0; n--) if (n in this && this[n] === x) return n;
    return -1;
  }`,
  entries: `function () { return $listed($list(this).map(function (x, i) { return [i, x]; })); }`,
  keys: `function () { return $listed($list(this).map(function (x, i) { return i; })); }`,
  values: `function () { return $listed($list(this)); }`,
  flat: `function (n) { return $flat(this, n === void 0 ? 1 : +n, []); }`,
  flatMap: `function (f, t) { return $flat(this.map(t == null ? f : function (x, i, a) { return f.call(t, x, i, a); }), 1, []); }`,
  reduceRight: `function (f) {
    var i = this.length, x;
    if (arguments.length > 1) x = arguments[1];
    else {
      while (i && !(i - 1 in this)) i--;
      if (!i) throw new TypeError("Reduce of empty array with no initial value");
      x = this[--i];
    }
    while (i--) if (i in this) x = f(x, this[i], i, this);
    return x;
  }`,
  toReversed: `function () { return this.slice().reverse(); }`,
  toSorted: `function (f) { return $sort(this.slice(), f); }`,
  toSpliced: `function () { var a = this.slice(); a.splice.apply(a, arguments); return a; }`,
  with: `function (i, x) {
    var a = this.slice(), n = a.length;
    i = (i < 0 ? Math.ceil(i) : Math.floor(i)) || 0;
    if (i < 0) i += n;
    if (i < 0 || i >= n) throw new $RangeError("Invalid index");
    a[i] = x;
    return a;
  }`,
};

/** Methods that a call needs in a form of ours; \`native\` is the interpreter's own. */
export const ARRAY_PATCHES: Readonly<Record<string, string>> = {
  concat: `function () {
    var r = this.slice(), i, j, x;
    for (i = 0; i < arguments.length; i++) {
      x = arguments[i];
      if (Array.isArray(x)) for (j = 0; j < x.length; j++) r.push(x[j]);
      else r.push(x);
    }
    return r;
  }`,
  fill: `function (x, i, end) {
    var n = this.length;
    end = end === void 0 ? n : $index(end, n);
    for (i = $index(i, n); i < end; i++) this[i] = x;
    return this;
  }`,
  find: `function (f, t) { for (var i = 0, n = this.length, x; i < n; i++) if (f.call(t, x = this[i], i, this)) return x; }`,
  findIndex: `function (f, t) { for (var i = 0, n = this.length; i < n; i++) if (f.call(t, this[i], i, this)) return i; return -1; }`,
  indexOf: `function (x, i) { return x !== x ? -1 : native.call(this, x, $index(i, this.length)); }`,
  reduce: `function (f) {
    var i = 0, n = this.length, x;
    if (arguments.length > 1) x = arguments[1];
    else {
      while (i < n && !(i in this)) i++;
      if (i >= n) throw new TypeError("Reduce of empty array with no initial value");
      x = this[i++];
    }
    for (; i < n; i++) if (i in this) x = f(x, this[i], i, this);
    return x;
  }`,
  splice: `function () {
    var a = [].slice.call(arguments), n = this.length;
    if (!a.length) return [];
    a[0] = $index(a[0], n);
    if (a.length > 1) a[1] = a[1] > 0 ? Math.min(a[1], n) : 0;
    return native.apply(this, a);
  }`,
  ...Object.fromEntries(
    ["every", "filter", "forEach", "map", "some"].map((name) => [
      name,
      `function (f, t) {
        return native.call(this, t == null ? f : function (x, i, a) { return f.call(t, x, i, a); });
      }`,
    ]),
  ),
};

/** Methods of typed arrays that differ from those of arrays, with the kind's name for `K`. */
export const TYPED_FILLS: Readonly<Record<string, string>> = {
  filter: `function (f, t) { return new K([].filter.call(this, f, t)); }`,
  slice: `function (a, b) { return new K([].slice.call(this, a, b)); }`,
  subarray: `function (a, b) {
    var n = this.length;
    a = $index(a, n);
    return native.call(this, a, b === void 0 ? n : Math.max(a, $index(b, n)));
  }`,
  toReversed: `function () { return new K(this).reverse(); }`,
  toSorted: `function (f) { return f ? new K(this).sort(f) : new K(this).sort(); }`,
  with: `function (i, x) { return new K([].with.call([].slice.call(this), i, x)); }`,
};

/** What an array has under these names works on a typed array as it is. */
export const SHARED_WITH_TYPED: ReadonlySet<string> = new Set([
  ...["at", "copyWithin", "entries", "fill", "find", "findIndex", "findLast", "findLastIndex", "indexOf"],
  ...["keys", "lastIndexOf", "reduce", "reduceRight", "values"],
]);

export const ARRAY_SOURCES = {
  /** A method of arrays by its name, for a callback that may change the list. */
  $visit: `function $visit(a, m, f, t) {
    var r = [], n = a.length, i, x, y;
    if (!Array.isArray(a)) return a[m](f, t);
    if (m == "map") r = new Array(n); //@map
    for (i = 0; i < n; i++) if (i in a || m == "find" || m == "findIndex") {
      x = a[i];
      y = f.call(t, x, i, a);
      if (m == "map") r[i] = y; //@map
      if (m == "filter" && y) r.push(x); //@filter
      if (m == "some" && y) return true; //@some
      if (m == "every" && !y) return false; //@every
      if (m == "find" && y) return x; //@find
      if (m == "findIndex" && y) return i; //@findIndex
    }
    if (m == "map" || m == "filter") return r;
    if (m == "some" || m == "every") return m == "every";
    if (m == "findIndex") return -1; //@findIndex
  }`,
  /** A relative position in a list of n, as the standard takes it. */
  $index: `function $index(i, n) {
    i = (i < 0 ? Math.ceil(i) : Math.floor(i)) || 0;
    if (i < 0) i += n;
    return i < 0 ? 0 : i > n ? n : i;
  }`,
  /** An array's keys as those of an object that inherits nothing. */
  $bare: `function $bare(x) {
    var r = {};
    if (!Array.isArray(x)) return x;
    Object.keys(x).forEach(function (k) { r[k] = 1; });
    return r;
  }`,
  $flat: `function $flat(a, n, r) {
    for (var i = 0; i < a.length; i++)
      if (i in a) Array.isArray(a[i]) && n >= 1 ? $flat(a[i], n - 1, r) : r.push(a[i]);
    return r;
  }`,
  /** Stable, and without a function of the interpreter's on the stack. */
  $sort: `function $sort(a, f) {
    var b = [], rest = 0, i, x, low, high, mid;
    if (!f) return a.sort();
    if (!Array.isArray(a)) return a.sort(f);
    for (i = 0; i < a.length; i++) {
      x = a[i];
      if (x === void 0) { rest++; continue; }
      for (low = 0, high = b.length; low < high; ) {
        mid = (low + high) >> 1;
        if (f(x, b[mid]) < 0) high = mid;
        else low = mid + 1;
      }
      b.splice(low, 0, x);
    }
    for (; rest; rest--) b.push(void 0);
    for (i = 0; i < b.length; i++) a[i] = b[i];
    return a;
  }`,
  /** A method of arrays on something that may be like one. */
  $onLike: `function $onLike(m, o, given) {
    var list = [], n, i, r;
    if (Array.isArray(o) || o.byteLength >= 0) return [][m].apply(o, given);
    n = Math.floor(o.length) || 0;
    for (i = 0; i < n; i++) list.push(o[i]);
    r = list[m].apply(list, given);
    if (m == "slice") return r;
    for (i = 0; i < list.length; i++) o[i] = list[i];
    for (; i < n; i++) delete o[i];
    o.length = list.length;
    return r === list ? o : r;
  }`,
  /** A typed array over a part of a buffer: to the interpreter a length of 0 means all of it. */
  $view: `function $view(K, b, at, n) {
    var r = n === 0 ? new K(0) : new K(b, at, n);
    if (n < 0 || at < 0 || r.byteOffset + r.byteLength > b.byteLength) throw new Error("Invalid typed array length: " + n);
    return r;
  }`,
  $dataView: `function $dataView(b, at, n) {
    at = at || 0;
    if (n === void 0) n = b.byteLength - at;
    if (at < 0 || n < 0 || at + n > b.byteLength) throw new Error("Start offset " + at + " is outside the bounds of the buffer");
    return new DataView(b, at, n);
  }`,
  /** What a typed array can be made of. */
  $numbers: `function $numbers(x) {
    return x && typeof x == "object" && x.byteLength === void 0 && !Array.isArray(x) ? Array.from(x) : x;
  }`,
} as const;
