/**
 * The time from a board to its hub and back. The board opens a second connection with the credentials of its own
 * configuration, under another client identifier, so that the device's session is not touched, and times PINGREQ to
 * PINGRESP [MQTT 3.1.1, 3.12] on it. The firmware has no part in it, and no secret leaves the board.
 */
import { CONFIGURATION_FILES } from "../../firmware/contract/configuration.ts";
import { utf8Of } from "../serial/bytes.ts";
import { type BoardConsole, RESPONSE_TIMEOUT_MS } from "../serial/console.ts";

/** The fastest counts: the others waited for something else on the board. */
const PINGS = 5;
/** Behind the device's identifier. */
const CLIENT_SUFFIX = "-ping";
const ANSWER_MS_MAX = 8_000;
const RESULT = /~mk-ping(\S+)\r?\n/;

export type RoundTrip =
  | { readonly milliseconds: number }
  /** In words. */
  | { readonly unknown: string };

/** `hub` is host:port, as the device said it. @throws as `evaluate`. */
export async function measureRoundTrip(console: BoardConsole, hub: string): Promise<RoundTrip> {
  let text = "";
  const stop = console.addTextListener((piece) => {
    text += piece;
  });
  try {
    await console.evaluate(utf8Of(pingExpression(hub)), RESPONSE_TIMEOUT_MS);
    // The board may have been printing all the while: so this goes by the clock alone.
    const deadlineMs = console.clock.uptimeMs() + ANSWER_MS_MAX;
    while (!RESULT.test(text) && console.clock.uptimeMs() < deadlineMs) await console.enquire();
  } finally {
    stop();
  }
  return resultOf(RESULT.exec(text)?.[1]);
}

function resultOf(result: string | undefined): RoundTrip {
  if (result === undefined) return { unknown: "the hub did not answer a second connection" };
  if (result === "-") return { unknown: "no second connection to the hub came about" };
  if (result === "tls")
    return {
      unknown: "over TLS it is not measured, for a second connection takes some 40 KB of the board's memory",
    };
  if (result === "own")
    return {
      unknown:
        "the hub knows the device by its user name, and a second connection would take the first one's place",
    };
  if (result.startsWith("!"))
    return { unknown: `the hub refuses a second connection (CONNACK ${result.slice(1)})` };
  return { milliseconds: Math.round(Number(result) * 10) / 10 };
}

/** Prints the fastest round trip in milliseconds; `!` and the return code of a CONNACK that refuses; `-` where none came; `tls` and `own` where it is not tried. */
function pingExpression(hub: string): string {
  const source = `(function(f,S,r,h,k,n,b,t,q,e){
f=String.fromCharCode;
S=function(s){return f(s.length>>8,s.length&255)+s};
e=function(x){if(q){q=0;print("~mk-"+"ping"+x);k.end()}};
${JSON.stringify(CONFIGURATION_FILES)}.forEach(function(N,s,c){s=require("Storage").read(N);
if(s&&("0000000"+E.CRC32(s.substr(8)).toString(16)).substr(-8)==s.substr(0,8)){c=JSON.parse(s.substr(8));if(!r||c.sequence>r.sequence)r=c}});
h=[r.hub].concat(r.furtherHubs||[]).find(function(x){return x.host+":"+x.port==${JSON.stringify(hub)}})||r.hub;
if(h.tls)return print("~mk-"+"pingtls");
if(h.username==r.deviceId)return print("~mk-"+"pingown");
q=f(0,4)+"MQTT"+f(4,2|(h.username?128:0)|(h.password?64:0),0,30)+S(r.deviceId+"${CLIENT_SUFFIX}")+(h.username?S(h.username):"")+(h.password?S(h.password):"");
n=0;b=1e9;
try{k=require("net").connect({host:h.host,port:h.port},function(){k.write(f(16)+(q.length>127?f(q.length&127|128,q.length>>7):f(q.length))+q)});
k.on("data",function(d){if(n){b=Math.min(b,(getTime()-t)*1000)}else if(d.charCodeAt(3))return e("!"+d.charCodeAt(3));
if(n++<${PINGS}){t=getTime();k.write(f(192,0))}else{k.write(f(224,0));e(b)}});
k.on("error",function(){});k.on("close",function(){e("-")})}catch(x){k={end:function(){}};e("-")}
})()`;
  return source.replaceAll("\n", "");
}
