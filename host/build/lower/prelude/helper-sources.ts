/**
 * The helpers that lowered code calls, in the language that Espruino runs as it is. A source may name other helpers,
 * which are then included. The order here is the order of definition. A helper has the name given here unless the
 * program uses that name itself. All work the same on Node, where the bundle also runs. They recurse only where data
 * is nested, and call back from native functions as little as possible, because the stack of a board is short.
 */
export const HELPER_SOURCES = {
  /** The keys of the iterator protocols. Espruino lists no key that begins with \xff. */
  $iterator: `var $iterator = typeof Symbol == "function" ? Symbol.iterator : "\\xff@i";`,
  $asyncKey: `var $asyncKey = typeof Symbol == "function" ? Symbol.asyncIterator : "\\xff@a";`,
  $Symbol: `var $Symbol = typeof Symbol == "function" ? Symbol : (function () {
    var count = 0;
    function make(text) { return "\\xff@s" + ++count + (text === void 0 ? "" : ":" + text); }
    make.iterator = $iterator;
    make.asyncIterator = $asyncKey;
    make["for"] = function (key) { return "\\xff@s:" + key; };
    return make;
  })();`,
  $typeof: `function $typeof(x) {
    return typeof x == "string" && x.substr(0, 2) == "\\xff@" ? "symbol" : typeof x;
  }`,
  $description: `function $description(x) {
    var i;
    if ($typeof(x) != "symbol" || typeof x == "symbol") return x.description;
    return (i = x.indexOf(":")) < 0 ? void 0 : x.substr(i + 1);
  }`,
  $symbolText: `function $symbolText(x) {
    var d = $description(x);
    return "Symbol(" + (d === void 0 ? "" : d) + ")";
  }`,
  $iterate: `function $iterate(x) {
    var i = 0, f;
    if (x != null && typeof x == "object" && !Array.isArray(x) && x.byteLength === void 0 && (f = x[$iterator]) != null) return f.call(x);
    if (typeof x != "string") x = $list(x, 1 / 0);
    x = {
      list: x,
      next: function () {
        var a = this.list;
        return i < a.length ? { value: a[i++], done: false } : { value: void 0, done: true };
      }
    };
    x[$iterator] = function () { return x; };
    return x;
  }`,
  /** The member of anything by a key that is no name: the interpreter throws where a number, text or typed array has none. */
  $mark: `function $mark(x, k) {
    return x == null || (typeof x == "object" && x.byteLength === void 0) || typeof x == "function" ? x[k] : void 0;
  }`,
  /** What \`x[Symbol.iterator]\` is: the interpreter's arrays and texts have no such member. */
  $iteratorOf: `function $iteratorOf(x) {
    var f = $mark(x, $iterator);
    return f === void 0 && (typeof x == "string" || Array.isArray(x) || x.byteLength >= 0 && x.length >= 0) ? function () { return $iterate(this); } : f;
  }`,
  $asyncIterator: `function $asyncIterator(x) {
    var i;
    if (x != null && typeof x == "object" && (i = x[$asyncKey]) != null) return i.call(x);
    i = $iterate(x);
    return {
      next: function () {
        var s = i.next();
        return $Promise.resolve(s.value).then(function (v) { return { value: v, done: s.done }; });
      },
      "return": function (v) {
        var s = $resume(i, 2, v);
        return $Promise.resolve(s.value).then(function (v) { return { value: v, done: s.done }; });
      },
      "throw": function (e) {
        var s = $resume(i, 1, e);
        return $Promise.resolve(s.value).then(function (v) { return { value: v, done: s.done }; });
      }
    };
  }`,
  /** Ends an iterator whose loop is left early. */
  $close: `function $close(i) {
    var f = i["return"];
    if (f != null && (!(f = f.call(i)) || typeof f != "object")) throw new TypeError("The iterator's return() gave no object");
  }`,
  /** Closes an iterator whose loop is left by an exception. The exception is rethrown, whatever the closing does. */
  $abandon: `function $abandon(s, i, e) {
    if (s && !s.done) try { $close(i); } catch (x) { s = 0; }
    throw e;
  }`,
  $closeLater: `function $closeLater(i) {
    var f = i["return"];
    return f && f.call(i);
  }`,
  $abandonLater: `function $abandonLater(s, i, e) {
    function no() { throw e; }
    return $Promise.resolve(s && !s.done).then(function (open) { return open && $closeLater(i); }).then(no, no);
  }`,
  /** One step of the iterator that a \`yield*\` stands for: next, throw (1) or return (2). */
  $resume: `function $resume(i, m, v) {
    var f = i[m ? m > 1 ? "return" : "throw" : "next"];
    if (f != null) return f.call(i, v);
    if (m > 1) return { value: v, done: true };
    $close(i);
    throw new TypeError("The iterator has no throw method");
  }`,
  $construct: `function $construct(C, a) {
    var o, r;
    if (typeof Reflect == "object") return Reflect.construct(C, a);
    if (C.prototype && Object.getOwnPropertyNames(C).indexOf("prototype") >= 0) {
      o = Object.create(C.prototype);
      r = C.apply(o, a);
      return r && typeof r == "object" ? r : o;
    }
    return new C(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
  }`,
  $merge: `function $merge(o) {
    var i, x, k;
    for (i = 1; i < arguments.length; i++) {
      x = arguments[i];
      if (x == null || typeof x == "number" || typeof x == "boolean") continue;
      k = Object.keys(x);
      for (var j = 0; j < k.length; j++) o[k[j]] = x[k[j]];
    }
    return o;
  }`,
  $omit: `function $omit(x, names) {
    var r = {}, k, i;
    if (x == null) throw new TypeError("Can't read property of " + x);
    k = Object.keys(x);
    names = names.map(String);
    for (i = 0; i < k.length; i++) if (names.indexOf(k[i]) < 0) r[k[i]] = x[k[i]];
    return r;
  }`,
  /** A function that gets its arguments as a list. */
  $passing: `function $passing(f) { return function () { return f.call(this, [].slice.call(arguments)); }; }`,
  $strings: `function $strings(cooked, raw) { cooked.raw = raw; return cooked; }`,
  $hide: `function $hide(o, k, v) { Object.defineProperty(o, k, { value: v, writable: true }); }`,
  $get: `function $get(o, k, self) {
    var d;
    for (; o && o !== Object.prototype; o = Object.getPrototypeOf(o)) {
      d = Object.getOwnPropertyDescriptor(o, k);
      if (d) return d.get ? d.get.call(self) : o[k];
    }
  }`,
  $set: `function $set(o, k, self, v) {
    var d;
    for (; o && o !== Object.prototype; o = Object.getPrototypeOf(o)) {
      d = Object.getOwnPropertyDescriptor(o, k);
      if (d && d.set) { d.set.call(self, v); return v; }
    }
    return self[k] = v;
  }`,
  /** What a class inherits of its parent's statics: accessors for those that may change later, and copies of the others. */
  $statics: `function $statics(c, p, live) { //@live-statics
  function $statics(c, p) { //@no-live-statics
    Object.getOwnPropertyNames(p).forEach(function (k) {
      if (["prototype", "length", "name", "arguments", "caller"].indexOf(k) >= 0) return;
      if (live.indexOf(k) >= 0) return; //@live-statics
      var d = Object.getOwnPropertyDescriptor(p, k);
      if (d.get || d.set) Object.defineProperty(c, k, d);
      else c[k] = p[k];
    });
    live.forEach(function (k) { Object.defineProperty(c, k, { get: function () { return p[k]; }, set: function (v) { $define(c, k, v); }, configurable: true }); }); //@live-statics
  }`,
  /** What \`for…in\` visits, but for the methods of classes. */
  $keys: `function $keys(o) {
    var r = [], k, i, own;
    if (typeof o == "string") return o.split("").map(function (c, i) { return "" + i; });
    for (; o != null && o != Object.prototype && o != Array.prototype && o != Function.prototype; o = Object.getPrototypeOf(o)) {
      if (Object.getOwnPropertyNames(o).indexOf("constructor") >= 0 && o.constructor.prototype == o && $made(o)) continue;
      k = Object.keys(o);
      for (i = 0; i < k.length; i++) if (r.indexOf(k[i]) < 0 && !(k[i] == "prototype" && typeof o == "function")) r.push(k[i]);
    }
    return r;
  }`,
  /** Whether a key that \`for…in\` comes to has not been deleted. */
  $still: `function $still(o, k) { return typeof o == "string" || k in o; }`,
  $made: `function $made(o) { return Object.getOwnPropertyNames(o).indexOf("constructor") >= 0; }`,
  $generator: `function $generator(f) {
    var c = { n: 0, t: 0, f: 0 }, it = {};
    function go(v, m) {
      var s;
      for (;;) {
        s = c.n;
        if (m) {
          s = m > 1 ? c.f : c.t;
          if (!s) {
            c.n = -1;
            c.t = c.f = 0;
            if (m > 1) return { value: v, done: true };
            throw v;
          }
          c.t = 0;
        } else if (s < 0) return { value: void 0, done: true };
        c.n = -1;
        try {
          v = f(c, s, v);
          break;
        } catch (e) {
          v = e;
          m = 1;
        }
      }
      if (c.n < 0) c.t = c.f = 0;
      return { value: v, done: c.n < 0 };
    }
    $hide(it, "next", function (v) { return go(v, 0); });
    $hide(it, "throw", function (e) { return go(e, 1); });
    $hide(it, "return", function (v) { return go(v, 2); });
    $hide(it, $iterator, function () { return it; });
    return it;
  }`,
  $read: `function $read(x) { return x === 0; }`,
} as const;
