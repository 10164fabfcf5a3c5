/**
 * A probe: a small program and its output on the simulated and the real Espruino. It prints with `say(text)`. A probe that
 * continues after its code has ended calls `end()`.
 */
export interface Probe {
  readonly name: string;
  /** The program, in code that Espruino runs correctly. `P` has the ports of the peers by name. */
  readonly code: string;
  /** True if the program calls `end()`. */
  readonly isAsync?: true;
  /** The output on the real interpreter, Espruino 2v29.277 for Linux. */
  readonly prints: readonly string[];
  /** The output on the simulator, if it differs. `row` is its row in docs/simulator.md. */
  readonly simulated?: { readonly prints: readonly string[]; readonly row: string };
}

/** The ports of the probes' peers on 127.0.0.1. */
export type PeerPorts = Readonly<Record<PeerName, number>>;
/** The peers: echo; 5,000 bytes and end; sends first after a moment; sends a word and ends; resets; does not exist. */
export type PeerName = "echo" | "flood" | "greet" | "bye" | "reset" | "closed";

const BEGIN = "~probe ";
export const ALL_DONE = "~end";
const SAID = "~say ";

/** One program that runs all probes, one after the other. */
export function probeProgram(probes: readonly Probe[], ports: PeerPorts): string {
  return `var P=${JSON.stringify(ports)},Q=[];
function next(){var p=Q.shift(),over=false;if(!p){print("${ALL_DONE}");return}print("${BEGIN}"+p[0]);
function end(){if(over)return;over=true;setTimeout(next,1)}
function say(v){print("${SAID}"+v)}
try{p[1](say,end)}catch(e){print("throws "+(e.message||e));end();return}
if(!p[2])end()}
${probes.map(({ code, isAsync = false }, index) => `Q.push([${index},function(say,end){${code}},${isAsync}]);`).join("\n")}
setTimeout(next,1);
`;
}

/**
 * The output of each probe by its index, without stack frames: Espruino's have the position of a name, V8's that of the call.
 */
export function printsOf(lines: readonly string[]): ReadonlyMap<number, readonly string[]> {
  const prints = new Map<number, string[]>();
  let current: string[] | undefined;
  for (const line of lines) {
    const begun = line.startsWith(BEGIN) ? Number(line.slice(BEGIN.length)) : undefined;
    if (begun !== undefined) {
      current = [];
      prints.set(begun, current);
    } else if (line === ALL_DONE) current = undefined;
    else if (!/^ {4}at |^ *\^?$/.test(line) || line.startsWith(SAID)) {
      current?.push(line.startsWith(SAID) ? line.slice(SAID.length) : line);
    }
  }
  return prints;
}
