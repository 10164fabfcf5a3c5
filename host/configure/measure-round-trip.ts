/**
 * Measures the round trip from a board to its hub. The board opens a second connection with the credentials of its
 * configuration and another client identifier, so that the device's session is not affected, and times PINGREQ to PINGRESP
 * [MQTT 3.1.1, 3.12]. The firmware is not involved, and no secret leaves the board.
 */
import { CONFIGURATION_FILES } from "../../firmware/contract/configuration.ts";
import { utf8Of } from "../serial/bytes.ts";
import { type BoardConsole, RESPONSE_TIMEOUT_MS } from "../serial/console.ts";

/** The number of pings, of which the fastest counts, because others waited for other work on the board. */
const PINGS = 5;
/** The suffix of the client identifier after the device's ID. */
const CLIENT_SUFFIX = "-ping";
const ANSWER_MS_MAX = 8_000;
const RESULT = /~mk-ping(\S+)\r?\n/;

export type RoundTrip =
  | { readonly milliseconds: number }
  /** The reason, in words. */
  | { readonly unknown: string };

/** `hub` is host:port, as the device reported it. Throws like `evaluate`. */
export async function measureRoundTrip(console: BoardConsole, hub: string): Promise<RoundTrip> {
  let text = "";
  const stop = console.addTextListener((piece) => {
    text += piece;
  });
  try {
    await console.evaluate(utf8Of(pingExpression(hub)), RESPONSE_TIMEOUT_MS);
    // The board may print meanwhile, so only the clock ends the wait.
    const deadlineMs = console.clock.uptimeMs() + ANSWER_MS_MAX;
    while (!RESULT.test(text) && console.clock.uptimeMs() < deadlineMs) await console.enquire();
  } finally {
    stop();
  }
  return resultOf(RESULT.exec(text)?.[1]);
}

function resultOf(result: string | undefined): RoundTrip {
  if (result === undefined) return { unknown: "the hub did not answer a second connection" };
  if (result === "-") return { unknown: "a second connection to the hub could not be opened" };
  if (result === "tls")
    return {
      unknown: "a second connection over TLS takes some 40 KB of the board's memory",
    };
  if (result === "own")
    return {
      unknown:
        "the hub identifies the device by its user name, so a second connection would take over from the first",
    };
  if (result.startsWith("!"))
    return { unknown: `the hub refused a second connection (CONNACK ${result.slice(1)})` };
  return { milliseconds: Math.round(Number(result) * 10) / 10 };
}

/** Code for the board, which prints the fastest round trip in ms, `!` and a refusing return code, `-` for no connection, or
 * `tls` or `own` if it was not tried. */
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
