/** `require("Storage")`. */
import type { Probe } from "./probe.ts";

export const STORAGE: readonly Probe[] = [
  {
    name: "read of none",
    code: `var s=require("Storage");say(typeof s.read("none"));`,
    prints: ["undefined"],
  },
  {
    name: "write and read",
    code: `var s=require("Storage");say(s.write("a","hello"));say(s.read("a"));s.erase("a");`,
    prints: ["true", "hello"],
  },
  {
    name: "read of a part",
    code: `var s=require("Storage");s.write("a","hello");say(s.read("a",1,3));say(s.read("a",3));s.erase("a");`,
    prints: ["ell", "lo"],
  },
  {
    name: "write of all bytes",
    code: `var s=require("Storage");var t="",i;for(i=0;i<256;i++)t+=String.fromCharCode(i);s.write("a",t);say(s.read("a")===t);s.erase("a");`,
    prints: ["true"],
  },
  {
    name: "write of nothing throws",
    code: `var s=require("Storage");s.write("a","");`,
    prints: ["throws Can't create zero length file"],
  },
  {
    name: "write of an object is JSON",
    code: `var s=require("Storage");s.write("a",{b:1});say(s.read("a"));s.erase("a");`,
    prints: ['{"b":1}'],
  },
  {
    name: "write of an array is its bytes",
    code: `var s=require("Storage");s.write("a",[104,105]);say(s.read("a"));s.erase("a");`,
    prints: ["hi"],
  },
  {
    name: "a name of 28 characters",
    code: `var s=require("Storage");var n="1234567890123456789012345678";s.write(n,"x");say(s.read(n));say(s.list().indexOf(n)>=0);s.erase(n);`,
    prints: ["x", "true"],
  },
  {
    name: "a name of 29 characters is cut",
    code: `var s=require("Storage");var n="12345678901234567890123456789";try{s.write(n,"x");say(typeof s.read(n));say(s.list(/^1234/).join());s.erase(n)}catch(e){say(e.message)}`,
    prints: ["string", "1234567890123456789012345678"],
  },
  { name: "erase of none", code: `var s=require("Storage");s.erase("none");say("ok");`, prints: ["ok"] },
  {
    name: "erase takes it from the list",
    code: `var s=require("Storage");s.write("a","x");s.erase("a");say(s.list(/^a$/).length);`,
    prints: ["0"],
  },
  {
    name: "list by an expression",
    code: `var s=require("Storage");s.write("k1","x");s.write("k2","x");s.write("z","x");say(s.list(/^k/).join());s.erase("k1");s.erase("k2");s.erase("z");`,
    prints: ["k1,k2"],
  },
  {
    name: "writing the same again writes nothing",
    code: `var s=require("Storage");s.write("a","same");var f=s.getFree();s.write("a","same");say(f-s.getFree());s.erase("a");`,
    prints: ["0"],
  },
  {
    name: "writing another in its place takes room",
    code: `var s=require("Storage");s.write("a","one");var f=s.getFree();s.write("a","two");say(f-s.getFree());s.erase("a");`,
    prints: ["36"],
  },
  {
    name: "a file in pieces",
    code: `var s=require("Storage");s.write("a","he",0,5);s.write("a","llo",2);say(s.read("a"));s.erase("a");`,
    prints: ["hello"],
  },
  {
    name: "a piece over what is written throws",
    code: `var s=require("Storage");s.write("a","he",0,5);try{s.write("a","x",1)}catch(e){say(e.message)}s.erase("a");`,
    prints: ["File already written with different data"],
  },
  {
    name: "a piece beyond the size throws",
    code: `var s=require("Storage");s.write("a","he",0,5);try{s.write("a","toolong",2)}catch(e){say(e.message)}s.erase("a");`,
    prints: ["Too much data for file size"],
  },
  {
    name: "a piece of a file that there is not throws",
    code: `var s=require("Storage");s.write("none","x",3);`,
    prints: ["throws Unable to find or create file"],
  },
  {
    name: "too large for Storage throws",
    code: `var s=require("Storage");s.write("a","x",0,10000000);`,
    prints: ["Compacting... ", "throws Unable to find or create file"],
    simulated: { prints: ["throws Unable to find or create file"], row: "compaction" },
  },
  {
    name: "getStats has these figures",
    code: `var s=require("Storage");say(Object.keys(s.getStats()).sort().join());`,
    prints: ["fileBytes,fileCount,freeBytes,totalBytes,trashBytes,trashCount"],
  },
  {
    name: "getStats adds up",
    code: `var s=require("Storage");var t=s.getStats();say(t.totalBytes);say(t.totalBytes===t.freeBytes+t.fileBytes+t.trashBytes);`,
    prints: ["262144", "true"],
  },
  {
    name: "trash is counted",
    code: `var s=require("Storage");var a=s.getStats();s.write("a","12345");s.erase("a");var b=s.getStats();say(b.trashCount-a.trashCount);say(b.trashBytes-a.trashBytes);`,
    prints: ["1", "40"],
  },
  {
    name: "compact wins the trash back",
    code: `var s=require("Storage");s.write("a","12345");s.erase("a");s.compact();say(s.getStats().trashBytes);`,
    prints: ["Compacting... ", "0"],
    simulated: { prints: ["0"], row: "compaction" },
  },
  {
    name: "readJSON and writeJSON",
    code: `var s=require("Storage");s.writeJSON("j",{a:[1,"x"]});say(s.readJSON("j").a[1]);s.erase("j");`,
    prints: ["x"],
  },
  {
    name: "readJSON of none",
    code: `var s=require("Storage");say(typeof s.readJSON("none"));`,
    prints: ["undefined"],
  },
  {
    name: "readJSON of nonsense throws",
    code: `var s=require("Storage");s.write("j","{a:");try{s.readJSON("j");say("read")}catch(e){say("threw")}s.erase("j");`,
    prints: ["threw"],
  },
  {
    name: "readJSON of nonsense without exceptions",
    code: `var s=require("Storage");s.write("j","{a:");say(typeof s.readJSON("j",true));s.erase("j");`,
    prints: ["undefined"],
  },
  {
    name: "readArrayBuffer",
    code: `var s=require("Storage");s.write("a","hi");say(new Uint8Array(s.readArrayBuffer("a")).join());s.erase("a");`,
    prints: ["104,105"],
  },
  {
    name: "a name of a number",
    code: `var s=require("Storage");s.write(12,"x");say(s.read("12"));s.erase("12");`,
    prints: ["x"],
  },
  {
    name: "read from before the start",
    code: `var s=require("Storage");s.write("r","abc");say(s.read("r",-1));say(s.read("r",1,99));say(s.read("r",5).length);s.erase("r");`,
    prints: ["abc", "bc", "0"],
  },
  {
    name: "erase of none",
    code: `say(require("Storage").erase("none"));`,
    prints: ["undefined"],
  },
  {
    name: "read of a length of 0 is the rest",
    code: `var s=require("Storage");s.write("r","abc");say(s.read("r",1,0));say(s.read("r",0,0));say(s.read("r",1,-1));s.erase("r");`,
    prints: ["bc", "abc", "bc"],
  },
];
