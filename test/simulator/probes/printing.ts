/** The console's text for values. */
import type { Probe } from "./probe.ts";

export const PRINT: readonly Probe[] = [
  { name: "print of values", code: `print(1,"a",true,null,undefined);`, prints: ["1 a true null undefined"] },
  {
    name: "print of an object",
    code: `print({a:1,b:"x"});`,
    prints: ['{ "a": 1, ', '  "b": "x"', " }"],
    simulated: { prints: ['{ "a": 1, "b": "x" }'], row: "printed objects" },
  },
  {
    name: "print of an array",
    code: `print([1,2,[3]]);`,
    prints: ["[ 1, 2, ", "  [ 3 ]", " ]"],
    simulated: { prints: ["[ 1, 2, [ 3 ] ]"], row: "printed objects" },
  },
  { name: "print of nothing", code: `print();`, prints: [] },
  { name: "console.log", code: `console.log("a",1.5);`, prints: ["a 1.5"] },
  { name: "print of a text of lines", code: `print("a\\nb");`, prints: ["a", "b"] },
  { name: "print of a function", code: `print(typeof function(){});`, prints: ["function"] },
  { name: "print of bytes above 127", code: `print("\\xe9".length);`, prints: ["1"] },
  {
    name: "print of NaN and Infinity",
    code: `print(NaN,Infinity,-Infinity);`,
    prints: ["NaN Infinity -Infinity"],
  },
  {
    name: "print of a typed array",
    code: `print(new Uint8Array([1,2]));`,
    prints: ["new Uint8Array([1, 2])"],
  },
  { name: "print of a Date", code: `print(new Date(0).getTime());`, prints: ["0"] },
  {
    name: "String of values",
    code: `say(String([1,[2,3]]));say(String({}));say(String(null));`,
    prints: ["1,2,3", "[object Object]", "null"],
  },
];
