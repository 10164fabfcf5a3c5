import type { HelperSource } from "../fills/collection-sources.ts";

/** Helpers that make lists of what can be looped over. A Map's iterator has no `return`; an iterator of the program may have one. */
export const LIST_SOURCES: Readonly<Record<`$${string}`, HelperSource>> = {
  /** The elements of anything that can be looped over, as an array of their own; with `n`, the first n of them. */
  $list: ({ traits }) =>
    traits.iterators
      ? `function $list(x, n) {
    var r = [], i, s;
    if (typeof x == "string") return x.split("");
    if (Array.isArray(x) || x.byteLength >= 0) return n ? x : [].slice.call(x);
    i = x[$iterator]();
    while (!(r.length >= n) && !(s = i.next()).done) r.push(s.value);
    if (!s || !s.done) $close(i);
    return r;
  }`
      : `function $list(x, n) {
    var r = [], i, s;
    if (typeof x == "string") return x.split("");
    if (x.length >= 0) return n ? x : [].slice.call(x);
    for (i = x[$iterator](); !(r.length >= n) && !(s = i.next()).done; ) r.push(s.value);
    return r;
  }`,
  /** The elements of an array, a text or a typed array, in a program where nothing else can be looped over. */
  $items: `function $items(x) {
    if (x.length === void 0) throw new TypeError("not iterable");
    return typeof x == "string" ? x.split("") : [].slice.call(x);
  }`,
  /** What an array's `for…of` can run over. */
  $each: `function $each(x) { return Array.isArray(x) || typeof x == "string" ? x : $list(x); }`,
};
