/**
 * The matcher for the steps that compile-regex.ts writes; alternatives wait on a list, so that nothing recurses. A line
 * that ends with `//@` and a word comes along only where the program has that part.
 */
export const REGEX_SOURCES = {
  $isWord: `function $isWord(c) { return c >= "a" && c <= "z" || c >= "A" && c <= "Z" || c >= "0" && c <= "9" || c == "_"; }`,
  $steps: `function $steps(p, pc, s, i, caps, until) {
    var wait = [], k, t, j, ok;
    for (;;) {
      k = p[pc++];
      ok = 1;
      if (typeof k == "string") {
        ok = s.substr(i, k.length) == k;
        i += k.length;
      }
      else if (k < 3) { //@set
        t = p[pc++]; //@set
        j = s.charCodeAt(i++); //@set
        ok = k == 2 && i <= s.length; //@set
        for (k = 0; k < t.length; k += 2) if ((t[k].length ? t.charCodeAt(k) : t[k]) <= j && j <= (t[k].length ? t.charCodeAt(k + 1) : t[k + 1])) ok = !ok; //@codes
        for (k = 0; k < t.length; k += 2) if (j >= t.charCodeAt(k) && j <= t.charCodeAt(k + 1)) ok = !ok; //@no-codes+set
      } //@set
      else if (k == 3) wait.push(p[pc++], i, caps.slice()); //@split
      else if (k == 4) { //@lazy
        wait.push(pc + 1, i, caps.slice()); //@lazy
        pc = p[pc]; //@lazy
      } //@lazy
      else if (k == 5) pc = p[pc]; //@jump
      else if (k == 6) caps[p[pc++]] = i; //@keep
      else if (k == 7) ok = !i; //@start
      else if (k == 8) ok = i == s.length; //@end
      else if (k == 9) ok = !i || s[i - 1] == "\\n" || s[i - 1] == "\\r"; //@line-start
      else if (k == 10) ok = i == s.length || s[i] == "\\n" || s[i] == "\\r"; //@line-end
      else if (k == 11) ok = (i > 0 && $isWord(s[i - 1])) != (i < s.length && $isWord(s[i])) != !!p[pc++]; //@word
      else if (k == 12) { //@again
        j = p[pc]; //@again
        t = caps[j + 1] === void 0 ? "" : s.slice(caps[j], caps[j + 1]); //@again
        j = s.substr(i, t.length); //@again
        i += t.length; //@again
        ok = p[pc + 1] ? j.toLowerCase() == t.toLowerCase() : j == t; //@again
        pc += 2; //@again
      } //@again
      else if (k == 13) { //@look
        t = 0; //@look
        k = p[pc] > 1; //@look
        for (j = i; !t && j >= 0; j--) { //@look
          t = $steps(p, pc + 2, s, j, caps.slice(), k ? i : -1); //@look
          if (!k) break; //@look
        } //@look
        ok = !t == p[pc] % 2; //@look
        if (ok && t) caps = t; //@look
        pc = p[pc + 1]; //@look
      } //@look
      else if (k == 15) ok = caps[p[pc++]] != i; //@guard
      else if (k == 16) for (j = p[pc++], k = p[pc++]; j <= k; j++) caps[j] = void 0; //@forget
      else if (k == 17) { //@folded
        t = p[pc++]; //@folded
        ok = s.substr(i, t.length).toLowerCase() == t; //@folded
        i += t.length; //@folded
      } //@folded
      else if (!(until >= 0 && i != until)) {
        caps[1] = i;
        return caps;
      }
      else ok = 0; //@look
      if (!ok) {
        if (!wait.length) return;
        caps = wait.pop();
        i = wait.pop();
        pc = wait.pop();
      }
    }
  }`,
  $regex: `function $regex(p, source, flags, n, names) {
    var r = new RegExp(source, flags), y = flags.indexOf("y") >= 0, g = y || flags.indexOf("g") >= 0;
    if (/b?/.exec("_")) return r;
    r.flags = flags;
    r["\\xffr"] = function (s, i) {
      var c, m, j;
      for (; i <= s.length && !(c = $steps(p, 0, s, i, [i])) && !y; i++);
      if (g) r.lastIndex = c ? c[1] : 0;
      if (!c) return null;
      m = [s.slice(i, c[1])];
      for (j = 2; j < n; j += 2) m.push(c[j + 1] === void 0 ? void 0 : s.slice(c[j], c[j + 1])); //@keep
      m.index = i;
      m.input = s;
      if (names) { //@names
        m.groups = {}; //@names
        for (j in names) m.groups[j] = m[names[j]]; //@names
      } //@names
      return m;
    };
    r.exec = function (s) { return r["\\xffr"]("" + s, g ? r.lastIndex : 0); };
    r.test = function (s) { return !!r.exec(s); };
    return r;
  }`,
  /** A pattern that is made at run time: what the interpreter's matcher would get wrong throws. */
  $RegExp: `function $RegExp(p, f) {
    var t = "" + (p.source || p);
    if (/b?/.exec("_")) return new RegExp(p, f);
    p = t.replace(/\\\\[^bBkpP1-9]/g, "_");
    if (/[?{\\\\]/.test(p) || /\\)[*+]/.test(p) || (p.indexOf("(") >= 0 && p.indexOf("|") >= 0)) throw new SyntaxError("Not supported on this board: /" + t + "/");
    return new RegExp(t, f);
  }`,
} as const;
