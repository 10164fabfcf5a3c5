/** JSON according to the standard. Values are built without recursion, so any depth of nesting works. */
export const JSON_SOURCES = {
  /**
   * The interpreter's parser accepts trailing commas, other quotes and text after the value, and uses the first of two equal keys. It
   * reads the scalars here: a word, a number that is one of JSON's, or a text without control characters.
   */
  $parse: `function $parse(s, f) {
    var i = 0, c, top, key, wait = [], v, j;
    s = "" + s;
    function bad() { throw new SyntaxError("Unexpected " + (c || "end") + " in JSON at position " + i); }
    function next() {
      for (; " \\n\\r\\t".indexOf(c = s[i]) >= 0; i++);
      return c;
    }
    function text() {
      if (next() != '"') bad();
      for (j = i; (c = s[++i]) != '"'; ) {
        if (c === void 0 || c < " ") bad();
        if (c == "\\\\" && ('"\\\\/bfnrtu'.indexOf(s[++i] || 0) < 0 || (s[i] == "u" && !/^[\\da-f][\\da-f][\\da-f][\\da-f]/i.test(s.substr(i + 1, 4))))) bad();
      }
      return JSON.parse(s.slice(j, ++i));
    }
    function name() {
      key = text();
      if (next() != ":") bad();
      i++;
    }
    for (;;) {
      next();
      if (c == "{" || c == "[") {
        i++;
        j = c == "[";
        v = j ? [] : {};
        if (next() != (j ? "]" : "}")) {
          wait.push(top, key);
          top = v;
          if (!j) name();
          continue;
        }
        i++;
      } else if (c == '"') v = text();
      else {
        for (v = ""; s[i] && ",]} \\n\\r\\t".indexOf(s[i]) < 0; ) v += s[i++];
        j = v.replace(/^-/, "").replace(/[eE][-+]\\d+$|[eE]\\d+$/, "").replace(/\\.\\d+$/, "");
        if (!/^[a-z]+$/.test(v) && (!/^\\d+$/.test(j) || (j[0] == "0" && j > "0"))) bad();
        v = JSON.parse(v);
      }
      for (;;) {
        if (!top) {
          if (next()) bad();
          return f ? $revive({ "": v }, "", f) : v; //@reviver
          return v; //@no-reviver
        }
        j = Array.isArray(top);
        if (j) top.push(v);
        else top[key] = v;
        if (next() == ",") {
          i++;
          if (!j) name();
          break;
        }
        if (c != (j ? "]" : "}")) bad();
        i++;
        v = top;
        key = wait.pop();
        top = wait.pop();
      }
    }
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
  /** \`JSON.stringify\` of something that may be undefined, a function or a circle, and has no parts that need more. */
  $parseText: `function $parseText(s) { return $parse(s); }`,
  $json: `function $json(x) {
    if (x === void 0 || typeof x == "function") return;
    x = JSON.stringify(x);
    if (x.indexOf(" ... ") >= 0) try { JSON.parse(x); } catch (e) { throw new TypeError("Converting circular structure to JSON"); }
    return x;
  }`,
  /** JSON.stringify with a replacer, an indent, getters, or what has a \`toJSON\`. */
  $stringify: `function $stringify(x, f, indent) {
    var list = Array.isArray(f) ? f.map(String) : null, above = [];
    if (typeof f != "function") f = null;
    if (typeof indent == "number") indent = "          ".slice(0, indent < 1 ? 0 : indent);
    indent = typeof indent == "string" ? indent.slice(0, 10) : "";
    function text(o, k, pad) {
      var v = o[k], r = [], deep = pad + indent, i, keys, s, isList;
      if (v && typeof v.toJSON == "function") v = v.toJSON(k);
      if (f) v = f.call(o, k, v);
      if (v === void 0 || typeof v == "function") return;
      if (v === null || typeof v != "object") return JSON.stringify(v);
      if (above.indexOf(v) >= 0) throw new TypeError("Converting circular structure to JSON");
      above.push(v);
      isList = Array.isArray(v);
      keys = isList ? v : list || Object.keys(v);
      for (i = 0; i < keys.length; i++) {
        s = text(v, isList ? "" + i : keys[i], deep);
        if (isList) r.push(s === void 0 ? "null" : s);
        else if (s !== void 0) r.push(JSON.stringify(keys[i]) + (indent ? ": " : ":") + s);
      }
      above.pop();
      s = r.length && indent ? "\\n" + deep + r.join(",\\n" + deep) + "\\n" + pad : r.join(",");
      return isList ? "[" + s + "]" : "{" + s + "}";
    }
    return text({ "": x }, "", "");
  }`,
} as const;
