/** `require("net")`. */
import type { Probe } from "./probe.ts";

export const SOCKETS: readonly Probe[] = [
  {
    name: "connect, echo, end",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.echo},function(){say("up");s.write("hi")});s.on("data",function(d){say(d);s.end()});s.on("close",function(e){say("close "+e);end()});`,
    isAsync: true,
    prints: ["up", "hi", "close false"],
  },
  {
    name: "the callback gets the socket",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.echo},function(c){say(c===s);s.end()});s.on("close",end);`,
    isAsync: true,
    prints: ["true"],
  },
  {
    name: "write returns false",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.echo},function(){say(s.write("x"));s.end()});s.on("close",end);`,
    isAsync: true,
    prints: ["false"],
  },
  {
    name: "write before the connection",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.echo});s.write("early");s.on("data",function(d){say(d);s.end()});s.on("close",end);`,
    isAsync: true,
    prints: ["early"],
  },
  {
    name: "drain tells that all has left",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.echo},function(){s.write("x")}),n=0;s.on("data",function(){});s.on("drain",function(){n++;if(n==1){say("drain");s.end()}});s.on("close",end);`,
    isAsync: true,
    prints: ["drain"],
  },
  {
    name: "data comes in chunks of at most 536 bytes",
    code: `var net=require("net");var n=0,max=0,s=net.connect({host:"127.0.0.1",port:P.flood},function(){});s.on("data",function(d){n+=d.length;max=Math.max(max,d.length)});s.on("close",function(){say(n);say(max<=536);end()});`,
    isAsync: true,
    prints: ["5000", "true"],
  },
  {
    name: "what the peer says without being asked",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.greet},function(){say("up")});s.on("data",function(d){say(d);setTimeout(function(){s.end()},50)});s.on("close",end);`,
    isAsync: true,
    prints: ["up", "welcome"],
  },
  {
    name: "the peer ends: end, then close(false)",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.bye},function(){});s.on("data",function(d){say(d)});s.on("end",function(){say("end")});s.on("error",function(e){say("error")});s.on("close",function(e){say("close "+e);end()});`,
    isAsync: true,
    prints: ["bye", "end", "close false"],
  },
  {
    name: "the peer resets",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.reset},function(){});s.on("data",function(d){say(d)});s.on("end",function(){say("end")});s.on("error",function(e){say("error "+e.code)});s.on("close",function(e){say("close "+e);end()});`,
    isAsync: true,
    prints: ["x", "end", "close false"],
  },
  {
    name: "write after the peer's end throws",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.bye},function(){});s.on("data",function(){});s.on("close",function(){try{s.write("x");say("written")}catch(e){say(e.message)}end()});`,
    isAsync: true,
    prints: ["This socket is closed"],
  },
  {
    name: "write after one's own end throws",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.echo},function(){s.end();try{s.write("x");say("written")}catch(e){say(e.message)}});s.on("close",end);`,
    isAsync: true,
    prints: ["This socket is closed"],
  },
  {
    name: "end twice is harmless",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.echo},function(){s.end();s.end();say("ok")});s.on("close",end);`,
    isAsync: true,
    prints: ["ok"],
  },
  {
    name: "end with last words",
    code: `var net=require("net");var got="",s=net.connect({host:"127.0.0.1",port:P.echo},function(){s.end("last")});s.on("data",function(d){got+=d});s.on("close",function(e){say("close "+e);end()});`,
    isAsync: true,
    prints: ["close false"],
  },
  {
    name: "on('connect') in the callback's place",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.echo});s.on("connect",function(){say("up");s.end()});s.on("close",end);`,
    isAsync: true,
    prints: ["up"],
  },
  {
    name: "a port that nobody listens on",
    code: `var net=require("net");try{var s=net.connect({host:"127.0.0.1",port:P.closed},function(){say("up")});s.on("error",function(){say("error")});s.on("close",function(e){say("close "+e)})}catch(e){say("threw "+e.message)}setTimeout(end,150);`,
    isAsync: true,
    prints: ["ERROR: Connect failed (err 111)", "threw Unable to create socket"],
  },
  {
    name: "a name that is not known",
    code: `var net=require("net");try{var s=net.connect({host:"no-such-host.invalid",port:1},function(){say("up")});s.on("close",function(e){say("close "+e)})}catch(e){say("threw "+e.message)}setTimeout(end,200);`,
    isAsync: true,
    prints: ["threw Unable to locate host"],
  },
  {
    name: "a port that is none",
    code: `var net=require("net");try{net.connect({host:"127.0.0.1",port:0},function(){})}catch(e){say(e.message)}`,
    prints: ["ERROR: Connect failed (err 111)", "Unable to create socket"],
  },
  {
    name: "a port that is a text",
    code: `var net=require("net");try{net.connect({host:"127.0.0.1",port:"x"},function(){})}catch(e){say(e.message)}`,
    prints: ["ERROR: Connect failed (err 111)", "Unable to create socket"],
  },
  {
    name: "all bytes both ways",
    code: `var net=require("net");var t="",g="",i;for(i=0;i<256;i++)t+=String.fromCharCode(i);var s=net.connect({host:"127.0.0.1",port:P.echo},function(){s.write(t)});s.on("data",function(d){g+=d;if(g.length==256){say(g===t);s.end()}});s.on("close",end);`,
    isAsync: true,
    prints: ["true"],
  },
  {
    name: "a write of a number and of an array",
    code: `var net=require("net");var g="",s=net.connect({host:"127.0.0.1",port:P.echo},function(){s.write(12);s.write([1,2])});s.on("data",function(d){g+=d});setTimeout(function(){say(g);s.end()},250);s.on("close",end);`,
    isAsync: true,
    prints: ["121,2"],
  },
  {
    name: "an exception in data is told, and the socket lives",
    code: `var net=require("net");var n=0,s=net.connect({host:"127.0.0.1",port:P.echo},function(){s.write("a")});s.on("data",function(d){n++;if(n==1){setTimeout(function(){s.write("b")},30);throw new Error("first")}say(d);s.end()});s.on("close",end);`,
    isAsync: true,
    prints: ["Uncaught Error: first", "b"],
  },
  {
    name: "available and read where nobody listens",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.greet},function(){});setTimeout(function(){say(s.available());say(s.read(3));say(s.available());s.end()},200);s.on("close",end);`,
    isAsync: true,
    prints: ["7", "wel", "4"],
  },
  {
    name: "two sockets at once",
    code: `var net=require("net");var n=0;function open(name){var s=net.connect({host:"127.0.0.1",port:P.echo},function(){s.write(name)});s.on("data",function(d){n++;if(n==2){say("both")}s.end()});s.on("close",function(){if(n==2){n=3;setTimeout(end,60)}})}open("a");open("b");`,
    isAsync: true,
    prints: ["both"],
  },
  {
    name: "10 KB are echoed whole",
    code: `var net=require("net");var t="",n=0,i;for(i=0;i<640;i++)t+="0123456789abcdef";var s=net.connect({host:"127.0.0.1",port:P.echo},function(){s.write(t)});s.on("data",function(d){n+=d.length;if(n==t.length){say(n);s.end()}});s.on("close",end);`,
    isAsync: true,
    prints: ["10240"],
  },
  {
    name: "a connection that was ended before it stood",
    code: `var net=require("net");var s=net.connect({host:"127.0.0.1",port:P.echo},function(){say("up")});s.end();s.on("close",function(e){say("close "+e);end()});setTimeout(end,400);`,
    isAsync: true,
    prints: ["close false"],
  },
  {
    name: "close comes once",
    code: `var net=require("net");var n=0,s=net.connect({host:"127.0.0.1",port:P.bye},function(){});s.on("data",function(){});s.on("close",function(){n++});setTimeout(function(){say(n);end()},300);`,
    isAsync: true,
    prints: ["1"],
  },
];
