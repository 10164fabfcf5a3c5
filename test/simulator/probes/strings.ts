/** Strings, bytes, JSON. */
import type { Probe } from "./probe.ts";

export const STRINGS: readonly Probe[] = [
  {
    name: "a code above 255 in fromCharCode",
    code: `say(String.fromCharCode(0x141).length);say(String.fromCharCode(0x141).charCodeAt(0));`,
    prints: ["1", "65"],
    simulated: { prints: ["1", "321"], row: "the language is V8's" },
  },
  {
    name: "btoa and atob of all bytes",
    code: `var s="",i;for(i=0;i<256;i++)s+=String.fromCharCode(i);say(btoa(s).length);say(atob(btoa(s))===s);`,
    prints: ["344", "true"],
  },
  { name: "atob ignores what is no base64", code: `say(JSON.stringify(atob("aGk=\\n")));`, prints: ['"hi"'] },
  { name: "atob without padding", code: `say(atob("aGk"));`, prints: ["hi"] },
  { name: "E.toString of an array of bytes", code: `say(E.toString([104,105]));`, prints: ["hi"] },
  {
    name: "E.toString of a typed array",
    code: `say(E.toString(new Uint8Array([104,105])));`,
    prints: ["hi"],
  },
  { name: "E.toString of text and numbers", code: `say(E.toString("a",98,"c"));`, prints: ["abc"] },
  { name: "E.toUint8Array of text", code: `say(E.toUint8Array("hi").join());`, prints: ["104,105"] },
  { name: "E.toArrayBuffer of text", code: `say(E.toArrayBuffer("hi").byteLength);`, prints: ["2"] },
  { name: "E.CRC32", code: `say(E.CRC32("123456789"));`, prints: ["3421780262"] },
  { name: "charCodeAt past the end is NaN", code: `say("a".charCodeAt(5));`, prints: ["NaN"] },
  { name: "substr with a negative start", code: `say("hello".substr(-3,2));`, prints: ["ll"] },
  { name: "substring swaps", code: `say("hello".substring(3,1));`, prints: ["el"] },
  { name: "slice of a text from the end", code: `say("hello".slice(-2));`, prints: ["lo"] },
  { name: "split by a text", code: `say("a,b,,c".split(",").length);`, prints: ["4"] },
  { name: "split into characters", code: `say("abc".split("").join("-"));`, prints: ["a-b-c"] },
  { name: "indexOf from a place", code: `say("abcabc".indexOf("b",2));`, prints: ["4"] },
  { name: "lastIndexOf", code: `say("abcabc".lastIndexOf("b"));`, prints: ["4"] },
  { name: "replace of a text once", code: `say("aaa".replace("a","b"));`, prints: ["baa"] },
  { name: "trim", code: `say("["+"  a b ".trim()+"]");`, prints: ["[a b]"] },
  {
    name: "parseInt of hexadecimal",
    code: `say(parseInt("ff",16));say(parseInt("0x1f"));say(parseInt("12abc"));`,
    prints: ["255", "31", "12"],
  },
  { name: "parseFloat", code: `say(parseFloat("1.5e2x"));`, prints: ["150"] },
  {
    name: "Number of texts",
    code: `say([Number("12"),Number(""),Number("0x10")].join());`,
    prints: ["12,0,16"],
  },
  {
    name: "JSON.stringify of an object",
    code: `say(JSON.stringify({a:1,b:[true,null,"x"],c:{d:1.5}}));`,
    prints: ['{"a":1,"b":[true,null,"x"],"c":{"d":1.5}}'],
  },
  {
    name: "JSON.stringify of control characters",
    code: `say(JSON.stringify("\\n\\t\\x01\\""));`,
    prints: ['"\\n\\t\\u0001\\""'],
  },
  {
    name: "JSON.stringify of undefined and functions",
    code: `say(JSON.stringify({a:undefined,b:function(){},c:1}));`,
    prints: ['{"c":1}'],
  },
  { name: "JSON.stringify of NaN", code: `say(JSON.stringify([NaN,Infinity]));`, prints: ["[null,null]"] },
  {
    name: "JSON.parse of an object",
    code: `var o=JSON.parse('{"a":[1,2,{"b":"c"}],"d":-1.5e3,"e":"\\\\u0041\\\\n"}');say(o.a[2].b);say(o.d);say(o.e.length);`,
    prints: ["c", "-1500", "2"],
  },
  {
    name: "JSON.parse of nonsense throws",
    code: `JSON.parse("{a");`,
    prints: ["throws Got ID:a expected STRING"],
    simulated: {
      prints: ["throws Expected property name or '}' in JSON at position 1"],
      row: "errors of the engine",
    },
  },
  {
    name: "JSON.parse of nothing throws",
    code: `JSON.parse("");`,
    prints: ["throws Expecting valid value, got EOF"],
    simulated: { prints: ["throws Unexpected end of JSON input"], row: "errors of the engine" },
  },
  {
    name: "a text compares by its bytes",
    code: `say(["b","a","B","aa"].sort().join());`,
    prints: ["B,a,aa,b"],
  },
  {
    name: "toUpperCase leaves bytes above 127",
    code: `say("\\xe9a".toUpperCase().charCodeAt(0));`,
    prints: ["233"],
  },
];
