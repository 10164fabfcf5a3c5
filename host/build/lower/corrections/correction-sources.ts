/** Replacements for what Espruino has but does otherwise than the standard. */
export const CORRECTION_SOURCES = {
  /** Exact for whole exponents, where the interpreter goes by logarithms: 2 to the 32 must be 4294967296. */
  $pow: `function $pow(x, n) {
    var r = 1, m = n < 0 ? -n : n;
    if (m !== Math.floor(m) || !(m < 1100)) return Math.pow(x, n);
    for (; m; m = Math.floor(m / 2), x *= x) if (m % 2) r *= x;
    return n < 0 ? 1 / r : r;
  }`,
  $sort: `function $sort(a, f) {
    var b, i;
    if (!Array.isArray(a)) return a.sort(f);
    b = a.map(function (v, i) { return { v: v, i: i }; });
    b.sort(function (x, y) {
      return (x.v === void 0 ? (y.v === void 0 ? 0 : 1) : y.v === void 0 ? -1 : f(x.v, y.v)) || x.i - y.i;
    });
    for (i = 0; i < b.length; i++) a[i] = b[i].v;
    return a;
  }`,
  $split: `function $split(s, by, n) {
    var a;
    if (typeof s != "string") return s.split(by, n);
    a = s.split(by);
    if (!a.length && by !== "") a[0] = s;
    return n === void 0 ? a : a.slice(0, n >>> 0);
  }`,
  $replaceAll: `function $replaceAll(s, what, f) {
    var i = 0, j, out = "";
    if (typeof s != "string" || typeof what != "string" || typeof f != "function") return s.replaceAll(what, f);
    while ((j = s.indexOf(what, i)) >= 0) {
      out += s.slice(i, j) + f(what, j, s);
      i = j + what.length;
      if (!what.length) break;
    }
    return out + s.slice(i);
  }`,
  $replace: `function $replace(s, what, f) {
    var i;
    if (typeof s != "string" || typeof what != "string" || typeof f != "function") return s.replace(what, f);
    i = s.indexOf(what);
    return i < 0 ? s : s.slice(0, i) + f(what, i, s) + s.slice(i + what.length);
  }`,
  $cause: `function $cause(e, o) {
    if (o && "cause" in o) Object.defineProperty(e, "cause", { value: o.cause, writable: true, configurable: true });
    return e;
  }`,
  $length: `function $length(a, n) {
    if (!Array.isArray(a)) return a.length = n;
    if (n < a.length) a.splice(n);
    while (a.length < n) a.push(void 0);
    return n;
  }`,
  $revive: `function $revive(o, k, f) {
    var x = o[k], i, keys, v;
    if (x && typeof x == "object") {
      keys = Object.keys(x);
      for (i = 0; i < keys.length; i++) {
        v = $revive(x, keys[i], f);
        if (v === void 0) delete x[keys[i]];
        else x[keys[i]] = v;
      }
    }
    return f.call(o, k, x);
  }`,
  /** Whether a text is a number as JSON writes one. */
  $numeral: `function $numeral(t) {
    var i = t[0] == "-" ? 1 : 0, k = 0, c, first = i, digits = 0;
    for (; i < t.length; i++) {
      c = t[i];
      if (c >= "0" && c <= "9") digits++;
      else if (!digits) return false;
      else if (c == "." && k == 0) k = 1, digits = 0;
      else if ((c == "e" || c == "E") && k < 2) {
        k = 2;
        digits = 0;
        if (t[i + 1] == "-" || t[i + 1] == "+") i++;
      } else return false;
    }
    return digits > 0 && !(t[first] == "0" && t[first + 1] >= "0" && t[first + 1] <= "9");
  }`,
  /** JSON as the standard has it: the interpreter takes trailing commas, other quotes and what comes after. */
  $parse: `function $parse(s, f) {
    var i = 0, c, open = [], want = 1, v, j;
    s = "" + s;
    function bad() { throw new SyntaxError("Unexpected " + (i < s.length ? "token " + s[i] : "end") + " in JSON at position " + i); }
    for (; i < s.length; i++) {
      c = s[i];
      if (c == " " || c == "\\n" || c == "\\r" || c == "\\t") continue;
      if (c == '"') {
        for (j = i; (c = s[++i]) != '"'; ) {
          if (c === void 0 || c < " ") bad();
          if (c == "\\\\" && '"\\\\/bfnrtu'.indexOf(s[++i] || "x") < 0) bad();
        }
        if (want == 3 || want == 4) want = 5;
        else if (want == 1 || want == 2) want = 0;
        else bad();
      } else if (c == "{" || c == "[") {
        if (want != 1 && want != 2) bad();
        open.push(c);
        want = c == "{" ? 3 : 2;
      } else if (c == "}" || c == "]") {
        if ((want && want != (c == "}" ? 3 : 2)) || open.pop() != (c == "}" ? "{" : "[")) bad();
        want = 0;
      } else if (c == ",") {
        if (want || !open.length) bad();
        want = open[open.length - 1] == "{" ? 4 : 1;
      } else if (c == ":") {
        if (want != 5) bad();
        want = 1;
      } else {
        if (want != 1 && want != 2) bad();
        for (j = i; i < s.length && ",]} \\n\\r\\t".indexOf(s[i]) < 0; i++);
        v = s.slice(j, i--);
        if (v != "true" && v != "false" && v != "null" && !$numeral(v)) bad();
        want = 0;
      }
    }
    if (want || open.length) bad();
    v = JSON.parse(s);
    return f ? $revive({ "": v }, "", f) : v;
  }`,
  /** JSON.stringify with a replacer or an indent. */
  $stringify: `function $stringify(x, f, indent) {
    var list = Array.isArray(f) ? f.map(String) : null;
    if (typeof indent == "number") indent = "          ".slice(0, indent);
    indent = indent ? indent.slice(0, 10) : "";
    function text(o, k, pad) {
      var v = o[k], r = [], deep = pad + indent, i, keys, s, isList;
      if (v && typeof v.toJSON == "function") v = v.toJSON(k);
      if (f && !list) v = f.call(o, k, v);
      if (v === void 0 || typeof v == "function") return;
      if (v === null || typeof v != "object") return JSON.stringify(v);
      isList = Array.isArray(v);
      keys = isList ? v : list || Object.keys(v);
      for (i = 0; i < keys.length; i++) {
        s = text(v, isList ? "" + i : keys[i], deep);
        if (isList) r.push(s === void 0 ? "null" : s);
        else if (s !== void 0) r.push(JSON.stringify(keys[i]) + (indent ? ": " : ":") + s);
      }
      s = r.length && indent ? "\\n" + deep + r.join(",\\n" + deep) + "\\n" + pad : r.join(",");
      return isList ? "[" + s + "]" : "{" + s + "}";
    }
    return text({ "": x }, "", "");
  }`,
  $named: `function $named(f, name) { Object.defineProperty(f, "name", { value: name, configurable: true }); return f; }`,
} as const;
