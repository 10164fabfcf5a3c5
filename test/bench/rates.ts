/** Measures messages per second through Mosquitto, and the maximum number of JsVars during a large payload, on Espruino. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePacket } from "../../firmware/mqtt/packet.ts";

const RUN_TIMEOUT_MS = 40_000;
const OUT_SECONDS = 2;
const TOPIC = "\x00\x08bench/in";

export interface Subject {
  /** The minified client. */
  readonly program: string;
  /** An expression of a function with two arguments: a callback for the subscribed client, and a listener for each payload. */
  readonly connect: (port: number) => string;
  /** An expression of a function that publishes a payload with a QoS, and returns false if it was refused. */
  readonly publish: string;
  /** An expression of a function that calls its argument whenever the socket is empty. */
  readonly onDrain: string;
}

export interface Load {
  readonly count: number;
  readonly sizeBytes: number;
  readonly qos: 0 | 1;
}

async function onEspruino(
  subject: Subject,
  port: number,
  engine: string,
  script: string,
  onLine: (line: string) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "motekit-rates-"));
  const run = (name: string, text: string): Promise<void> => {
    writeFileSync(join(folder, name), text);
    const child = spawn(engine, [name], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), RUN_TIMEOUT_MS);
    let rest = "";
    child.stdout.setEncoding("latin1").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line.trim());
    });
    return new Promise((resolve) =>
      child.on("exit", () => {
        clearTimeout(timer);
        resolve();
      }),
    );
  };
  try {
    // From memory and not from Storage, because the Linux build opens a file for every 16 bytes of code in flash.
    await run(
      "run.js",
      `${subject.program}
var benchPublish=${subject.publish},benchDrain=${subject.onDrain},benchGot=()=>{};
(${subject.connect(port)})(()=>setTimeout(()=>{${script}},300),p=>benchGot(p));`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function figure(line: string): number | undefined {
  const found = /FIGURE (\d+)/.exec(line);
  return found ? Number(found[1]) : undefined;
}

/** Publishes batches of 13 small messages for each drain, which fit into one segment. */
export async function measureOut(
  subject: Subject,
  port: number,
  engine: string,
  { sizeBytes, qos }: Omit<Load, "count">,
): Promise<number | undefined> {
  let rate: number | undefined;
  const batch = Math.max(1, Math.floor(536 / (sizeBytes + 9)));
  await onEspruino(
    subject,
    port,
    engine,
    `var payload="x".repeat(${sizeBytes}),sent=0,started=getTime(),over=0;
var more=()=>{if(over)return;for(var i=0;i<${batch};i++)if(benchPublish(payload,${qos})!==false)sent++;
if(getTime()-started>${OUT_SECONDS}){over=1;print("FIGURE "+Math.round(sent/(getTime()-started)));quit();}};
benchDrain(more);more();`,
    (line) => {
      rate = figure(line) ?? rate;
    },
  );
  return rate;
}

/** A publisher of raw packets, so that the publisher is not the bottleneck. */
function flood(port: number, { count, sizeBytes, qos }: Load): void {
  const socket = createConnection(port, "127.0.0.1");
  socket.write(Buffer.from("\x10\x11\x00\x04MQTT\x04\x02\x00\x00\x00\x05flood", "latin1"));
  const packet = encodePacket(0x30, TOPIC + "x".repeat(sizeBytes));
  const withIdentifier = (index: number): string =>
    encodePacket(
      0x32,
      `${TOPIC}${String.fromCharCode(((index >> 8) & 127) | 128, index & 255)}${"x".repeat(sizeBytes)}`,
    );
  socket.once("data", () => {
    for (let index = 0; index < count; index++) {
      socket.write(Buffer.from(qos ? withIdentifier(index) : packet, "latin1"));
    }
  });
  socket.on("error", () => socket.destroy());
  setTimeout(() => socket.destroy(), RUN_TIMEOUT_MS).unref();
}

/** The rate from the first to the last received message. */
export async function measureIn(
  subject: Subject,
  port: number,
  engine: string,
  load: Load,
): Promise<number | undefined> {
  let rate: number | undefined;
  await onEspruino(
    subject,
    port,
    engine,
    `var got=0,first=0,last=0;
benchGot=p=>{last=getTime();if(!got++)first=last;};
setInterval(()=>{if(got>1&&getTime()-last>0.7){print("FIGURE "+Math.round((got-1)/(last-first)));quit();}},200);
print("READY");`,
    (line) => {
      if (line.includes("READY")) flood(port, load);
      rate = figure(line) ?? rate;
    },
  );
  return rate;
}

/** The maximum of JsVars, in addition to those of the connected client, while one payload of this size arrives. */
export async function measurePeakIn(
  subject: Subject,
  port: number,
  engine: string,
  sizeBytes: number,
): Promise<number | undefined> {
  let peak: number | undefined;
  await onEspruino(
    subject,
    port,
    engine,
    `var before=process.memory().usage;
benchGot=p=>{var peak=process.memory(false).usage;print("FIGURE "+(peak-before));quit();};
print("READY");`,
    (line) => {
      if (line.includes("READY")) flood(port, { count: 1, sizeBytes, qos: 0 });
      peak = figure(line) ?? peak;
    },
  );
  return peak;
}
