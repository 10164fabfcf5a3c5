/** The matcher for the steps that compile-regex.ts writes; alternatives wait on a list, so that nothing recurses. */
export const REGEX_SOURCES = {
  $inSet: `function $inSet(o, c) {
    var i, t = o[1];
    c = c.charCodeAt(0);
    for (i = 0; i < t.length; i += 2) if (c >= t[i] && c <= t[i + 1]) return !o[2];
    return !!o[2];
  }`,
  $isWord: `function $isWord(c) {
    return c !== void 0 && ((c >= "a" && c <= "z") || (c >= "A" && c <= "Z") || (c >= "0" && c <= "9") || c == "_");
  }`,
  $steps: `function $steps(p, pc, s, i, fold, caps, until) {
    var wait = [], o, k, c, ok, j;
    caps = caps.slice();
    for (;;) {
      o = p[pc++];
      k = o[0];
      ok = 1;
      if (k < 4) {
        c = s[i++];
        if (c === void 0) ok = 0;
        else if (k == 0) ok = (fold ? c.toLowerCase() : c) === o[1];
        else if (k == 1) ok = c != "\\n" && c != "\\r";
        else if (k == 3) ok = fold ? (o[2] ? $inSet(o, c.toLowerCase()) && $inSet(o, c.toUpperCase()) : $inSet(o, c.toLowerCase()) || $inSet(o, c.toUpperCase())) : $inSet(o, c);
      } else if (k == 4) {
        wait.push(o[2], i, caps.slice());
        pc = o[1];
      } else if (k == 5) pc = o[1];
      else if (k == 6) caps[o[1]] = i;
      else if (k == 7) ok = i == 0;
      else if (k == 8) ok = i == s.length;
      else if (k == 9) ok = i == 0 || s[i - 1] == "\\n";
      else if (k == 10) ok = i == s.length || s[i] == "\\n";
      else if (k == 11) ok = ((i > 0 && $isWord(s[i - 1])) != (i < s.length && $isWord(s[i]))) != !!o[1];
      else if (k == 12) {
        if (caps[2 * o[1] + 1] !== void 0) {
          c = s.slice(caps[2 * o[1]], caps[2 * o[1] + 1]);
          j = s.slice(i, i + c.length);
          ok = fold ? j.toLowerCase() === c.toLowerCase() : j === c;
          i += c.length;
        }
      } else if (k == 13) {
        c = null;
        for (j = i; !c && j >= 0; j--) {
          c = $steps(p, o[1], s, j, fold, caps, o[4] ? i : -1);
          if (!o[4]) break;
        }
        ok = !c == !!o[3];
        if (ok && c) caps = c;
        pc = o[2];
      } else if (k == 14) {
        if (until >= 0) ok = i == until;
        if (ok) {
          caps[1] = i;
          return caps;
        }
      } else if (k == 15) {
        ok = caps[o[1]] !== i;
        caps[o[1]] = i;
      } else for (j = o[1]; j <= o[2]; j++) caps[j] = void 0;
      if (!ok) {
        if (!wait.length) return null;
        caps = wait.pop();
        i = wait.pop();
        pc = wait.pop();
      }
    }
  }`,
  $regex: `function $regex(p, source, flags, names) {
    var g = flags.indexOf("g") >= 0, y = flags.indexOf("y") >= 0, fold = flags.indexOf("i") >= 0, n = p[p.length - 1][1], r;
    if (/b?/.exec("_")) return new RegExp(source, flags);
    r = { source: source, flags: flags, global: g, sticky: y, ignoreCase: fold, multiline: flags.indexOf("m") >= 0, lastIndex: 0 };
    $hide(r, "\\xffr", 1);
    $hide(r, "exec", function (s) {
      var i = g || y ? r.lastIndex : 0, c = null, m, j, k;
      s = "" + s;
      for (; i <= s.length; i++) {
        c = $steps(p, 0, s, i, fold, [i], -1);
        if (c || y) break;
      }
      if (g || y) r.lastIndex = c ? c[1] : 0;
      if (!c) return null;
      m = [s.slice(i, c[1])];
      for (j = 2; j < n; j += 2) m.push(c[j + 1] === void 0 ? void 0 : s.slice(c[j], c[j + 1]));
      m.index = i;
      m.input = s;
      if (names) {
        m.groups = {};
        for (k in names) m.groups[k] = m[names[k]];
      }
      return m;
    });
    $hide(r, "test", function (s) { return !!r.exec(s); });
    $hide(r, "toString", function () { return "/" + source + "/" + flags; });
    return r;
  }`,
  $matchIn: `function $matchIn(s, r) {
    var m, a = [];
    if (typeof s != "string" || !r || !r["\\xffr"]) return s.match(r);
    if (!r.global) return r.exec(s);
    r.lastIndex = 0;
    while ((m = r.exec(s))) {
      a.push(m[0]);
      if (m[0] === "") r.lastIndex++;
    }
    return a.length ? a : null;
  }`,
  $replaceIn: `function $replaceIn(s, r, by) {
    var m, out = "", last = 0, a;
    if (typeof s != "string" || !r || !r["\\xffr"]) return s.replace(r, by);
    r.lastIndex = 0;
    while ((m = r.exec(s))) {
      if (typeof by == "function") {
        a = m.concat([m.index, s]);
        if (m.groups) a.push(m.groups);
        a = "" + by.apply(void 0, a);
      } else a = $expand("" + by, m);
      out += s.slice(last, m.index) + a;
      last = m.index + m[0].length;
      if (!r.global) break;
      if (m[0] === "") r.lastIndex++;
    }
    return out + s.slice(last);
  }`,
  $expand: `function $expand(t, m) {
    var out = "", i, c, e;
    for (i = 0; i < t.length; i++) {
      c = t[i + 1];
      if (t[i] != "$" || c === void 0) out += t[i];
      else if (c == "$") { out += "$"; i++; }
      else if (c == "&") { out += m[0]; i++; }
      else if (c > "0" && c <= "9" && +c < m.length) { out += m[+c] === void 0 ? "" : m[+c]; i++; }
      else if (c == "<" && m.groups && (e = t.indexOf(">", i)) > 0) { out += m.groups[t.slice(i + 2, e)]; i = e; }
      else out += "$";
    }
    return out;
  }`,
  $splitIn: `function $splitIn(s, r, n) {
    var a = [], last = 0, i = 0, m, j;
    if (typeof s != "string" || !r || !r["\\xffr"]) return $split(s, r, n);
    while (i < s.length) {
      r.lastIndex = 0;
      m = r.exec(s.slice(i));
      if (!m || (m[0] === "" && i + m.index >= s.length)) break;
      if (m[0] === "" && m.index + i === last) {
        if (i + 1 > s.length) break;
        m.index++;
        if (i + m.index >= s.length) break;
      }
      a.push(s.slice(last, i + m.index));
      for (j = 1; j < m.length; j++) a.push(m[j]);
      last = i = i + m.index + m[0].length;
    }
    a.push(s.slice(last));
    return n === void 0 ? a : a.slice(0, n >>> 0);
  }`,
} as const;
