import type { HelperSource, Surroundings } from "./collection-sources.ts";

/**
 * Promises as the standard has them. Espruino's own run their reactions some turns too late, so that chains overtake
 * each other; report a rejection as unhandled though a handler comes in the same turn; lose a promise whose executor
 * keeps neither function; reject where a settled promise has no handler for its value; and call `then` of other objects
 * too early. Jobs are events of the interpreter, which come in order and before timers.
 *
 * The hidden member of a promise has its state `s` (1 if fulfilled, 2 if rejected), its reactions `v`, which are functions
 * of a value and a state, its value in their place once it is settled, and `h` once it has a handler.
 *
 * A program that names no `then`, `catch` and `finally` sees no chain, and the only other promises in it are those of the
 * interpreter. So there `$await` and `$settle` have a cheap form. Without the name `Promise` it needs no class either.
 */

/** Helpers that use what \`then\` gives. */
const CHAINING = ["$asyncIterator", "$asyncGenerator", "$abandonLater"] as const;

function hasChains({ traits, helpers }: Surroundings): boolean {
  return traits.chains || CHAINING.some((name) => helpers.has(name));
}

const SETTLED = `p.v = v;
      l.forEach((r) => { $job(r, v, s); });
      if (s > 1 && !p.h) $job(setTimeout, () => { if (!p.h) Promise.reject(v); }, 0);`;

function settleSource(around: Surroundings): string {
  if (!hasChains(around)) {
    return `function $settle(q, v, s) {
    var p = q["\\xffp"], l = p.v;
    if (!s && (v instanceof $Promise || (v && v.then))) $job($await, v, (v, s) => { $settle(q, v, s); });
    else {
      p.s = s = s || 1;
      ${SETTLED}
    }
  }`;
  }
  return `function $settle(q, v, s) {
    var p = q["\\xffp"], l = p.v, f;
    if (!s) try {
      s = 1;
      if (v === q) throw new TypeError("A promise waits for itself");
      f = v && v.then;
    } catch (e) { s = 2; v = e; }
    if (typeof f == "function") $job($run, q, f, v);
    else {
      p.s = s;
      ${SETTLED}
    }
  }`;
}

function awaitSource(around: Surroundings): string {
  const own = `p.h = 1;
      if (p.s) $job(r, p.v, p.s);
      else p.v.push(r);`;
  if (hasChains(around)) {
    return `function $await(v, r) {
    var p = $Promise.resolve(v)["\\xffp"];
    ${own}
  }`;
  }
  return `function $await(v, r) {
    var p;
    if (v instanceof $Promise) {
      p = v["\\xffp"];
      ${own}
    } else if (v && v.then && v.then.call) v.then((v) => { r(v, 1); }, (v) => { r(v, 2); });
    else $job(r, v, 1);
  }`;
}

/** By `call`, the reaction has no name of the build in a stack trace. */
const THEN = `$Promise.prototype.then = function (ok, no) {
    var q = new $Promise();
    $await(this, (v, s) => {
      var f = s > 1 ? no : ok;
      if (typeof f == "function") try { v = f.call(void 0, v); s = 0; } catch (e) { v = e; s = 2; }
      $settle(q, v, s);
    });
    return q;
  };`;

/** Members that come along only where the program names or needs them. */
const MEMBERS: Readonly<Record<string, string>> = {
  catch: `$Promise.prototype["catch"] = function (no) { return this.then(void 0, no); };`,
  resolve: `$Promise.resolve = function (v) {
    var q = v;
    if (!(v instanceof $Promise)) $settle(q = new $Promise(), v);
    return q;
  };`,
  reject: `$Promise.reject = function (e) {
    var q = new $Promise();
    $settle(q, e, 2);
    return q;
  };`,
};

function promiseSource(around: Surroundings): string {
  const { names, traits } = around;
  const chains = hasChains(around);
  const needed = Object.keys(MEMBERS).filter((name) => {
    if (name === "resolve" && chains) return true;
    return names.has(name) && (name === "catch" || traits.promises);
  });
  return [
    traits.promises
      ? `function $Promise(f) { this["\\xffp"] = { v: [] }; if (f) $run(this, f); }`
      : `function $Promise() { this["\\xffp"] = { v: [] }; }`,
    ...(chains ? [THEN] : []),
    ...needed.map((name) => MEMBERS[name]),
  ].join("\n");
}

const ASYNC = `function $async(f) {
    var q = new $Promise(), c = { n: 0, t: 0 };
    function go(v, m) {
      var s;
      do {
        s = c.n;
        if (m > 1) {
          s = c.t;
          c.t = 0;
          if (!s) break;
        }
        c.n = -1;
        try {
          v = f(c, s, v);
          m = 0;
        } catch (e) {
          v = e;
          m = 2;
        }
      } while (m);
      if (m || c.n < 0) $settle(q, v, m);
      else $await(v, go);
    }
    go();
    return q;
  }`;

/** Requests wait in `queue` until those before them are settled; `m` is 0 for next, 1 for throw, 2 for return. */
const ASYNC_GENERATOR = `function $asyncGenerator(f) {
    var c = { n: 0, t: 0, f: 0, y: 0 }, queue = [], it = {};
    function call(v, m) {
      var q = new $Promise();
      if (queue.push({ q: q, v: v, m: m }) < 2) run(v, m);
      return q;
    }
    function run(v, m) {
      while (!waits(v, m)) {
        queue.shift();
        if (!queue.length) return;
        v = queue[0].v;
        m = queue[0].m;
      }
    }
    function waits(v, m) {
      var s, q = queue[0].q;
      if (m == 2) {
        $await(v, (v, s) => { run(v, s > 1 ? 1 : 3); });
        return 1;
      }
      do {
        s = c.n;
        if (m) {
          s = m > 1 ? c.f : c.t;
          c.t = 0;
        }
        if (m ? !s : s < 0) {
          c.n = -1;
          c.f = 0;
          if (m == 1) $settle(q, v, 2);
          else $settle(q, { value: m ? v : void 0, done: true }, 1);
          return 0;
        }
        c.n = -1;
        c.y = 0;
        try {
          v = f(c, s, v);
          m = 0;
        } catch (e) {
          v = e;
          m = 1;
        }
      } while (m);
      if (c.n < 0) c.t = c.f = 0;
      else if (!c.y) {
        $await(v, (v, s) => { run(v, s - 1); });
        return 1;
      }
      $settle(q, { value: v, done: c.n < 0 }, 1);
      return 0;
    }
    it.next = function (v) { return call(v, 0); };
    it["throw"] = function (e) { return call(e, 1); };
    it["return"] = function (v) { return call(v, 2); };
    it[$asyncKey] = function () { return it; };
    return it;
  }`;

/** Only a job that runs `then` of another object has three arguments. */
function stepSource(around: Surroundings): string {
  return `function $step() {
    var j = $jobs.shift();
    if (j) j[0](j[1], j[2]${hasChains(around) ? ", j[3]" : ""});
  }`;
}

function jobSource(around: Surroundings): string {
  const given = hasChains(around) ? "a, b, c" : "a, b";
  // Timers must find the jobs in a list. Each job has its event, so that one that is aborted takes no other along.
  return around.helpers.has("$after")
    ? `$jobs.on("x", $step);
  function $job(f, ${given}) {
    $jobs.push([f, ${given}]);
    $jobs.emit("x");
  }`
    : `$jobs.on("x", (f, ${given}) => { f(${given}); });
  function $job(f, ${given}) { $jobs.emit("x", f, ${given}); }`;
}

export const PROMISE_SOURCES: Readonly<Record<`$${string}`, HelperSource>> = {
  $jobs: ({ helpers }) => `var $jobs = ${helpers.has("$after") ? "[]" : "{}"};`,
  $step: stepSource,
  $job: jobSource,
  /** The callback of a timer, which runs the jobs before it. */
  $after: `function $after(f) {
    return function () {
      while ($jobs.length) $step();
      f.apply(this, arguments); //@timer-arguments
      f.call(); //@no-timer-arguments
    };
  }`,
  /** Runs an executor, or the \`then\` of another object, which may settle the promise once. */
  $run: (around) => `function $run(q, f, self) {
    function end(s) { return (v) => { var p = q; q = 0; if (p) $settle(p, v, s); }; }
    try { ${hasChains(around) ? "f.call(self, " : "f("}end(), end(2)); } catch (e) { end(2)(e); }
  }`,
  $settle: settleSource,
  /** Calls a reaction with the outcome of a value: what it is fulfilled or rejected with, and its state. */
  $await: awaitSource,
  $Promise: promiseSource,
  $async: ASYNC,
  $asyncGenerator: ASYNC_GENERATOR,
};
