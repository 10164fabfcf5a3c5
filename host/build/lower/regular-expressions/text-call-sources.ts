/**
 * The methods of strings that take a pattern, as the standard has them. Lines for `//@own` come along where a regular
 * expression of the prelude's matcher may arrive: under the key \xffr it has a function that looks for a match from a
 * place on. On Node there are none, and the methods of strings do the work.
 */
export const TEXT_CALL_SOURCES = {
  /** A replacement text with its \`$\` filled in, for a match \`m\` at \`at\` in \`s\`. */
  $expand: `function $expand(t, m, at, s) {
    var out = "", i, c, d, e;
    for (i = 0; i < t.length; i++) {
      d = t[i];
      c = d == "$" && t[i + 1];
      if (c) {
        e = 1;
        if (c == "$");
        else if (c == "&") d = m[0];
        else if (c == "\`") d = s.slice(0, at);
        else if (c == "'") d = s.slice(at + m[0].length);
        else if (c >= "0" && c <= "9") { //@groups
          if (+t.substr(i + 1, 2) > 9 && +t.substr(i + 1, 2) < m.length) c = t.substr(i + 1, 2); //@groups
          if (c == "0" && t[i + 2] > "0" && t[i + 2] <= "9") c = t.substr(i + 1, 2); //@groups
          if (+c && +c < m.length) { d = m[+c] === void 0 ? "" : m[+c]; e = c.length; } else e = 0; //@groups
        } //@groups
        else if (c == "<" && m.groups && (e = t.indexOf(">", i) - i) > 0) { //@names
          d = m.groups[t.substr(i + 2, e - 2)]; //@names
          if (d === void 0) d = ""; //@names
        } //@names
        else e = 0;
        i += e;
      }
      out += d;
    }
    return out;
  }`,
  /** A replacement for the interpreter's own \`replace\` with a regular expression. */
  $by: `function $by(t) {
    return typeof t == "function" || (t = "" + t).indexOf("$") < 0 ? t : function () {
      var a = [].slice.call(arguments), s = a.pop(), n;
      if (typeof s == "object") { a.groups = s; s = a.pop(); } //@names
      n = a.pop();
      return $expand(t, a, n, s);
    };
  }`,
  $match: `function $match(s, r) {
    var m, a, i; //@own
    if (typeof s == "string" && r instanceof RegExp && r["\\xffr"]) { //@own
      if (r.flags.indexOf("g") < 0) return r.exec(s); //@own
      for (i = 0, a = []; (m = r["\\xffr"](s, i)); i = m.index + (m[0].length || 1)) a.push(m[0]); //@own
      r.lastIndex = 0; //@own
      return a.length ? a : null; //@own
    } //@own
    s = s.match(r);
    return s && s.length ? s : null;
  }`,
  $replace: `function $replace(s, r, by, all) {
    var out = "", i = 0, j, f = typeof by == "function";
    var m; //@own
    if (typeof s != "string") return all ? s.replaceAll(r, by) : s.replace(r, by);
    if (!f) by = "" + by;
    if (r instanceof RegExp && r["\\xffr"]) { //@own
      for (j = 0; (m = r["\\xffr"](s, j)); ) { //@own
        j = m.index; //@own
        out += s.slice(i, j); //@own
        out += f ? by.apply(void 0, m.concat([j, s], m.groups ? [m.groups] : [])) : by; //@own+no-expand
        out += f ? by.apply(void 0, m.concat([j, s], m.groups ? [m.groups] : [])) : $expand(by, m, j, s); //@own+expand
        i = j + m[0].length; //@own
        j = i + (m[0] ? 0 : 1); //@own
        if (r.flags.indexOf("g") < 0) break; //@own
      } //@own
      r.lastIndex = 0; //@own
      return out + s.slice(i); //@own
    } //@own
    if (r instanceof RegExp) return s.replace(r, $by(by)); //@regex-expand
    if (r instanceof RegExp) return s.replace(r, by); //@regexes
    r = "" + r;
    for (j = 0; j <= s.length; j = i + (r ? 0 : 1)) {
      if (r && ((j = s.indexOf(r, j)) < 0 || j + r.length > s.length)) break;
      out += s.slice(i, j) + (f ? by(r, j, s) : by); //@no-expand
      out += s.slice(i, j) + (f ? by(r, j, s) : $expand(by, [r], j, s)); //@expand
      i = j + r.length;
      if (!all) break;
    }
    return out + s.slice(i);
  }`,
  /** The interpreter's own finds "::" twice in ":::". */
  $split: `function $split(s, r, n) {
    var a, i, j;
    var p, q, m; //@own
    if (typeof s != "string") return s.split(r, n);
    if (r instanceof RegExp && r["\\xffr"]) { //@own
      for (a = [], p = q = 0; q < s.length && (m = r["\\xffr"](s, q)) && m.index < s.length; ) { //@own
        q = m.index + m[0].length; //@own
        if (q == p) q++; //@own
        else { //@own
          a.push(s.slice(p, m.index)); //@own
          for (p = 1; p < m.length; p++) a.push(m[p]); //@own
          p = q; //@own
        } //@own
      } //@own
      if (s || !r["\\xffr"](s, 0)) a.push(s.slice(p)); //@own
    } else { //@own
      a = [];
      if (typeof r == "string" && r.length > 1)
        for (i = 0; i >= 0; i = j < 0 ? -1 : j + r.length) {
          j = s.indexOf(r, i);
          if (j + r.length > s.length) j = -1;
          a.push(j < 0 ? s.slice(i) : s.slice(i, j));
        }
      else a = s.split(r);
      if (!a.length && r !== "") a[0] = s;
    } //@own
    return n === void 0 || n < 0 ? a : a.slice(0, n);
  }`,
} as const;
