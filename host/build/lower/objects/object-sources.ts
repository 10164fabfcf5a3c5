/** Helpers for the properties of objects: accessors, and the members that every object of Espruino has. */
export const OBJECT_SOURCES = {
  /** Defines a getter beside the setter that the object has by that key, or a setter beside the getter. */
  $accessor: `function $accessor(o, k, d) {
    var old = Object.getOwnPropertyDescriptor(o, k);
    if (old && !d.get) d.get = old.get;
    if (old && !d.set) d.set = old.set;
    Object.defineProperty(o, k, d);
  }`,
  $defineAll: `function $defineAll(o, d) {
    Object.keys(d).forEach(function (k) { Object.defineProperty(o, k, d[k]); });
    return o;
  }`,
  /** To the interpreter the prototype of all objects is its own prototype, so that loops up the chain never end. */
  $protoOf: `function $protoOf(o) { return o === Object.prototype ? null : Object.getPrototypeOf(o); }`,
  $isPrototypeOf: `function $isPrototypeOf(p, o) {
    while (o != null && (o = $protoOf(o))) if (o === p) return true;
    return false;
  }`,
  $isEnumerable: `function $isEnumerable(o, k) { return Object.keys(o).indexOf("" + k) >= 0; }`,
  /** Gives an object the members of a prototype whose names are numbers: the interpreter finds only own ones. */
  $numbered: `function $numbered(o, p) {
    Object.getOwnPropertyNames(p).forEach(function (k) {
      if (k === String(k >>> 0) && !o.hasOwnProperty(k)) Object.defineProperty(o, k, Object.getOwnPropertyDescriptor(p, k));
    });
  }`,
  $define: `function $define(o, k, v) { return Object.defineProperty(o, k, { value: v, writable: true, configurable: true }); }`,
  $values: `function $values(o) { return Object.keys(o).map(function (k) { return o[k]; }); }`,
  $entries: `function $entries(o) { return Object.keys(o).map(function (k) { return [k, o[k]]; }); }`,
  /**
   * Ignores members that the interpreter gives to every object. Those that the standard gives to every
   * object, such as valueOf, have longer names.
   */
  $own: `function $own(v, k) { return k && k.length < 6 && v === Object.prototype[k] ? void 0 : v; }`,
  $in: `function $in(k, o) { return k in o && (!(k && k.length < 6) || o.hasOwnProperty(k) || o[k] !== Object.prototype[k]); }`,
} as const;
