import type { HelperSource } from "./collection-sources.ts";

/**
 * Promises as the standard has them. Espruino's own run their reactions some turns too late, so that chains overtake
 * each other; report a rejection as unhandled though a handler comes in the same turn; lose a promise whose executor
 * keeps neither function; and call `then` of other objects too early. Jobs are events of the interpreter, which come in
 * order and before timers. Where the interpreter has `Promise.any` (as Node does), its own promises are right.
 *
 * Rejections without a handler are reported once no job runs between two looks ("y"), so that no job is left.
 *
 * The state of a promise has `s` (1 if fulfilled, 2 if rejected), its value `v`, its reactions `l`, and `h` once it has a
 * handler. The members that are not there from the start are undefined.
 */
const CORE = `
    var jobs = {}, bad = [], busy;
    jobs.on("x", function (f, a, b, c) { busy = 1; f(a, b, c); });
    jobs.on("y", function () {
      var l = bad;
      if (busy) {
        busy = 0;
        return jobs.emit("y");
      }
      bad = [];
      l.forEach(function (p) { if (!p.h) Promise.reject(p.v); });
    });
    function P(f) {
      var p = this["\\xffp"] = { l: [] };
      if (f) run(p, f);
    }
    function run(p, f, self) {
      var done;
      function ok(v) { if (!done) { done = 1; resolve(p, v); } }
      function no(e) { if (!done) { done = 1; settle(p, 2, e); } }
      try { f.call(self, ok, no); } catch (e) { no(e); }
    }
    function resolve(p, v) {
      var then, s = 1;
      try {
        then = v && v.then;
        if (then && v["\\xffp"] === p) throw new TypeError("A promise waits for itself");
      } catch (e) { s = 2; v = e; then = 0; }
      if (typeof then == "function") jobs.emit("x", run, p, then, v);
      else settle(p, s, v);
    }
    function settle(p, s, v) {
      var l = p.l;
      p.s = s;
      p.v = v;
      p.l = 0;
      l.forEach(function (r) { jobs.emit("x", react, p, r); });
      if (s > 1 && !p.h && bad.push(p) < 2) {
        busy = 1;
        jobs.emit("y");
      }
    }
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
    P.resolve = function (v) {
      if (v instanceof P) return v;
      var q = new P(0);
      resolve(q["\\xffp"], v);
      return q;
    };`;

/** Members that come along only where the program spells out their names. */
const MEMBERS: Readonly<Record<string, string>> = {
  catch: `
    P.prototype["catch"] = function (no) { return this.then(void 0, no); };`,
  reject: `
    P.reject = function (e) {
      var q = new P(0);
      settle(q["\\xffp"], 2, e);
      return q;
    };`,
};

export const PROMISE_SOURCES: Readonly<Record<"$Promise", HelperSource>> = {
  $Promise: ({ names }) => {
    const members = Object.keys(MEMBERS).filter((name) => names.has(name));
    const source = [CORE, ...members.map((name) => MEMBERS[name])].join("");
    return `var $Promise = Promise.any ? Promise : (function () {${source}
    return P;
  })();`;
  },
};
