/** Exceptions, memory, modules. */
import type { Probe } from "./probe.ts";

export const TROUBLE: readonly Probe[] = [
  {
    name: "an exception in a timer",
    code: `setTimeout(function(){throw new Error("in a timer")},1);setTimeout(end,10);`,
    isAsync: true,
    prints: ["Uncaught Error: in a timer"],
  },
  {
    name: "an exception that is a text",
    code: `setTimeout(function(){throw "a text"},1);setTimeout(end,10);`,
    isAsync: true,
    prints: ["Uncaught a text"],
  },
  {
    name: "an exception that is an object",
    code: `setTimeout(function(){throw {code:5}},1);setTimeout(end,10);`,
    isAsync: true,
    prints: ["Uncaught [object Object]"],
  },
  {
    name: "uncaughtException gets it, and the console does not",
    code: `process.on("uncaughtException",function(e){say("got "+(e.message||e));process.removeAllListeners("uncaughtException");end()});setTimeout(function(){throw new Error("mine")},1);`,
    isAsync: true,
    prints: ["got mine"],
  },
  {
    name: "an unknown name",
    code: `setTimeout(function(){unknownName()},1);setTimeout(end,10);`,
    isAsync: true,
    prints: ['Uncaught ReferenceError: "unknownName" is not defined'],
  },
  {
    name: "a call of what is no function",
    code: `var o={};try{o.f()}catch(e){say(e.name||typeof e);say(e.message)}`,
    prints: ["object", 'Function "f" not found!'],
    simulated: { prints: ["TypeError", "o.f is not a function"], row: "errors of the engine" },
  },
  {
    name: "a member of undefined",
    code: `var u;try{u.x}catch(e){say(e.name||typeof e);say(e.message)}`,
    prints: ["object", "Can't read property 'x' of undefined"],
    simulated: {
      prints: ["TypeError", "Cannot read properties of undefined (reading 'x')"],
      row: "errors of the engine",
    },
  },
  {
    name: "a member of null",
    code: `var u=null;try{u.x=1}catch(e){say(e.name||typeof e)}`,
    prints: ["object"],
    simulated: { prints: ["TypeError"], row: "errors of the engine" },
  },
  {
    name: "finally runs",
    code: `try{throw 1}catch(e){say(e)}finally{say("finally")}`,
    prints: ["1", "finally"],
  },
  {
    name: "an error's members",
    code: `var e=new Error("m");say(e.name||"no name");say(e.message);say(e instanceof Error);say(typeof e.stack);`,
    prints: ["no name", "m", "true", "string"],
    simulated: { prints: ["Error", "m", "true", "string"], row: "errors of the engine" },
  },
  {
    name: "a TypeError is an Error",
    code: `var e=new TypeError("m");say(e instanceof Error);say(e.toString());`,
    prints: ["false", "TypeError: m"],
    simulated: { prints: ["true", "TypeError: m"], row: "errors of the engine" },
  },
  {
    name: "process.memory has these figures",
    code: `say(Object.keys(process.memory()).sort().join());`,
    prints: ["blocksize,free,gc,gctime,history,rx,total,tx,usage"],
    simulated: { prints: ["blocksize,free,history,total,usage"], row: "memory" },
  },
  {
    name: "process.memory adds up",
    code: `var m=process.memory();say(m.free+m.usage===m.total);`,
    prints: ["true"],
  },
  {
    name: "process.env has the board",
    code: `say(process.env.BOARD);say(typeof process.env.VERSION);`,
    prints: ["LINUX", "string"],
  },
  {
    name: "process.version is that of env",
    code: `say(process.version===process.env.VERSION);`,
    prints: ["true"],
  },
  { name: "getErrorFlags is an array", code: `say(Array.isArray(E.getErrorFlags()));`, prints: ["true"] },
  { name: "require of none throws", code: `require("none");`, prints: ['throws Module "none" not found'] },
  {
    name: "a module from text",
    code: `Modules.addCached("mine","exports.n=7");say(require("mine").n);Modules.removeCached("mine");`,
    prints: ["7"],
  },
  {
    name: "a module from a function",
    code: `Modules.addCached("mine",function(){exports.n=8});say(require("mine").n);Modules.removeCached("mine");`,
    prints: ["8"],
  },
  {
    name: "E.getSizeOf counts variables",
    code: `var t="",i;for(i=0;i<200;i++)t+="x";say(E.getSizeOf(t)>2);`,
    prints: ["true"],
  },
];
