/**
 * Errors according to the standard. The interpreter throws plain Errors, so only the message of an error shows which class
 * it would have in the standard.
 */
export const ERROR_SOURCES = {
  /** In the interpreter a TypeError is not an instance of Error. */
  $kinds: `[TypeError, SyntaxError, ReferenceError].forEach(function (E) { E.prototype.__proto__ = Error.prototype; });`,
  $errorText: `function $errorText() {
    var n = String(this.name), m = this.message;
    return m ? n + ": " + m : n;
  }`,
  /** Names of errors, and texts of those that a class made. */
  $errors: `[Error, TypeError, SyntaxError, ReferenceError].forEach(function (E, i) {
    E.prototype.name = ["Error", "TypeError", "SyntaxError", "ReferenceError"][i];
    E.prototype.toString = $errorText;
  });`,
  $error: `function $error(e, m, o) {
    if (m !== void 0) Object.defineProperty(e, "message", { value: "" + m, writable: true, configurable: true });
    if (o && "cause" in o) Object.defineProperty(e, "cause", { value: o.cause, writable: true, configurable: true });
    return e;
  }`,
  /** For a program that reads stacks: an error that a class of the program makes has none otherwise. */
  $tracedError: `function $tracedError(e, m, o) {
    Object.defineProperty(e, "stack", { value: Error(m).stack, writable: true, configurable: true });
    return $error(e, m, o);
  }`,
  $errorType: `function $errorType(name, known) {
    if (known) return known;
    function E(m, o) {
      if (!(this instanceof E)) return new E(m, o);
      $error(this, m, o);
    }
    E.prototype = { __proto__: Error.prototype, constructor: E, name: name, message: "", toString: $errorText };
    return E;
  }`,
  $AggregateError: `var $AggregateError = typeof AggregateError == "function" ? AggregateError : (function () {
    function E(errors, m, o) {
      if (!(this instanceof E)) return new E(errors, m, o);
      $error(this, m, o);
      this.errors = $list(errors);
    }
    E.prototype = { __proto__: Error.prototype, constructor: E, name: "AggregateError", message: "", toString: $errorText };
    return E;
  })();`,
  $RangeError: `var $RangeError = $errorType("RangeError", typeof RangeError == "function" && RangeError);`,
  $EvalError: `var $EvalError = $errorType("EvalError", typeof EvalError == "function" && EvalError);`,
  $URIError: `var $URIError = $errorType("URIError", typeof URIError == "function" && URIError);`,
  $reclass: `function $reclass(e, texts, E) {
    var i, m = e && e.constructor === Error && e.message;
    if (typeof m == "string") for (i = 0; i < texts.length; i++) if (!m.indexOf(texts[i])) {
      e.__proto__ = E.prototype;
      break;
    }
    return e;
  }`,
  $typed: `function $typed(e) {
    return $reclass(e, ["Can't read property '", "Can't use 'in'", 'Function "', "Function not found!", "Expecting f", "Constructor should", "First argument must", "Second argument", "Used on empty array", "Must be called on", "Field or method", "Illegal resolving", "FOR loop can only"], TypeError);
  }`,
  $ranged: `function $ranged(e) {
    return $reclass(e, ["Invalid array length", "Invalid count value", "Invalid length for A", "byteOffset too", "Offset is o", "Start offset", "Too much recursion"], $RangeError);
  }`,
} as const;
