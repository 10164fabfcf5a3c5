/** Numbers and typed arrays. */
import type { Probe } from "./probe.ts";

export const NUMBERS: readonly Probe[] = [
  {
    name: "1/3 prints",
    code: `say(1/3);`,
    prints: ["0.33333333333"],
    simulated: { prints: ["0.3333333333333333"], row: "the language is V8's" },
  },
  {
    name: "large and small numbers print",
    code: `say([1e21,1e-7,123456789,0.1+0.2,-0].join());`,
    prints: ["10e+20,1e-7,123456789,0.3,0"],
    simulated: { prints: ["1e+21,1e-7,123456789,0.30000000000000004,0"], row: "the language is V8's" },
  },
  {
    name: "toFixed",
    code: `say((1.005).toFixed(2));say((2.5).toFixed(0));`,
    prints: ["1.00", "2"],
    simulated: { prints: ["1.00", "3"], row: "the language is V8's" },
  },
  {
    name: "toString of a base",
    code: `say((255).toString(16));say((5).toString(2));`,
    prints: ["ff", "101"],
  },
  {
    name: "shifts are of 32 bits",
    code: `say(1<<31);say(-1>>>0);say(5>>1);`,
    prints: ["-2147483648", "4294967295", "2"],
  },
  {
    name: "division by zero",
    code: `say(1/0);say(-1/0);say(0/0);`,
    prints: ["Infinity", "-Infinity", "NaN"],
  },
  { name: "modulo of negative numbers", code: `say(-5%3);`, prints: ["-2"] },
  {
    name: "Math.round of halves",
    code: `say([Math.round(2.5),Math.round(-2.5),Math.round(0.5)].join());`,
    prints: ["3,-3,1"],
    simulated: { prints: ["3,-2,1"], row: "the language is V8's" },
  },
  { name: "E.hwRand is a whole number", code: `var r=E.hwRand();say(r===(r|0));`, prints: ["true"] },
  {
    name: "Math.random is from 0 to 1",
    code: `var i,ok=true;for(i=0;i<50;i++){var r=Math.random();if(!(r>=0&&r<1))ok=false}say(ok);`,
    prints: ["true"],
  },
  {
    name: "typed arrays cut their values",
    code: `var a=new Uint8Array(2);a[0]=300;a[1]=-1;say(a.join());`,
    prints: ["44,255"],
  },
  {
    name: "a typed array past its end",
    code: `var a=new Uint8Array(2);a[5]=1;say(a.length);say(typeof a[5]);`,
    prints: ["2", "undefined"],
  },
  {
    name: "a view on a buffer shares it",
    code: `var b=new ArrayBuffer(4),u=new Uint8Array(b),d=new DataView(b);d.setUint16(0,0x1234);say(u.join());`,
    prints: ["18,52,0,0"],
  },
  {
    name: "set and subarray of typed arrays",
    code: `var a=new Uint8Array(4);a.set([1,2],1);say(a.join());say(a.slice(1,3).join());`,
    prints: ["0,1,2,0", "1,2"],
  },
];
