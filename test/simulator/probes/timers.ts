/** Timers: their order, their times, and what ends them. */
import type { Probe } from "./probe.ts";

export const TIMERS: readonly Probe[] = [
  {
    name: "timers of the same time in the order in which they were set",
    code: `setTimeout(function(){say(1)},5);setTimeout(function(){say(2)},5);setTimeout(function(){say(3);end()},5);`,
    isAsync: true,
    prints: ["1", "2", "3"],
  },
  {
    name: "a later time later, whatever the order",
    code: `setTimeout(function(){say("late");end()},40);setTimeout(function(){say("soon")},10);`,
    isAsync: true,
    prints: ["soon", "late"],
  },
  {
    name: "0 ms comes after the code at hand",
    code: `setTimeout(function(){say("timer");end()},0);say("code");`,
    isAsync: true,
    prints: ["code", "timer"],
  },
  {
    name: "values are passed to the callback",
    code: `setTimeout(function(a,b){say(a+b);end()},1,3,4);`,
    isAsync: true,
    prints: ["7"],
  },
  {
    name: "setTimeout gives a number",
    code: `var t=setTimeout(function(){},1);say(typeof t);clearTimeout(t);`,
    prints: ["number"],
  },
  {
    name: "clearTimeout of one that waits",
    code: `var t=setTimeout(function(){say("never")},5);clearTimeout(t);setTimeout(end,15);`,
    isAsync: true,
    prints: [],
  },
  {
    name: "clearTimeout of one that is over",
    code: `var t=setTimeout(function(){setTimeout(function(){clearTimeout(t);say("ok");end()},5)},1);`,
    isAsync: true,
    prints: ["ok"],
  },
  {
    name: "clearTimeout of undefined throws",
    code: `clearTimeout(undefined);`,
    prints: ["throws clearTimeout(undefined) not allowed. Use clearTimeout() instead"],
  },
  {
    name: "clearInterval of undefined throws",
    code: `clearInterval(undefined);`,
    prints: ["throws clearInterval(undefined) not allowed. Use clearInterval() instead"],
  },
  {
    name: "clearInterval within its call",
    code: `var n=0,t=setInterval(function(){n++;say(n);if(n==3){clearInterval(t);setTimeout(end,20)}},5);`,
    isAsync: true,
    prints: ["1", "2", "3"],
  },
  {
    name: "a timer clears one that is due with it",
    code: `var b;setTimeout(function(){say("a");clearTimeout(b)},5);b=setTimeout(function(){say("b")},5);setTimeout(end,20);`,
    isAsync: true,
    prints: ["a"],
  },
  {
    name: "a timer set within a timer waits its time",
    code: `var t0=getTime();setTimeout(function(){setTimeout(function(){say((getTime()-t0)>0.018);end()},10)},10);`,
    isAsync: true,
    prints: ["true"],
  },
  {
    name: "changeInterval of an interval",
    code: `var n=0,t=setInterval(function(){n++;if(n==1)changeInterval(t,5);if(n==3){clearInterval(t);say("three");end()}},20);`,
    isAsync: true,
    prints: ["three"],
  },
  {
    name: "changeInterval of none throws",
    code: `changeInterval(12345,5);`,
    prints: ["throws Unknown Interval"],
  },
  {
    name: "an interval makes up for the beats that a slow call took",
    code: `var n=0,t0=getTime(),t=setInterval(function(){n++;if(n===1){var e=getTime()+0.35;while(getTime()<e);}if(getTime()-t0>0.7){clearInterval(t);say(Math.abs(n-Math.floor((getTime()-t0)*20))<=3);end()}},50);`,
    isAsync: true,
    prints: ["true"],
  },
  {
    name: "setInterval of a time that is none is taken for the least",
    code: `var n=0,t=setInterval(function(){n++;if(n==2){clearInterval(t);say("twice");end()}},"x");`,
    isAsync: true,
    prints: ["twice"],
  },
  {
    name: "an exception leaves an interval alive",
    code: `var n=0,t=setInterval(function(){n++;if(n==1)throw new Error("first");clearInterval(t);say(n);end()},5);`,
    isAsync: true,
    prints: ["Uncaught Error: first", "2"],
  },
  {
    name: "setTimeout of a text evaluates it",
    code: `global.evaluated=0;setTimeout("evaluated=1",1);setTimeout(function(){say(evaluated);end()},10);`,
    isAsync: true,
    prints: ["1"],
  },
  { name: "clearTimeout without a value", code: `clearTimeout();say("ok");`, prints: ["ok"] },
  {
    name: "getTime is in seconds with a fraction",
    code: `var t=getTime();say(typeof t);say(Math.abs(t*1000-Date.now())<50);`,
    prints: ["number", "true"],
  },
  {
    name: "setTime sets both clocks",
    code: `var t=getTime();setTime(1000);say(Math.round(getTime())===1000);say(Math.round(Date.now()/1000)===1000);setTime(t);`,
    prints: ["false", "false"],
    simulated: { prints: ["true", "true"], row: "the clock" },
  },
  {
    // Both are due when the interpreter first looks.
    name: "two timers of the same time that throw",
    code: `setTimeout(function(){throw new Error("one")},5);setTimeout(function(){throw new Error("two")},5);setTimeout(end,30);var t=getTime()+.01;while(getTime()<t);`,
    isAsync: true,
    prints: ["Uncaught Error: two"],
    simulated: { prints: ["Uncaught Error: one", "Uncaught Error: two"], row: "two exceptions at once" },
  },
  {
    name: "a timer that emits and then throws",
    code: `var o={};o.on("a",function(){say("event")});setTimeout(function(){o.emit("a");throw new Error("one")},5);setTimeout(end,30);`,
    isAsync: true,
    prints: ["event", "Uncaught Error: one"],
  },
  {
    name: "changeInterval makes an interval of a time-out",
    code: `var n=0,t=setTimeout(function(){n++;say(n);if(n===2){clearInterval(t);end()}},5);changeInterval(t,20);`,
    isAsync: true,
    prints: ["1", "2"],
  },
  {
    name: "changeInterval within its call",
    code: `var n=0,t=setInterval(function(){n++;say(n);if(n===1)changeInterval(t,1);if(n===3){clearInterval(t);end()}},10);`,
    isAsync: true,
    prints: ["1", "2", "3"],
  },
  {
    name: "clearInterval of a time-out",
    code: `var t=setTimeout(function(){say("never")},3);clearInterval(t);setTimeout(end,15);`,
    isAsync: true,
    prints: [],
  },
  {
    name: "a negative time is 0",
    code: `setTimeout(function(){say("negative")},-100);setTimeout(function(){say("zero");end()},0);`,
    isAsync: true,
    prints: ["negative", "zero"],
  },
  {
    name: "a time without an end throws",
    code: `setTimeout(function(){},Infinity);`,
    prints: ["throws Interval is too long (>100 years)"],
  },
  {
    name: "timers of 0 ms within one",
    code: `setTimeout(function(){say(1);setTimeout(function(){say(3);end()},0)},0);setTimeout(function(){say(2)},0);`,
    isAsync: true,
    prints: ["1", "2", "3"],
  },
  {
    name: "a timer sees global as this",
    code: `setTimeout(function(){say(this===global);end()},1);`,
    isAsync: true,
    prints: ["true"],
  },
];
