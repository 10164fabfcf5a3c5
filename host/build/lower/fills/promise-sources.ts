/**
 * Promises as the standard has them. Espruino's own run their reactions some turns too late, so that chains overtake
 * each other; call a rejection unhandled though a handler comes in the same turn; lose a promise whose executor keeps
 * neither function; and call `then` of other objects too early. Jobs are events of the interpreter, which come in order
 * and before timers. Where the interpreter has `Promise.any` (as Node does), its own promises are right.
 */
export const PROMISE_SOURCES = {
  $Promise: `var $Promise = Promise.any ? Promise : (function () {
    var jobs = {};
    jobs.on("x", function (f, a, b, c) { f(a, b, c); });
    function P(f) {
      var p = this["\\xffp"] = { s: 0, v: void 0, l: [], h: 0 };
      if (f !== 0) run(p, f);
    }
    function run(p, f, self) {
      var done = 0;
      function ok(v) { if (!done) { done = 1; resolve(p, v); } }
      function no(e) { if (!done) { done = 1; settle(p, 2, e); } }
      try { f.call(self, ok, no); } catch (e) { no(e); }
    }
    function resolve(p, v) {
      var then, bad = 0;
      try {
        if (v && (typeof v == "object" || typeof v == "function")) {
          if (v["\\xffp"] === p) throw new TypeError("A promise waits for itself");
          then = v.then;
        }
      } catch (e) { bad = 1; v = e; }
      if (!bad && typeof then == "function") jobs.emit("x", run, p, then, v);
      else settle(p, 1 + bad, v);
    }
    function settle(p, s, v) {
      var l = p.l, i;
      p.s = s;
      p.v = v;
      p.l = 0;
      for (i = 0; i < l.length; i++) jobs.emit("x", react, p, l[i]);
      if (s > 1 && !p.h) jobs.emit("x", watch, p);
    }
    function watch(p) { if (!p.h) setTimeout(function () { if (!p.h) Promise.reject(p.v); }, 0); }
    function react(p, r) {
      var v = p.v, s = p.s, f = r[s - 1];
      if (typeof f == "function") try { v = f.call(void 0, v); s = 1; } catch (e) { v = e; s = 2; }
      if (s > 1) settle(r[2], 2, v);
      else resolve(r[2], v);
    }
    P.prototype.then = function (ok, no) {
      var p = this["\\xffp"], q = new P(0), r = [ok, no, q["\\xffp"]];
      p.h = 1;
      if (p.s) jobs.emit("x", react, p, r);
      else p.l.push(r);
      return q;
    };
    P.prototype["catch"] = function (no) { return this.then(void 0, no); };
    P.resolve = function (v) {
      if (v instanceof P) return v;
      var q = new P(0);
      resolve(q["\\xffp"], v);
      return q;
    };
    P.reject = function (e) {
      var q = new P(0);
      settle(q["\\xffp"], 2, e);
      return q;
    };
    return P;
  })();`,
} as const;
