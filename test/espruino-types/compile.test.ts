import { describe, expect, it } from "vitest";
import { capabilityNames, compile } from "./library.ts";

const accepted: Record<string, string> = {
  "default, rest and destructured parameters": `
    function sum(first = 1, { x, y: [z = 2] }: { x: number; y: number[] }, ...rest: number[]) {
      return rest.reduce((a, b) => a + b, first + x + z);
    }
    print(sum(1, { x: 2, y: [] }, 3, 4));`,
  "normalize, and patterns as texts": `
    print("a".normalize("NFC").length, "a1".search("[0-9]"), [..."a1".matchAll("[0-9]")].length);`,
  "spread of arrays, strings and objects": `
    const bytes = new Uint8Array([1, 2]);
    print([...[1, 2], ..."ab", ...bytes], { ...{ a: 1 }, b: 2 }, Math.max(...bytes));`,
  "the length of an array, also assigned": `
    const list = [1, 2]; list.length = 0; list.push(3); print(list.length - 1);`,
  "for…of over arrays, strings, typed arrays, maps and generators": `
    function* count() { yield 1; yield* [2, 3]; }
    for (const v of [1]) print(v);
    for (const c of "ab") print(c.charCodeAt(0));
    for (const b of new Uint8Array(2)) print(b + 1);
    for (const [k, v] of new Map([["a", 1]])) print(k.length + v);
    for (const [k, v] of Object.entries({ a: 1 })) print(k.length + v);
    for (const n of count()) print(n + 1);`,
  "async, await and for await": `
    async function* ticks() { yield 1; }
    async function run(): Promise<string> {
      try {
        for await (const t of ticks()) print(t + 1);
        const [a, b] = await Promise.all([1, Promise.resolve("x")]);
        await new Promise<void>((resolve) => { setTimeout(resolve, 10); });
        return b.repeat(a);
      } catch (error) {
        return error instanceof Error ? error.message : "unknown";
      } finally {
        print("done");
      }
    }
    run().then((text) => print(text.trim())).catch((e) => console.log(e)).finally(() => print("end"));`,
  "classes with fields, accessors, private members and inheritance": `
    abstract class Base<T> {
      #secret = 1;
      static made = 0;
      protected items: T[] = [];
      constructor(items?: T[]) { Base.made++; if (items) this.items = items; }
      get secret() { return this.#secret; }
      abstract name(): string;
    }
    class Child extends Base<number> {
      override name() { return "child" + this.items.length + super.secret; }
    }
    class Broken extends Error {
      readonly code: number;
      constructor(code: number) { super("broken"); this.code = code; }
    }
    print(new Child([1]).name(), new Broken(3).code);`,
  "optional chaining, nullish assignment, exponent, tagged templates": `
    const o: { a?: { b: number[] } } = {};
    let n: number | undefined;
    n ??= o?.a?.b?.[0] ?? 2 ** 3;
    function tag(parts: TemplateStringsArray, ...values: number[]) { return parts.raw.join(values.join()); }
    print(tag\`a\${n}b\`);`,
  "utility types": `
    interface Config { name: string; port: number }
    const a: Partial<Config> = {};
    const b: Readonly<Record<"x" | "y", Pick<Config, "port">>> = { x: { port: 1 }, y: { port: 2 } };
    type R = ReturnType<typeof make>;
    function make(...args: Parameters<typeof setTime>) { return { at: args[0] }; }
    const c: R = make(1);
    const d: Omit<Config, "name"> & Required<NonNullable<Partial<Config> | undefined>> = { name: "n", port: 1 };
    const e: Awaited<Promise<Promise<number>>> = 1;
    const f: Uppercase<"abc"> = "ABC";
    print(a, b, c, d, e, f);`,
  "strict call, bind and apply": `
    function add(a: number, b: number) { return a + b; }
    print(add.bind(null, 1)(2), add.call(null, 1, 2), add.apply(null, [1, 2]));`,
  "callbacks that are constructors": `print(["1"].map(Number), [1].map(String), [0, 1].filter(Boolean));`,
  sockets: `
    const net = require("net");
    const socket = net.connect({ host: "10.0.0.1", port: 1883 }, () => { socket.write("hello"); });
    socket.on("data", (data) => print(data.length));
    socket.on("close", (hadError) => print(hadError === true));
    net.createServer((client) => client.on("end", () => client.end())).listen(80);`,
  "Wi-Fi": `
    const wifi = require("Wifi");
    wifi.on("disconnected", (details) => print(details.reason.length, details.msg));
    wifi.connect("ssid", { password: "secret" }, (error) => { if (error) print(error.length); });
    wifi.scan((list) => print(list.map(({ rssi }) => rssi + 1)));`,
  "methods of literals that take their own type as this": `
    function make<T extends object>(methods: T & ThisType<T & { id: number }>) { return methods; }
    print(make({ name() { return "a" + this.id; } }).name());`,
  drawing: `
    const picture = Graphics.createArrayBuffer(128, 64, 1, { msb: true });
    picture.clear().setFont("6x8").drawString("hello", 0, 0).fillRect({ x: 0, y: 9, w: 10, h: 2 });
    picture.flip?.();`,
  "files in Storage": `
    const storage = require("Storage");
    const text = storage.read("app");
    if (text !== undefined) print(text.length);
    storage.write("app", "x", 0, 10);
    print(storage.getStats().freeBytes, storage.open("log", "a").getLength());`,
  "pins, watches and timers": `
    const timer = setInterval(() => D2.toggle(), 500);
    const watch = setWatch(({ state, time }) => print(state, time), D0, { repeat: true, edge: "rising" });
    digitalWrite([D4, D5], 3); analogWrite(D12, 0.5, { freq: 1000 }); pinMode(D14, "input_pullup");
    changeInterval(timer, 100); clearInterval(timer); clearWatch(watch);
    let later: number | undefined = setTimeout((a: number) => print(a), 10, 1);
    if (later !== undefined) clearTimeout(later);
    later = undefined;`,
  "buses and serial ports": `
    I2C1.setup({ sda: D21, scl: D22 }); I2C1.writeTo(0x40, 1, [2, 3]);
    print(I2C1.readFrom({ address: 0x40, stop: false }, 2)[0]);
    const spi = new SPI(); spi.setup({ sck: D5, mosi: D18, baud: 1000000 });
    print(spi.send([1, 2], D4).length, spi.send(1) + 1);
    Serial2.setup(9600, { rx: D16, tx: D17 }); Serial2.on("data", (data) => print(data.length));
    print(new OneWire(D13).search());`,
  "the interpreter": `
    E.on("errorFlag", (flags) => { if (flags.includes("MEMORY")) E.reboot(); });
    process.on("uncaughtException", (error) => print(error));
    E.enableWatchdog(10, false); E.kickWatchdog();
    print(process.memory(false).usage, E.toString([1, 2]).length, E.CRC32("a"), process.env.BOARD);`,
  "events of one's own": `
    const door = {} as Emitter<{ opened: [by: string, at: number] }>;
    door.on("opened", (by, at) => print(by.length + at));
    door.emit("opened", "me", 1);`,
  "a module of the project": `
    declare global { interface EspruinoModules { DHT22: { connect(pin: Pin): { read(): number } } } }
    print(require("DHT22").connect(D4).read() + 1);`,
  fills: `
    print(Array.from({ length: 3 }, (_, i) => i), new Set([1, 1]).size, Number.isInteger(1), [1, 2].at(-1));
    Promise.race([1, Promise.resolve("a")]).then((v) => print(v));`,
  "more fills": `
    print([2, 1].toSorted((a, b) => a - b), Uint8Array.from([1, 2]).at(-1), "a,b".split(",", 1), Date.UTC(2024, 1));
    for (const { index, groups } of "a1".matchAll(/(?<digit>\\d)/g)) print(index, groups?.digit);
    try { throw new RangeError("far", { cause: new Error("near") }); } catch (error) { print((error as Error).name); }
    print(JSON.parse("[1]", (key, value) => (key === "0" ? 2 : value)), String.raw\`a\`, new WeakMap().has({}));`,
};

Object.assign(accepted, {
  "arrays with all that the standard has": `
    const t = { k: 2 };
    function above(this: { k: number }, x: number) { return x > this.k; }
    print([1, 2, 3].find(above, t), [1].findLast((x) => x > 1, t), [1, 2].copyWithin(0, 1), Array.from([1], (x) => x, t));
    const flat: number[] = [[[1]], [[2]]].flat(2);
    const words: string[] = ["a b"].flatMap((x) => x.split(" "));
    print(flat, words, ["a", [1]].flat(), [1].sort(undefined));`,
  "globals that the build supplies": `
    setImmediate(() => print(new TextDecoder().decode(new TextEncoder().encode("a"))));
    print(Reflect.ownKeys({ a: 1 }), new URIError("a").message, new EvalError("b").message);`,
  "lists in groups": `
    const odd = Object.groupBy([1, 2, 3], (x) => (x % 2 ? "odd" : "even")).odd ?? [];
    const byLength: Map<number, string[]> = Map.groupBy(new Set(["a", "bb"]), (text, index) => text.length + index);
    print(odd.length, byLength.get(1)?.join());`,
  "typed arrays whose slices and copies are of their kind": `
    const part: Uint8Array = new Uint8Array([1, 2, 3]).slice(1).filter((x) => x > 1).toReversed();
    print(part.buffer.slice(1).byteLength, part.with(0, 1).toSorted()[0], part.BYTES_PER_ELEMENT, new Uint8Array().length);
    print(new Float32Array([1]).reduceRight((sum, x) => sum + x), part.copyWithin(0, 1));`,
});

/** Each line with the word that the message must name. */
const refused: Record<string, string> = {
  "new WeakRef({})": "WeakRef",
  "new Proxy({}, {})": "Proxy",
  "window.alert('')": "window",
  "document.body": "document",
  "Buffer.from('a')": "Buffer",
  "process.exit(1)": "exit",
  "process.argv": "argv",
  "process.nextTick(() => 1)": "nextTick",
  "fetch('http://a')": "fetch",
  "new Intl.NumberFormat()": "Intl",
  "1n + BigInt(2)": "BigInt",
  "new Date().toLocaleString()": "toLocaleString",
  "new Uint8Array([1]).slice(0).push(1)": "push",
  "clearTimeout(undefined)": "undefined",
  "clearInterval()": "Expected 1 arguments",
  "setTimeout('print(1)', 10)": "string",
  "require('fs').promises": "promises",
  "require('mqtt')": "mqtt",
  "require('net').connect({ host: 'a', port: 1 }).on('dta', () => 1)": "dta",
  "require('net').connect({ host: 'a', port: 1 }).destroy()": "destroy",
  "require('net').connect({ host: 'a', port: 1 }).setNoDelay(true)": "setNoDelay",
  "require('net').connect({ host: 'a', port: 1 }).write(new Uint8Array(1))": "Uint8Array",
  "require('Wifi').on('dhcp_timeout', () => 1)": "dhcp_timeout",
  "E.on('errorFlag', (flags) => flags.includes('OOM'))": "OOM",
  "setWatch(() => 1, 4)": "number",
  "digitalWrite(D99, 1)": "D99",
};

const everyBoard = compile({ ...accepted, ...refused, ...codeOf(refused) }, capabilityNames());

function codeOf(table: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.keys(table).map((code) => [code, `${code};`]));
}

describe("the library of types", () => {
  it("has no error of its own, with all capabilities and with none", () => {
    expect(everyBoard.get("library")).toEqual([]);
    expect(compile({}, []).get("library")).toEqual([]);
  });

  it.each(Object.keys(accepted))("accepts %s", (name) => {
    expect(everyBoard.get(name)).toEqual([]);
  });

  it.each(Object.entries(refused))("refuses %s, naming %s", (code, word) => {
    expect(everyBoard.get(code)?.join("\n")).toContain(word);
  });
});

describe("a board's capabilities", () => {
  const uses: Record<string, string> = {
    crypto: "require('crypto').SHA256('a')",
    esp32: "ESP32.reboot()",
    filesystem: "E.openFile('a', 'r')",
    neopixel: "require('neopixel').write(D2, [1, 2, 3])",
    "network-js": "require('NetworkJS')",
    "pins-22-39": "D39.read()",
    "pins-40-48": "D48.read()",
    "second-buses": "SPI2.setup({ sck: D5 })",
    telnet: "Telnet.print('a')",
    tls: "require('tls').connect({ host: 'a', port: 8883 })",
    wifi: "require('Wifi').getIP()",
  };
  const code = Object.fromEntries(Object.entries(uses).map(([name, text]) => [name, `${text};`]));

  it("are all known here", () => {
    expect(Object.keys(uses)).toEqual(capabilityNames());
  });

  const none = compile(code, []);
  it.each(Object.keys(uses))("%s can only be used by a program that includes it", (name) => {
    expect(none.get(name)).not.toEqual([]);
    expect(everyUse.get(name)).toEqual([]);
  });
  const everyUse = compile(code, capabilityNames());
});
