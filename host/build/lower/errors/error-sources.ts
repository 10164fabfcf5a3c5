/**
 * Which class an error of the interpreter has in the standard. The interpreter makes plain Errors, which its texts tell
 * from those that a program makes.
 */
export const ERROR_SOURCES = {
  $reclass: `function $reclass(e, texts, E) {
    var i, m = e && e.constructor === Error && e.message;
    if (typeof m == "string") for (i = 0; i < texts.length; i++) if (!m.indexOf(texts[i])) {
      e.__proto__ = E.prototype;
      break;
    }
    return e;
  }`,
  $typed: `function $typed(e) {
    return $reclass(e, ["Can't read property '", "Can't use 'in'", 'Function "', "Function not found!", "Expecting f", "Constructor should", "First argument must", "Second argument", "Used on empty array", "Must be called on", "Field or method", "Illegal resolving"], TypeError);
  }`,
  $ranged: `function $ranged(e) {
    return $reclass(e, ["Invalid array length", "Invalid count value", "Invalid length for A", "byteOffset too", "Too much recursion"], $RangeError);
  }`,
} as const;
