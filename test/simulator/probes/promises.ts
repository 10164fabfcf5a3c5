/** Promises, and where their reactions stand among events and timers. */
import type { Probe } from "./probe.ts";

export const PROMISES: readonly Probe[] = [
  {
    name: "a reaction comes after the code and before a timer",
    code: `setTimeout(function(){say("timer");end()},0);Promise.resolve(1).then(function(v){say("then "+v)});say("code");`,
    isAsync: true,
    prints: ["code", "then 1", "timer"],
  },
  {
    name: "an event before, or behind, a reaction",
    code: `var o={};o.on("a",function(){say("event")});Promise.resolve().then(function(){say("then")});o.emit("a");setTimeout(end,10);`,
    isAsync: true,
    prints: ["event", "then"],
  },
  {
    name: "reactions in a row",
    code: `Promise.resolve(1).then(function(v){say(v);return v+1}).then(function(v){say(v);end()});`,
    isAsync: true,
    prints: ["1", "2"],
  },
  {
    name: "a rejection is caught",
    code: `Promise.reject("no").catch(function(e){say(e);end()});`,
    isAsync: true,
    prints: ["no"],
  },
  {
    name: "a throw in then is caught further on",
    code: `Promise.resolve().then(function(){throw new Error("x")}).catch(function(e){say(e.message);end()});`,
    isAsync: true,
    prints: ["x"],
  },
  {
    name: "a rejection that nobody catches is not told",
    code: `Promise.reject("no");setTimeout(function(){say("quiet");end()},10);`,
    isAsync: true,
    prints: ["Uncaught Error: Unhandled promise rejection: no", "quiet"],
  },
  {
    name: "a throw in then that nobody catches",
    code: `Promise.resolve().then(function(){throw new Error("lost")});setTimeout(end,10);`,
    isAsync: true,
    prints: ["Uncaught Error: Unhandled promise rejection: Error: lost"],
  },
  {
    name: "Promise.all",
    code: `Promise.all([Promise.resolve(1),2,Promise.resolve(3)]).then(function(v){say(JSON.stringify(v));end()});`,
    isAsync: true,
    prints: ["[1,2,3]"],
  },
  {
    name: "Promise.all of none",
    code: `Promise.all([]).then(function(v){say(v.length);end()});setTimeout(end,20);`,
    isAsync: true,
    prints: ["0"],
  },
  {
    name: "Promise.race",
    code: `Promise.race([new Promise(function(r){setTimeout(r,20,"slow")}),new Promise(function(r){setTimeout(r,5,"fast")})]).then(function(v){say(v);end()});`,
    isAsync: true,
    prints: ['throws Function "race" not found!'],
    simulated: { prints: ["throws Promise.race is not a function"], row: "errors of the engine" },
  },
  {
    name: "an executor that throws rejects",
    code: `new Promise(function(){throw "up"}).catch(function(e){say(e);end()});`,
    isAsync: true,
    prints: ["up"],
  },
  {
    name: "the executor runs at once",
    code: `new Promise(function(r){say("executor");r()});say("behind");`,
    prints: ["executor", "behind"],
  },
  {
    name: "resolve twice counts once",
    code: `new Promise(function(r){r(1);r(2)}).then(function(v){say(v);end()});`,
    isAsync: true,
    prints: ["1"],
  },
  {
    name: "a promise returned from then is waited for",
    code: `Promise.resolve().then(function(){return new Promise(function(r){setTimeout(r,5,"in")})}).then(function(v){say(v);end()});`,
    isAsync: true,
    prints: ["in"],
  },
  {
    name: "a reaction that was set later than an event",
    code: `var o={};o.on("a",function(){say("event")});o.emit("a");Promise.resolve().then(function(){say("then")});setTimeout(end,10);`,
    isAsync: true,
    prints: ["event", "then"],
  },
  {
    name: "two reactions and two events in turn",
    code: `var o={};o.on("a",function(v){say("event "+v)});Promise.resolve().then(function(){say("then 1")});o.emit("a",1);Promise.resolve().then(function(){say("then 2")});o.emit("a",2);setTimeout(end,10);`,
    isAsync: true,
    prints: ["event 1", "event 2", "then 1", "then 2"],
  },
  {
    name: "reactions of two promises take turns",
    code: `Promise.resolve().then(function(){say("a1")}).then(function(){say("a2")});Promise.resolve().then(function(){say("b1")}).then(function(){say("b2")});setTimeout(end,10);`,
    isAsync: true,
    prints: ["a1", "b1", "a2", "b2"],
  },
  {
    name: "an event from a reaction",
    code: `var o={};o.on("a",function(){say("event")});Promise.resolve().then(function(){o.emit("a");say("then")}).then(function(){say("next")});setTimeout(end,10);`,
    isAsync: true,
    prints: ["then", "event", "next"],
  },
  {
    name: "a rejection that is caught later",
    code: `var q=Promise.reject("late");setTimeout(function(){q.catch(function(e){say("caught "+e)});},5);setTimeout(end,15);`,
    isAsync: true,
    prints: ["Uncaught Error: Unhandled promise rejection: late", "caught late"],
  },
  {
    name: "a rejected promise with a then alone",
    code: `Promise.reject("r").then(function(){say("never")});setTimeout(end,10);`,
    isAsync: true,
    prints: ["Uncaught Error: Unhandled promise rejection: r"],
  },
  {
    name: "reject of an executor that nobody catches",
    code: `new Promise(function(a,b){setTimeout(b,2,"later")});setTimeout(end,15);`,
    isAsync: true,
    prints: ["Uncaught Error: Unhandled promise rejection: later"],
  },
  {
    name: "a rejection without a reason",
    code: `Promise.reject();setTimeout(end,10);`,
    isAsync: true,
    prints: ["Uncaught Error: Unhandled promise rejection: undefined"],
  },
  {
    name: "resolve of a promise is that promise",
    code: `var a=Promise.resolve(1);say(Promise.resolve(a)===a);`,
    prints: ["true"],
  },
  {
    name: "Promise.all of a promise that is rejected",
    code: `Promise.all([Promise.resolve(1),Promise.reject("bad")]).catch(function(e){say(e);end()});`,
    isAsync: true,
    prints: ["bad"],
  },
  {
    name: "a thenable is followed",
    code: `Promise.resolve({then:function(r){r("from then")}}).then(function(v){say(v);end()});`,
    isAsync: true,
    prints: ["from then"],
  },
];
