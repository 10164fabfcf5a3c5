/**
 * A program that Espruino for Linux runs before the bundle of a board without Unicode. Espruino for Linux has Unicode:
 * it takes what it reads as JSON for texts, where the board has the bytes of their UTF-8. The bundle's own texts are
 * written as bytes. This program uses only syntax that Espruino supports without the build.
 */
export const BYTE_TEXTS_PROGRAM = `(function() {
  var parse = JSON.parse;
  function byteOf(bytes) { return "\\\\x" + bytes.charCodeAt(0).toString(16); }
  function lowByteOf(escape) { return escape[2] ? "\\\\x" + escape.substr(4) : escape; }
  JSON.parse = function(text) {
    return parse(("" + text).replace(/\\\\\\\\|\\\\u..../g, lowByteOf).replace(/[\\x80-\\xff]/g, byteOf));
  };
  E.asUTF8 = function() { throw new Error("Unicode not supported on this build"); };
  E.fromUTF8 = function() {};
  E.isUTF8 = function() { return false; };
})();`;
