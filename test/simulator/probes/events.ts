/** E.on, emit and what listeners see. */
import type { Probe } from "./probe.ts";

export const EVENTS: readonly Probe[] = [
  {
    name: "emit runs after the code at hand",
    code: `E.on("a",function(v){say("heard "+v)});E.emit("a",1);say("behind");setTimeout(function(){E.removeAllListeners("a");end()},5);`,
    isAsync: true,
    prints: ["behind", "heard 1"],
  },
  {
    name: "emit runs before a timer of 0 ms",
    code: `var o={};o.on("a",function(){say("event")});setTimeout(function(){say("timer");end()},0);o.emit("a");`,
    isAsync: true,
    prints: ["event", "timer"],
  },
  {
    name: "listeners are called in the order in which they were added",
    code: `var o={};o.on("a",function(){say(1)});o.on("a",function(){say(2)});o.emit("a");setTimeout(end,5);`,
    isAsync: true,
    prints: ["1", "2"],
  },
  {
    name: "prependListener is called first",
    code: `var o={};o.on("a",function(){say(1)});o.prependListener("a",function(){say(0)});o.emit("a");setTimeout(end,5);`,
    isAsync: true,
    prints: ["0", "1"],
  },
  {
    name: "a listener sees the object as this",
    code: `var o={n:7};o.on("a",function(){say(this.n)});o.emit("a");setTimeout(end,5);`,
    isAsync: true,
    prints: ["7"],
  },
  {
    name: "emit passes four values",
    code: `var o={};o.on("a",function(a,b,c,d){say([a,b,c,d].join())});o.emit("a",1,2,3,4);setTimeout(end,5);`,
    isAsync: true,
    prints: ["1,2,3,4"],
  },
  {
    name: "emit of five values throws",
    code: `var o={};o.emit("a",1,2,3,4,5);`,
    prints: ["throws Too many arguments (>4)"],
  },
  {
    name: "removeListener takes one away",
    code: `var o={};function f(){say("f")}o.on("a",f);o.on("a",function(){say("g")});o.removeListener("a",f);o.emit("a");setTimeout(end,5);`,
    isAsync: true,
    prints: ["g"],
  },
  {
    name: "removeListener within the event",
    code: `var o={};function f(){say("f");o.removeListener("a",f)}o.on("a",f);o.emit("a");o.emit("a");setTimeout(end,5);`,
    isAsync: true,
    prints: ["f"],
  },
  {
    name: "removeAllListeners of an event keeps others",
    code: `var o={};o.on("a",function(){say("a")});o.on("b",function(){say("b")});o.removeAllListeners("a");o.emit("a");o.emit("b");setTimeout(end,5);`,
    isAsync: true,
    prints: ["b"],
  },
  {
    name: "a listener's exception keeps the next from nothing",
    code: `var o={};o.on("a",function(){throw new Error("one")});o.on("a",function(){say("two")});o.emit("a");setTimeout(end,5);`,
    isAsync: true,
    prints: ["two", "Uncaught Error: one"],
  },
  { name: "emit without listeners is nothing", code: `var o={};o.emit("a",1);say("ok");`, prints: ["ok"] },
  { name: "emit returns undefined", code: `var o={};say(typeof o.emit("a"));`, prints: ["undefined"] },
  {
    name: "on returns undefined",
    code: `var o={};say(typeof o.on("a",function(){}));`,
    prints: ["undefined"],
  },
  {
    name: "events of an event are in order",
    code: `var o={};o.on("a",function(v){say(v);if(v<3)o.emit("a",v+1)});o.emit("a",1);setTimeout(end,10);`,
    isAsync: true,
    prints: ["1", "2", "3"],
  },
  {
    name: "a listener added in an event is not called by it",
    code: `var o={};o.on("a",function(){say("one");o.on("a",function(){say("late")})});o.emit("a");setTimeout(end,5);`,
    isAsync: true,
    prints: ["one"],
  },
  {
    name: "two listeners that throw",
    code: `var o={};o.on("a",function(){throw new Error("one")});o.on("a",function(){throw new Error("two")});o.on("a",function(){say("three")});o.emit("a");setTimeout(end,5);`,
    isAsync: true,
    prints: ["three", "Uncaught Error: two"],
  },
  {
    name: "an exception in an event, and the event behind it",
    code: `var o={};o.on("a",function(){throw new Error("one")});o.on("b",function(){say("b")});o.emit("a");o.emit("b");setTimeout(end,5);`,
    isAsync: true,
    prints: ["b", "Uncaught Error: one"],
  },
  {
    name: "a listener that is no function throws",
    code: `({}).on("x",5);`,
    prints: ["throws Second argument must be a function or a String"],
  },
  {
    name: "an event whose name is no text throws",
    code: `({}).on(5,function(){});`,
    prints: ["throws First argument must be String"],
  },
  {
    name: "the same listener twice, and taken away once",
    code: `var o={},f=function(){say("f")};o.on("x",f);o.on("x",f);o.removeListener("x",f);o.emit("x");setTimeout(end,5);`,
    isAsync: true,
    prints: ["f"],
  },
  {
    name: "removeListener of a stranger",
    code: `var o={};o.on("x",function(){say("x")});o.removeListener("x",function(){});o.emit("x");setTimeout(end,5);`,
    isAsync: true,
    prints: ["x"],
  },
  {
    name: "removeAllListeners of all events",
    code: `var o={};o.on("a",function(){say("a")});o.on("b",function(){say("b")});o.removeAllListeners();o.emit("a");o.emit("b");setTimeout(end,5);`,
    isAsync: true,
    prints: [],
  },
  {
    name: "errorFlag is an event of E",
    code: `E.on("errorFlag",function(f){say(f.join());E.removeAllListeners("errorFlag");end()});E.emit("errorFlag",["LOW_MEMORY","MEMORY"]);`,
    isAsync: true,
    prints: ["LOW_MEMORY,MEMORY"],
  },
  {
    name: "E.getErrorFlags at the start",
    code: `say(E.getErrorFlags().length);`,
    prints: ["0"],
  },
];
