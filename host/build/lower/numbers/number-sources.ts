/** Helpers for numbers: exact decimal digits, texts read as the standard reads them, and square roots. */
export const NUMBER_SOURCES = {
  /**
   * The digits of `x` times 10 to the power `d`, rounded half up from the exact binary value, for 0 <= x < 1e21. They
   * begin with a 0 unless a carry filled it. The fraction is kept in two parts, so that multiplying by 10 stays exact.
   */
  $decimal: `function $decimal(x, d) {
    var b = 67108864, i = Math.floor(x), l = x - i, h = Math.floor(l * b) / b, s = "0" + i, k = d, n;
    for (l -= h; k-- > 0; s += n) {
      l *= 10;
      n = Math.floor(l * b) / b;
      l -= n;
      h = h * 10 + n;
      n = Math.floor(h);
      h -= n;
    }
    if (d < 0) {
      k = s.length + d;
      h = s[k] > "4" ? 1 : 0;
      s = s.substr(0, k);
    }
    if (h >= 0.5) {
      for (k = s.length; s[--k] == "9"; );
      s = (s.substr(0, k) + (+s[k] + 1)).padEnd(s.length, "0");
    }
    return s;
  }`,
  $fixed: `function $fixed(x, d) {
    var s;
    d |= 0;
    if (!(Math.abs(x) < 1e21)) return "" + x;
    s = $decimal(Math.abs(x), d);
    if (s[0] == "0") s = s.substr(1);
    return (x < 0 ? "-" : "") + (d ? s.slice(0, -d) + "." + s.slice(-d) : s);
  }`,
  /** \`p\` significant digits; all that the interpreter knows if \`p\` is NaN. */
  $precision: `function $precision(x, p, always) {
    var y = Math.abs(x), o = 0, e, s, t, k, all = p !== p;
    if (!isFinite(x)) return "" + x;
    if (all) p = 12;
    for (; y >= 1e21; o++) y /= 10;
    e = y ? Math.floor(Math.log(y) / Math.LN10) : 0;
    do {
      s = $decimal(y, p - 1 - e);
      for (k = y ? 0 : 1; y && s[k] == "0"; ) k++;
      s = s.substr(k);
      k = s.length - p;
      e += k > 0 ? 1 : k < 0 ? -1 : 0;
    } while (k);
    for (e += o; all && s.length > 1 && s.slice(-1) == "0"; ) s = s.slice(0, -1);
    p = s.length;
    if (always || e < -6 || e >= p) t = s[0] + (p > 1 ? "." + s.substr(1) : "") + "e" + (e < 0 ? "-" : "+") + Math.abs(e);
    else if (e < 0) t = "0." + "00000".substr(0, -1 - e) + s;
    else t = s.substr(0, e + 1) + (p > e + 1 ? "." + s.substr(e + 1) : "");
    return (x < 0 ? "-" : "") + t;
  }`,
  /** The interpreter goes by logarithms, so that the root of 25 is less than 5. One step with the exact rest repairs it. */
  $sqrt: `function $sqrt(x) {
    var r = Math["sqrt"](x), h = 134217729 * r, l;
    if (!(r > 0 && r < 1 / 0)) return r;
    h -= h - r;
    l = r - h;
    return r + (x - h * h - 2 * h * l - l * l) / 2 / r;
  }`,
  /** The interpreter adds a half, which is lost or too much where the sum has no room for it. */
  $round: `function $round(x) {
    var r = Math.floor(x);
    return x - r < 0.5 ? r : r + 1;
  }`,
  $sign: `function $sign(x) {
    x = +x;
    return x > 0 ? 1 : x < 0 ? -1 : x;
  }`,
  /**
   * The number at the beginning of a text, or, if \`strict\`, the number that the whole text is. The interpreter reads
   * "012" as octal and "1e" as 1, and the last bit of many fractions is wrong: digits over a power of 10 are exact.
   */
  $scan: `function $scan(x, strict) {
    var v = 0, n = 0, i, j, c, point, digits;
    x = x.trim();
    i = x[0] == "-" || x[0] == "+" ? 1 : 0;
    c = x[1];
    if (strict && !x) return 0;
    if (strict && x[0] == "0" && c && c > "9" && c != "e" && c != "E") return x.length < 3 ? NaN : +x;
    for (;; i++) {
      c = x[i];
      if (c >= "0" && c <= "9") {
        v = v * 10 + +c;
        digits = 1;
        if (point) n++;
      } else if (c == "." && !point) point = 1;
      else break;
    }
    if (!digits) {
      if (x.substr(i, 8) != "Infinity") return NaN;
      v = 1 / 0;
      i += 8;
    } else if (c == "e" || c == "E") {
      j = i + 1;
      if (x[j] == "-" || x[j] == "+") j++;
      if (x[j] >= "0" && x[j] <= "9") {
        while (x[j] >= "0" && x[j] <= "9") j++;
        n -= parseInt(x.slice(i + 1, j), 10);
        i = j;
      }
    }
    if (strict && i < x.length) return NaN;
    c = +("1e" + Math.min(400, Math.abs(n)));
    v = n > 0 ? v / c : v * c;
    return x[0] == "-" ? -v : v;
  }`,
  $number: `function $number(x) { return typeof x == "string" ? $scan(x, 1) : +x; }`,
  $float: `function $float(x) { return typeof x == "string" ? $scan(x) : parseFloat(x); }`,
} as const;
