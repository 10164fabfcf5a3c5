/**
 * A question that is put to the simulated Espruino and to the real one: a small program, and what it prints there. It says
 * what it found by `say(text)`; what is still to come when its code has ended is waited for until it calls `end()`.
 */
export interface Probe {
  readonly name: string;
  /** In what Espruino runs as it stands. Of the network it knows `P`, the ports of the peers by their names. */
  readonly code: string;
  /** It calls `end()`. */
  readonly isAsync?: true;
  /** On the real interpreter: Espruino 2v29.277 for Linux. */
  readonly prints: readonly string[];
  /** On the simulated one, where that differs; `row` is its row in docs/simulator.md. */
  readonly simulated?: { readonly prints: readonly string[]; readonly row: string };
}

/** On these ports of 127.0.0.1 the peers of the probes listen. */
export type PeerPorts = Readonly<Record<PeerName, number>>;
/** It sends back; sends 5,000 bytes and ends; speaks first, after a moment; says a word and ends; resets; is not there. */
export type PeerName = "echo" | "flood" | "greet" | "bye" | "reset" | "closed";

const BEGIN = "~probe ";
export const ALL_DONE = "~end";
const SAID = "~say ";

/** One program that puts all of them, one after the other. */
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
 * What each of the probes printed, by its index. The frames of a trace are left out: the interpreter's stand where it looked
 * up a name, V8's where the call begins.
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
