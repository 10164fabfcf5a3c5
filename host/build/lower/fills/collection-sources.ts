import type { HelperName, Traits } from "../../program/program.ts";

/** What a source of the prelude may depend on: the program's words, and the other helpers that go with it. */
export interface Surroundings {
  /** Every member and every text that the program spells out. */
  readonly names: ReadonlySet<string>;
  readonly helpers: ReadonlySet<HelperName>;
  readonly traits: Traits;
}

export type HelperSource = string | ((around: Surroundings) => string);

/** What Map and Set share. The state is hidden under a key that Espruino does not list. */
const SHARED: Readonly<Record<string, string>> = {
  size: `get size() { return this["\\xff"].n; }`,
  has: `has: function (k) { return $find(this["\\xff"].k, k) >= 0; }`,
  delete: `"delete": function (k) {
    var s = this["\\xff"], i = $find(s.k, k);
    if (i < 0) return false;
    delete s.k[i];
    delete s.v[i];
    s.n--;
    return true;
  }`,
  clear: `clear: function () {
    var s = this["\\xff"];
    Object.keys(s.k).forEach(function (i) { delete s.k[i]; delete s.v[i]; });
    s.n = 0;
  }`,
  keys: `keys: function () { return $walk(this, function (k) { return k; }); }`,
  values: `values: function () { return $walk(this, function (k, v) { return v; }); }`,
  entries: `entries: function () { return $walk(this, function (k, v) { return [k, v]; }); }`,
  forEach: `forEach: function (f, self) {
    var m = this, w = $walk(m, function (k, v) { f.call(self, v, k, m); });
    while (!w.next().done);
  }`,
};

const GET = `get: function (k) { var s = this["\\xff"]; return s.v[$find(s.k, k)]; }`;

const setter = (check: string): string => `set: function (k, v) {
  var s = this["\\xff"], i = $find(s.k, k);
  ${check}
  if (i < 0) { i = s.k.push(k) - 1; s.n++; }
  s.v[i] = v;
  return this;
}`;

const adder = (check: string): string => `add: function (k) {
  var s = this["\\xff"];
  ${check}
  if ($find(s.k, k) < 0) { s.k.push(k); s.n++; }
  return this;
}`;

const WEAK_KEY = `if (k === null || (typeof k != "object" && typeof k != "function")) throw new TypeError("Invalid value used as a weak key");`;

const ENTERING: readonly HelperName[] = ["$enter", "$enterAll", "$anyCollection"];
const ITERATING: readonly HelperName[] = ["$list", "$each", "$iterate", "$asyncIterator"];
const uses = (around: Surroundings, names: readonly HelperName[]): boolean =>
  names.some((name) => around.helpers.has(name));

/** The members that the program names, as the body of an object literal. */
function membersOf(
  around: Surroundings,
  members: Readonly<Record<string, string>>,
  always: string[],
): string {
  return Object.entries(members)
    .filter(([name]) => around.names.has(name) || always.includes(name))
    .map(([, text]) => text)
    .join(", ");
}

const collection = (name: string, members: Readonly<Record<string, string>>, isSet: 0 | 1) => {
  return (around: Surroundings): string => {
    const always = uses(around, ENTERING) ? ["set", "add"] : [];
    const kind = isSet ? ", 1" : "";
    return `var $${name} = typeof ${name} == "function" ? ${name} : $collection({ ${membersOf(around, members, always)} }${kind});`;
  };
};

/**
 * Map, Set and their weak forms, with those of their methods that the program names. Keys and values stand in two
 * arrays at the same index; what is deleted leaves a hole, which costs nothing on Espruino and keeps the indices of the
 * others, so that a running iterator goes on where it is.
 */
export const COLLECTION_SOURCES: Readonly<Record<HelperName, HelperSource>> = {
  $find: `function $find(keys, k) {
    return k === k ? keys.indexOf(k) : keys.findIndex(function (x) { return x !== x; });
  }`,
  /** An iterator over what is in a collection, including what comes in meanwhile. */
  $walk: `function $walk(m, f) {
    var s = m["\\xff"], left = [], n = 0, it = {
      next: function () {
        var i;
        for (;;) {
          if (left.length) {
            i = left.shift();
            if (i in s.k) return { value: f(s.k[i], s.v[i]), done: false };
          } else if (n < s.k.length) {
            left = Object.keys(s.k);
            while (left[0] < n) left.shift();
            n = s.k.length;
          } else {
            n = 1 / 0;
            return { value: void 0, done: true };
          }
        }
      }
    };
    it[$iterator] = function () { return it; };
    return it;
  }`,
  $collected: (around) => {
    const always = uses(around, ITERATING)
      ? [...(around.helpers.has("$Map") ? ["entries"] : []), ...(around.helpers.has("$Set") ? ["keys"] : [])]
      : [];
    return `var $collected = { ${membersOf(around, SHARED, always)} };`;
  },
  $collection: (around) => `function $collection(p, isSet) {
    function C(list) {
      var k = [];
      this["\\xff"] = { k: k, v: isSet ? k : [], n: 0 };
      ${around.helpers.has("$anyCollection") ? "$enterAll(this, list);" : ""}
    }
    p.__proto__ = $collected;
    ${around.names.has("constructor") ? "p.constructor = C;" : ""}
    ${uses(around, ITERATING) ? `p[$iterator] = isSet ? p.keys : p.entries;` : ""}
    C.prototype = p;
    return C;
  }`,
  /** Stands for the use of a collection as a value, which gets its content by \`new\` then. */
  $anyCollection: "",
  $Map: collection("Map", { get: GET, set: setter("") }, 0),
  $Set: collection("Set", { add: adder("") }, 1),
  /** Nothing here is weak, but nothing that a program can see differs. */
  $WeakMap: collection("WeakMap", { get: GET, set: setter(WEAK_KEY) }, 0),
  $WeakSet: collection("WeakSet", { add: adder(WEAK_KEY) }, 1),
  /** Fills a new collection from an array. */
  $enter: `function $enter(m, list) {
    for (var i = 0; i < list.length; i++) m.add ? m.add(list[i]) : m.set(list[i][0], list[i][1]);
    return m;
  }`,
  $enterAll: `function $enterAll(m, list) { return list == null ? m : $enter(m, $list(list)); }`,
  $groupMap: `function $groupMap(l, f) {
    var k = [], g = [], i = 0;
    $list(l).forEach(function (x) {
      var y = f(x, i++), n = $find(k, y);
      if (n < 0) {
        n = k.push(y) - 1;
        g.push([y, []]);
      }
      g[n][1].push(x);
    });
    return $enter(new $Map(), g);
  }`,
};
