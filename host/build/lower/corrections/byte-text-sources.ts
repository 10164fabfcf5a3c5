/**
 * Texts where the board's strings are bytes. The interpreter there writes each byte beyond ASCII into JSON as a
 * character of its own (`\u00C2\u00B0`), and keeps the lowest byte of a `\u` escape that it reads. These functions
 * convert its JSON, so that the program reads and writes UTF-8.
 */
export const BYTE_TEXT_SOURCES = {
  $byte: `var $byte = String.fromCharCode;`,
  /** The bytes of the UTF-8 of a character beyond ASCII. */
  $utf8: `function $utf8(c) {
    var r = "", n = 63;
    for (; c > n; n >>= 1) {
      r = $byte((c & 63) | 128) + r;
      c >>= 6;
    }
    return $byte((254 - 2 * n) | c) + r;
  }`,
  /** The character whose UTF-8 begins at a byte; elsewhere the byte. */
  $codeAt: `function $codeAt(s, i) {
    var c = s.charCodeAt(i), n = c > 239 ? 3 : c > 223 ? 2 : c > 193 ? 1 : 0, r = c & (63 >> n), k, d;
    for (k = 1; k <= n; k++) {
      d = s.charCodeAt(i + k);
      if (d >> 6 != 2) return c;
      r = (r << 6) | (d & 63);
    }
    return i >= 0 && i < s.length ? (n ? r : c) : void 0;
  }`,
  $readEscape: `function $readEscape(m) {
    var c = +("0x" + m.substr(2, 4));
    if (m[6]) c = (c << 10) - 56613888 + +("0x" + m.substr(8));
    return c > 127 ? $utf8(c >> 11 == 27 ? 65533 : c) : m;
  }`,
  /** JSON that is to be read, with characters instead of their escapes. Half of a pair becomes U+FFFD. */
  $readText: `function $readText(s) {
    return ("" + s).replace(/\\\\\\\\|\\\\u[dD][89abAB]..\\\\u[dD][c-fC-F]..|\\\\u..../g, $readEscape);
  }`,
  $writeEscape: `function $writeEscape(m) {
    var r = "", i;
    if (!m[3] || /E0.u00[89]|ED.u00[AB]|F0.u008|F4.u00[9AB]/.test(m)) return m;
    for (i = 4; m[i]; i += 6) r += $byte("0x" + m.substr(i, 2));
    return r;
  }`,
  /** JSON as the interpreter has written it, with the bytes of UTF-8 instead of their escapes. Other bytes stay escaped. */
  $writeText: `function $writeText(s) {
    return s && s.indexOf("\\\\u00") >= 0
      ? s.replace(/\\\\\\\\|\\\\u00C[2-9A-F].u00[89AB].|\\\\u00D..u00[89AB].|\\\\u00E..u00[89AB]..u00[89AB].|\\\\u00F[0-4].u00[89AB]..u00[89AB]..u00[89AB]./g, $writeEscape)
      : s;
  }`,
  /** \`JSON.stringify\` where it is passed on. */
  $parseBytes: `function $parseBytes(s) { return $parse($readText(s)); }`,
  $passedJson: `function $passedJson(x, f, n) { return $writeText($stringify(x, f, n)); }`,
} as const;
