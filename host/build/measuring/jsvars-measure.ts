/**
 * Counts the JsVars that a program holds once loaded, on the user's Espruino for Linux: the program is written into
 * its Storage, as on a board, and evaluated from there, so that the code of its functions stays in flash. There is no
 * configuration, and network, files and pins are stubs that do nothing.
 *
 * This does not run the program: timers never fire, and nothing connects.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../../file-system/find-program.ts";

const LOAD_MS_MAX = 5_000;
const PIECE_BYTES = 1024;
const OUTPUT_CHARACTERS_MAX = 65_536;
/** The JsVars that the measurement itself uses. */
const OVERHEAD_JSVARS = 2;
const MARK = "~mk-jsvars";
const FIGURES = new RegExp(`${MARK} (-?\\d+) (\\d+) `);

/** Stand-ins for what only boards have, and for what must not reach beyond the program. They run before the first count. */
const STAND_INS = `var $w=[],$t={};(function(){
var inert=function(){return $t};
"on,once,write,end,pipe,close,listen,connect,send,bind,removeAllListeners,setup,disconnect,startAP,stopAP,stop,getIP,getDetails,getStatus,scan,setConfig,setHostname,save,restore,unlinkSync,writeFileSync,appendFileSync,writeFile,appendFile,readFileSync,readFile,readdirSync,readdir,unlink,statSync,openFile,mkdir,createServer,createSocket,createConnection,request,get,setOptions,create"
.split(",").forEach(function(name){$t[name]=inert});
"net,http,tls,dgram,fs,Wifi,neopixel,NetworkJS,TelnetServer".split(",").forEach(function(name){
Modules.addCached(name,"module.exports=$t")});
global.digitalWrite=global.analogWrite=global.pinMode=global.digitalPulse=global.quit=function(){};
global.digitalRead=global.analogRead=function(){return 0};
global.setWatch=function(code,pin,options){$w.push([code,pin,options]);return $w.length};
["write","set","reset","pulse","mode","pwm"].forEach(function(name){Pin.prototype[name]=function(){}});
E.reboot=function(){};global.LED1=D2;global.BTN1=D0;if(!global.ESP32)global.ESP32={};
var begin=function(){};[I2C1,I2C2,SPI1,SPI2,Serial1,Serial2,Serial3].forEach(function(bus){if(bus)bus.setup=begin});
})();`;

export type Measurement =
  | { readonly used: number; readonly jsVarSizeBytes: number }
  | { readonly used?: undefined; readonly reason: string };

function script(app: Uint8Array): string {
  const lines = ['var storage=require("Storage");'];
  for (let offset = 0; offset < app.length; offset += PIECE_BYTES) {
    const piece = Buffer.from(app.subarray(offset, offset + PIECE_BYTES)).toString("base64");
    lines.push(`storage.write("app.js",atob("${piece}"),${offset},${app.length});`);
  }
  lines.push(
    "delete storage;",
    STAND_INS,
    "var $u=0;$u=process.memory().usage;",
    'eval(require("Storage").read("app.js"));',
    `print("${MARK} "+(process.memory().usage-$u)+" "+process.memory().blocksize+" ");`,
  );
  return lines.join("\n");
}

/** `program`: Espruino for Linux, by default `espruino` on PATH. */
export async function measureJsVars(app: Uint8Array, program = "espruino"): Promise<Measurement> {
  const path = findProgram(program);
  if (path === undefined) return { reason: `no ${program} on PATH` };
  const folder = await mkdtemp(join(tmpdir(), "motekit-jsvars-"));
  try {
    await writeFile(join(folder, "load.js"), script(app), "latin1");
    const output = await run(path, folder);
    const found = FIGURES.exec(output);
    if (found)
      return { used: Math.max(0, Number(found[1]) - OVERHEAD_JSVARS), jsVarSizeBytes: Number(found[2]) };
    const uncaught = /Uncaught.*/.exec(output)?.[0];
    return {
      reason: uncaught ? `it does not load without a board (${uncaught.trim()})` : "it does not load",
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Resolves with what the interpreter printed, once it has printed the figure, failed or run out of time. */
function run(path: string, folder: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(path, ["load.js"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
    let output = "";
    const kill = () => void child.kill("SIGKILL");
    const deadline = setTimeout(kill, LOAD_MS_MAX);
    process.once("exit", kill);
    child.stdin.on("error", () => undefined);
    child.stdout.on("data", (bytes: Buffer) => {
      output += bytes.toString("latin1");
      // With a timer set, the interpreter would never end by itself.
      if (FIGURES.test(output) || /Uncaught.*\n/.test(output) || output.length > OUTPUT_CHARACTERS_MAX)
        kill();
    });
    const finish = () => {
      clearTimeout(deadline);
      process.removeListener("exit", kill);
      resolve(output);
    };
    child.on("error", finish);
    child.on("close", finish);
  });
}
