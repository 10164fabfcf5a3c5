import { check, checkThrows, finish, sleep } from "../check.ts";
import { debounce, EventBus, type Input, StateMachine, throttle } from "./events.ts";
import { crc16, crc32, encode, FrameParser, FrameType, type Reading } from "./frames.ts";
import { RingBuffer } from "./ring-buffer.ts";
import { deviation, histogram, mean, median, minMax, movingAverage, round, sum } from "./statistics.ts";

function checkRing(): void {
  const ring = new RingBuffer<number>(3);
  const out = [1, 2, 3, 4, 5].map((value) => ring.push(value) ?? null);
  check("pushed out", out);
  check("kept", [...ring]);
  check("at", [ring.at(0), ring.at(-1), ring.at(3) ?? null, ring.at(-4) ?? null]);
  check("sizes", [ring.length, ring.capacity, ring.isFull]);
  checkThrows("no capacity", () => new RingBuffer(0));
  const names = RingBuffer.of("a", "b", "c");
  names.push("d");
  const [first, ...others] = names;
  check("of names", { first, others, all: Array.from(names, (name) => name.toUpperCase()) });
  check("largest", Math.max(...ring));
  check("spread twice", [...ring, ...names].length);
  for (const value of ring) {
    if (value === 4) {
      check("left early", value);
      break;
    }
  }
  check("set of ring", new Set(RingBuffer.of(1, 1, 2)).size);
}

function checkStatistics(): void {
  const values = [21.5, 22.25, 19, 24, 22.25, 20];
  check("sum", sum(values));
  check("mean", mean(values).toFixed(3));
  check("mean of none", Number.isNaN(mean([])));
  check("medians", [median(values), median([3, 1, 2]), median(new Set([5, 5, 1])), median([]) ?? "none"]);
  check("deviation", deviation(values).toFixed(4));
  check("min and max", minMax(values));
  const smooth = movingAverage(3);
  check(
    "smooth",
    values.map((value) => round(smooth(value))),
  );
  const bands: Record<"cold" | "mild" | "warm", [number, number]> = {
    cold: [-50, 20],
    mild: [20, 22.25],
    warm: [22.25, 60],
  };
  check("bands", histogram(values, bands));
  check("rounded", [round(2.346), round(-2.5, 0), round(1234.5678, 1), round(0.5, 0)]);
  check("not sorted in place", values[2]);
  const grouped = values.reduce<Record<string, number[]>>((groups, value) => {
    (groups[value > 22 ? "high" : "low"] ??= []).push(value);
    return groups;
  }, {});
  check("grouped", grouped);
  check("indices", [
    values.indexOf(22.25),
    values.lastIndexOf(22.25),
    values.findIndex((value) => value > 100),
  ]);
  check("last warm", values.findLast((value) => value > 22.25) ?? null);
}

function checkBytes(): void {
  check("crc16", [crc16([1, 2, 3]).toString(16), crc16(new Uint8Array([0x31, 0x32])), crc16([])]);
  check("crc32", [crc32("123456789").toString(16), crc32("")]);
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xdeadbeef);
  view.setInt16(4, -1234, true);
  view.setUint8(6, 300);
  check("bytes", [...bytes]);
  check("read back", [view.getUint16(2), view.getInt16(4, true), view.getInt8(3), view.getUint32(0, true)]);
  const half = bytes.subarray(2, 4);
  half[0] = 1;
  check("shared", [bytes[2], half.length, half.byteOffset, half.byteLength]);
  check("hex", [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  check("bits", [0xf0 >> 4, 1 << 31, -1 >>> 28, ~0x0f & 0xff, 0b1010 ^ 0b0110, 5 & 6, 5 | 6]);
  const samples = Int16Array.from([100, -200, 32767, 40000]);
  check("wrapped", [...samples.map((sample) => sample * 2)]);
  check("clamped", [...new Uint8ClampedArray([-5, 127, 999])]);
  check(
    "floats",
    [...new Float32Array([0.5, -1.25])].map((value) => value * 2),
  );
  const words = new Uint16Array(bytes.buffer, 0, 2);
  check("words", [words.length, words[0]]);
  check("filled", [...new Uint8Array(4).fill(7, 1, 3)]);
  bytes.set([9, 8, 7], 5);
  check("set", Array.from(bytes).slice(-3));
  let flags = 0;
  for (const bit of [0, 3, 5]) flags |= 1 << bit;
  check("flags", [flags, [0, 1, 2, 3, 4, 5].filter((bit) => flags & (1 << bit)), flags.toString(2)]);
  const total = bytes.reduce((a, b) => a + b, 0);
  check("typed methods", [
    total,
    bytes.indexOf(9),
    bytes.includes(8),
    bytes.some((b) => b > 200),
    bytes.join(" "),
  ]);
}

function checkFrames(): void {
  const parser = new FrameParser();
  const temperature = encode(FrameType.Temperature, [7, 0x9c, 0xff]);
  const acceleration = encode(FrameType.Acceleration, [0, 1, 0xff, 0xfe, 0x7f, 0xff]);
  const text = encode(
    FrameType.Text,
    [..."hi there"].map((one) => one.charCodeAt(0)),
  );
  check("encoded", [...temperature]);
  check("one frame", [...parser.feed(temperature)]);
  const noisy = [1, 2, ...acceleration, 0xaa, 3, ...text];
  const readings: Reading[] = [];
  for (let i = 0; i < noisy.length; i += 4) {
    for (const reading of parser.feed(noisy.slice(i, i + 4))) readings.push(reading);
  }
  check("pieces", readings);
  check("pending", [parser.pending, parser.errors]);
  const broken = Uint8Array.from(temperature);
  broken[3] = (broken[3] ?? 0) ^ 1;
  const fresh = new FrameParser();
  check("broken", [...fresh.feed([...broken, ...encode(9, [1, 2])])]);
  check("errors", fresh.errors);
  const feeding = fresh.feed(text);
  const first = feeding.next();
  const second = feeding.next();
  check("by hand", [first.done, second.done, second.value]);
  check("text", first.value);
  const describe = (reading: Reading): string => {
    switch (reading.type) {
      case "temperature":
        return `${reading.sensor}: ${reading.celsius.toFixed(1)}°`.slice(0, 7);
      case "acceleration": {
        const [x, y, z] = reading.axes;
        return `(${x}, ${y}, ${z})`;
      }
      case "text":
        return JSON.stringify(reading.text);
      case "unknown":
        return `? ${reading.code}`;
    }
  };
  check("described", readings.map(describe));
}

interface Events extends Record<string, unknown> {
  sample: { value: number; at?: number };
  done: string;
}

async function checkEvents(): Promise<void> {
  const bus = new EventBus<Events>();
  const seen: number[] = [];
  const stop = bus.on("sample", ({ value, at = -1 }) => seen.push(value, at));
  check("handlers", [bus.fire("sample", { value: 1 }), bus.fire("done", "nobody")]);
  bus.fire("sample", { value: 2, at: 5 });
  stop();
  check("after stop", [bus.fire("sample", { value: 3 }), seen]);
  setTimeout(() => bus.fire("done", "yes"), 2);
  check("once", await bus.once("done"));
  const timer = setInterval(() => bus.fire("sample", { value: seen.length }), 2);
  const streamed: number[] = [];
  for await (const { value } of bus.stream("sample", 3)) streamed.push(value);
  clearInterval(timer);
  check("streamed", streamed);
  const quiet: string[] = [];
  const say = debounce((word: string, mark = "!") => quiet.push(word + mark), 5);
  for (const word of ["a", "b", "c"]) say(word);
  await sleep(25);
  say("d", "?");
  await sleep(25);
  check("debounced", quiet);
  const third = throttle((value: number) => value * 10, 3);
  check(
    "throttled",
    [1, 2, 3, 4, 5].map((value) => third(value) ?? null),
  );
}

function checkStates(): void {
  const machine = new StateMachine();
  const changes: string[] = [];
  machine.onChange = (from, to) => changes.push(`${from}->${to}`.replace("->", ">"));
  const inputs: Input[] = ["hot", "start", "hot", "stop", "calm", "calm", "stop"];
  check("accepted", inputs.map(machine.send));
  check("changes", changes);
  check("history", machine.history.map(([from, input]) => `${from}.${input}`).join(" "));
  check("state", machine.state);
  const { send } = machine;
  check("detached", [send("start"), machine.state]);
  const grid = [
    [1, 2, 3],
    [4, 0, 6],
    [7, 8, 9],
  ];
  let found: [number, number] | undefined;
  const values: number[] = [];
  rows: for (const [y, row] of grid.entries()) {
    for (const [x, value] of row.entries()) {
      if (value === 5) continue rows;
      if (value === 0) {
        found = [x, y];
        break rows;
      }
      values.push(value);
    }
  }
  check("labelled", { found, values });
  check(
    "transposed",
    (grid[0] ?? []).map((_, x) => grid.map((row) => row[x])),
  );
  check("flat", [grid.flat().length, grid.flatMap((row) => row.filter((value) => value % 2))]);
  const makers: (() => number)[] = [];
  for (let i = 0, step = 2; i < 6; i += step) makers.push(() => i * step);
  let count = 0;
  while (count < 2) {
    const now = count++;
    makers.push(() => now + 100);
  }
  check(
    "closures",
    makers.map((make) => make()),
  );
  const pins = new Map<number, { level: 0 | 1; changes: number }>();
  for (const [pin, level] of [
    [2, 1],
    [4, 0],
    [2, 0],
    [2, 0],
  ] as [number, 0 | 1][]) {
    const old = pins.get(pin);
    pins.set(pin, { level, changes: (old?.changes ?? 0) + (old && old.level !== level ? 1 : 0) });
  }
  check("pins", [...pins]);
}

checkRing();
checkStatistics();
checkBytes();
checkFrames();
checkStates();
checkEvents().then(finish, (error: Error) => console.log(`check failed: ${error.message}`));
