import type { HelperSource } from "../fills/collection-sources.ts";

/** What `Object.prototype.toString` tells of a value. Espruino's own gives the text of the value. */
export const CLASS_SOURCES = {
  $classOf: ({ helpers, traits }) => `function $classOf(x) {
    var t = ${traits.symbols ? "$typeof(x)" : "typeof x"}, i,
      names = "Date RegExp Promise ArrayBuffer DataView Uint8Array Int8Array Uint8ClampedArray Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array".split(" ");
    if (x === null) t = "null";
    else if (x === Math) t = "Math";
    else if (x === JSON) t = "JSON";
    else if (t == "object") {
      if (Array.isArray(x)) t = "array";
      else if (x instanceof Error) t = x.hasOwnProperty("constructor") ? t : "error";
      ${["$Map", "$Set", "$WeakMap", "$WeakSet", "$Promise"]
        .filter((name) => helpers.has(name as "$Map"))
        .map((name) => `else if (x instanceof ${name}) t = "${name.slice(1)}";`)
        .join("\n")}
      else for (i = 0; i < names.length; i++) if (x instanceof globalThis[names[i]]) t = names[i];
    }
    return "[object " + t[0].toUpperCase() + t.slice(1) + "]";
  }`,
  $classOfThis: `function $classOfThis() { return $classOf(this); }`,
} as const satisfies Readonly<Record<string, HelperSource>>;
