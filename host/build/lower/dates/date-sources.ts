/** Helpers for dates: parts and texts read as the standard reads them, and dates that are not valid. */
export const DATE_SOURCES = {
  $now: `function $now() { return Math.floor(Date.now()); }`,
  /** Year, month, day and the milliseconds of the day from a list of arguments; undefined if one of them is NaN. */
  $parts: `function $parts(a) {
    var p = [], i, x;
    for (i = 0; i < 7; i++) {
      x = i < a.length ? +a[i] : i == 2 ? 1 : 0;
      if (x !== x) return;
      p[i] = x < 0 ? Math.ceil(x) : Math.floor(x);
    }
    if (p[0] >= 0 && p[0] < 100) p[0] += 1900;
    p[3] = ((p[3] * 60 + p[4]) * 60 + p[5]) * 1000 + p[6];
    return p;
  }`,
  $dateOf: `function $dateOf() {
    var p = $parts(arguments), k;
    if (!p) return new Date(NaN);
    k = Math.floor(p[3] / 864e5);
    p = new Date(p[0], p[1], p[2] + k, 0, 0, 0, p[3] - k * 864e5);
    return Math.abs(p.getTime()) <= 864e13 ? p : new Date(NaN);
  }`,
  $utc: `function $utc() {
    var p = $parts(arguments), y, m;
    if (!p) return NaN;
    m = p[1];
    y = p[0] + Math.floor(m / 12);
    m -= Math.floor(m / 12) * 12;
    if (m < 2) y--, m += 12;
    y = (365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + 30 * m + Math.floor((3 * m + 6) / 5) + p[2] - 719531) * 864e5 + p[3];
    return Math.abs(y) <= 864e13 ? y : NaN;
  }`,
  /**
   * ISO 8601 and its like with a space or slashes, whole and in range, as the interpreter reads it; what begins with a
   * letter is left to it. Its own reading ends at the first character that it does not expect.
   */
  $parseDate: `var $parseDate = isNaN(Date.parse("x")) ? Date.parse : function (s) {
    var n, t, h, k, i, zone = "Z", max = [9999, 12, 31, 24, 59, 59];
    s = "" + s;
    if (s[0] >= "A") return Date.parse(s) || NaN;
    n = s.match(/\\d+/g) || [""];
    t = s.replace(/\\d+/g, "0");
    if (t.substr(0, 5) == "0/0/0") {
      t = "0-0-0" + t.substr(5);
      zone = "";
    }
    if (n[0].length != 4 || "0-0-0".substr(0, t.length) != t.substr(0, 5) || t.slice(-1) == "-") return NaN;
    if (t.length > 5) {
      if (t[5] != "T" && t[5] != " ") return NaN;
      h = t.substr(6);
      k = h.slice(-1) == "Z" ? 1 : (h.indexOf("+") + 1 || h.indexOf("-") + 1) && h.length - (h.indexOf("+") < 0 ? h.indexOf("-") : h.indexOf("+"));
      h = h.slice(0, h.length - k);
      zone = k > 1 ? s.substr(s.length - (k > 2 ? 6 : n[n.length - 1].length + 1)) : k ? "Z" : "";
      for (i = k < 2 ? 0 : k < 4 ? 1 : 2; i; i--) n.pop();
      if (h != "0:0" && h != "0:0:0" && h != "0:0:0.0") return NaN;
    }
    k = n[6] ? parseInt((n[6] + "00").substr(0, 3), 10) : 0;
    for (i = 0; i < 6; i++) {
      n[i] = i < n.length ? parseInt(n[i], 10) : i < 3 ? 1 : 0;
      if (n[i] > max[i] || (i < 3 && !n[i])) return NaN;
    }
    return n[3] > 23 && (n[4] || n[5]) ? NaN : Date.parse(n[0] + "-" + n[1] + "-" + n[2] + "T" + n[3] + ":" + n[4] + ":" + n[5] + zone) + k;
  };`,
  $dateAt: `function $dateAt(x) { return new Date(Math.abs(x) <= 864e13 ? (x < 0 ? Math.ceil(x) : Math.floor(x)) : NaN); }`,
  $date: `function $date(x) { return $dateAt(typeof x == "string" ? $parseDate(x) : x === null ? 0 : +x); }`,
  /** A method of dates that gives \`bad\` for dates that are not valid, which the interpreter takes for some other date. */
  $checked: `function $checked(name, bad) {
    var f = new Date(0)[name];
    Date.prototype[name] = function () { return this.getTime() === this.getTime() ? f.call(this) : bad; };
  }`,
  /** A method that sets parts: the interpreter takes 32 bits of milliseconds, and NaN for 0. */
  $setter: `function $setter(name) {
    var u = name.substr(3, 3) == "UTC" ? "UTC" : "",
      keys = ["FullYear", "Month", "Date", "Hours", "Minutes", "Seconds", "Milliseconds"], at = keys.indexOf(name.substr(u ? 6 : 3));
    Date.prototype[name] = function () {
      var d = this, i, p = keys.map(function (k) { return d["get" + u + k](); });
      for (i = 0; i < arguments.length; i++) p[at + i] = arguments[i];
      p = d.getTime() !== d.getTime() ? NaN : u ? $utc.apply(null, p) : $dateOf.apply(null, p).getTime();
      return d.setTime(Math.abs(p) <= 864e13 ? p : NaN);
    };
  }`,
} as const;
