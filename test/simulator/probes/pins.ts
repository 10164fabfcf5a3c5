/** Pins, as far as Espruino for Linux has them. */
import type { Probe } from "./probe.ts";

export const PINS: readonly Probe[] = [
  {
    name: "a pin prints its name",
    code: `say(String(D2));say(typeof D2);`,
    prints: ["D2", "number"],
    simulated: { prints: ["D2", "object"], row: "pins" },
  },
  { name: "a pin is equal to itself", code: `say(D2===D2);`, prints: ["true"] },
  {
    name: "getMode of a pin at the start",
    code: `say(typeof D5.getMode());`,
    prints: ["undefined"],
    simulated: { prints: ["string"], row: "pins" },
  },
  { name: "digitalRead gives a number", code: `say(typeof digitalRead(D2));`, prints: ["number"] },
  {
    name: "digitalWrite and read back",
    code: `digitalWrite(D2,1);say(D2.read()?1:0);digitalWrite(D2,0);say(D2.read()?1:0);`,
    prints: ["1", "0"],
  },
  { name: "toggle of a pin", code: `D2.write(0);say(D2.toggle()?1:0);`, prints: ["1"] },
  {
    name: "set and reset of a pin",
    code: `D2.set();say(D2.read()?1:0);D2.reset();say(D2.read()?1:0);`,
    prints: ["1", "0"],
  },
  {
    name: "setWatch gives a number",
    code: `var w=setWatch(function(){},D4,{repeat:true});say(typeof w);clearWatch(w);`,
    prints: ["number"],
  },
  {
    name: "clearWatch of none",
    code: `try{clearWatch(99999);say("ok")}catch(e){say(e.message)}`,
    prints: ["ok"],
  },
  { name: "pinMode", code: `pinMode(D3,"input_pullup");say(getPinMode(D3));`, prints: ["input_pullup"] },
  {
    name: "an unknown mode of a pin",
    code: `try{pinMode(D3,"nonsense");say("ok")}catch(e){say(e.message)}`,
    prints: ["Unknown pin mode"],
  },
];
