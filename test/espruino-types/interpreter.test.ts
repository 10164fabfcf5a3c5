import { describe, expect, it } from "vitest";
import { Library, type Member } from "./library.ts";
import { exchangeOverLoopback, hasEspruino, runOnEspruino } from "./probe.ts";

/** The capabilities of Espruino for Linux; those that only boards have are known from the source alone. */
const capabilitiesOfLinux = ["crypto", "filesystem", "network-js", "telnet"].concat("second-buses", "tls");
const library = new Library(capabilitiesOfLinux);

/** An expression, in the probe, for an object of each interface that no global and no module is. */
const objects: Record<string, string> = {
  Object: "{}",
  Function: "function () {}",
  Boolean: "true",
  IArguments: "(function () { return arguments; })()",
  Error: 'new Error("a")',
  SyntaxError: 'new SyntaxError("a")',
  TypeError: 'new TypeError("a")',
  ReferenceError: 'new ReferenceError("a")',
  InternalError: 'new InternalError("a")',
  RegExp: "/a/",
  RegExpMatchArray: '"a".match(/a/)',
  RegExpExecArray: '/a/.exec("a")',
  String: '"a"',
  Number: "(1)",
  Array: "[1]",
  ReadonlyArray: "[1]",
  ArrayLike: "[1]",
  Promise: "Promise.resolve(1)",
  PromiseLike: "Promise.resolve(1)",
  Date: "new Date(0)",
  ArrayBuffer: "new ArrayBuffer(4)",
  ArrayBufferView: "new Uint8Array(4)",
  NumericArray: "new Uint8Array(4)",
  Uint8Array: "new Uint8Array(4)",
  Uint8ClampedArray: "new Uint8ClampedArray(4)",
  Int8Array: "new Int8Array(4)",
  Uint16Array: "new Uint16Array(4)",
  Int16Array: "new Int16Array(4)",
  Uint24Array: "new Uint24Array(4)",
  Uint32Array: "new Uint32Array(4)",
  Int32Array: "new Int32Array(4)",
  Float32Array: "new Float32Array(4)",
  Float64Array: "new Float64Array(4)",
  DataView: "new DataView(new ArrayBuffer(8))",
  Emitter: "{}",
  Pin: "D1",
  PinInfo: "D1.getInfo()",
  SPI: "new SPI()",
  I2C: "new I2C()",
  OneWire: "new OneWire(D1)",
  Waveform: "new Waveform(8)",
  StorageFile: 'require("Storage").open("probe", "w")',
  StorageStats: 'require("Storage").getStats()',
  Socket: "new Socket()",
  Server: "new Server()",
  DatagramSocket: "seen.datagramSocket",
  ParsedUrl: 'url.parse("http://a:80/b?c=d", true)',
  HttpServer: "seen.server",
  HttpServerRequest: "seen.serverRequest",
  HttpServerResponse: "seen.serverResponse",
  HttpClientRequest: "seen.clientRequest",
  HttpClientResponse: "seen.clientResponse",
  HttpHeaders: "seen.clientResponse.headers",
  ProcessMemory: "process.memory(false)",
  ProcessEnvironment: "process.env",
  InterpreterFlags: "E.getFlags()",
  PowerUsage: "E.getPowerUsage()",
  SizeOfMember: "E.getSizeOf({ a: 1 }, 1)[0]",
  PropertyDescriptor: 'Object.getOwnPropertyDescriptor({ a: 1 }, "a")',
  PendingTimerTask:
    '(require("timer").add({ type: "SET", pin: D1, value: 0, time: 1000 }), require("timer").list()[0])',
  Graphics: "Graphics.createArrayBuffer(8, 8, 1)",
  GraphicsImage: 'Graphics.createImage(" #")',
  GraphicsTheme: "Graphics.createArrayBuffer(8, 8, 1).theme",
  File: "new File()",
  FileStats: 'require("fs").statSync(".")',
};

/** Types that programs hand to the interpreter, or that it hands back only from hardware, a peer or a listener. */
const shapes = [
  "ImportAttributes",
  "ImportMeta",
  "ClassDecoratorContext",
  "ClassMethodDecoratorContext",
  "ClassGetterDecoratorContext",
  "ClassSetterDecoratorContext",
  "ClassFieldDecoratorContext",
  "ClassAccessorDecoratorContext",
  "ClassAccessorDecoratorTarget",
  "ClassAccessorDecoratorResult",
  "Disposable",
  "AsyncDisposable",
  "AesOptions",
  "CallableFunction",
  "CodeTimerTask",
  "DatagramSender",
  "EspruinoDrivers",
  "EspruinoModules",
  "GraphicsBufferOptions",
  "GraphicsDriver",
  "GraphicsRectangle",
  "HttpProtocols",
  "HttpRequestOptions",
  "I2cOptions",
  "InterpreterEvents",
  "NetworkJsDriver",
  "NewableFunction",
  "PinTimerTask",
  "PipeOptions",
  "PropertyDescriptorMap",
  "PwmOptions",
  "ReadableSource",
  "SerialOptions",
  "SocketError",
  "SocketEvents",
  "SpiOptions",
  "TimerTask",
  "TlsOptions",
  "TypedPropertyDescriptor",
  "WatchEvent",
  "WatchOptions",
  "WaveformOptions",
  "WritableSink",
];

interface Target {
  readonly typeName: string;
  readonly expression: string;
}

const interfaces = new Set(library.interfaces());

function interfaceOf(typeName: string): string {
  return typeName.replace(/<.*$/s, "");
}

function targets(): Target[] {
  const ofGlobals = library
    .globals()
    .map(({ name, typeName }) => ({ typeName: interfaceOf(typeName), expression: name }));
  const ofModules = [...library.memberTypes("EspruinoModules")].map(([name, typeName]) => ({
    typeName,
    expression: `require("${name}")`,
  }));
  const ofObjects = Object.entries(objects).map(([typeName, expression]) => ({ typeName, expression }));
  return [...ofGlobals, ...ofModules, ...ofObjects].filter(({ typeName }) => interfaces.has(typeName));
}

/** Members that the interpreter is known to lack, to see that the probe finds such. */
const absent: readonly Probe[] = [
  { name: "Symbol", isMethod: false },
  { expression: '"a"', name: "trimStart", isMethod: true },
  { expression: "Number", name: "EPSILON", isMethod: false },
  { expression: "new Uint8Array(1)", name: "BYTES_PER_ELEMENT", isMethod: false },
  { expression: "seen.clientResponse", name: "trailers", isMethod: false },
  { expression: "new Socket()", name: "destroy", isMethod: true },
];

interface Probe extends Member {
  /** Without an expression, the name is a global. */
  readonly expression?: string;
}

function declared(): Probe[] {
  const globals = library.globals().map(({ name, isFunction }) => ({ name, isMethod: isFunction }));
  const members = targets().flatMap(({ typeName, expression }) =>
    library.members(typeName).map((member) => ({ ...member, expression })),
  );
  return [...globals, ...members];
}

/** Names that the interpreter for Linux has and ESP32 boards have not, or that no program should use. */
const leftOut = new Set([
  ...["quit", "names", "USB", "Serial4", "Serial5", "Serial6", "SPI3", "I2C3", "TFMicroInterpreter"],
  // The pins of Linux end at D32.
  ...Array.from({ length: 11 }, (_, index) => `D${index + 22}`),
  // Classes that cannot be used by name: their objects come from elsewhere.
  ...["ArrayBufferView", "dgramSocket", "httpCRq", "httpCRs", "httpSRq", "httpSRs", "httpSrv"],
  // Words of the language to the type checker.
  ...["arguments", "globalThis"],
  // Every function has one; it is declared where it is of use.
  "prototype",
  // Only builds with AES-CCM have them.
  ...["ccmEncrypt", "ccmDecrypt"],
  // Builds for release have not.
  ...["dumpFreeList", "dumpLockedVars"],
]);

/** Prints what each object of the interpreter says that it has. */
function listing(): string {
  const lines = [{ typeName: "", expression: "global" }, ...namedTargets()].map(
    ({ expression }) =>
      `Object.getOwnPropertyNames(${expression}).forEach(function (name) { print("\\t" + ${JSON.stringify(expression)} + " " + name); });`,
  );
  return `${lines.join("\n")}\nprint("\\tEND");\n`;
}

function namedTargets(): Target[] {
  const inObjects = new Set(Object.values(objects));
  return targets().filter(({ expression }) => !inObjects.has(expression));
}

function titleOf({ expression, name }: Probe): string {
  return expression === undefined ? name : `${expression}.${name}`;
}

function programOf(probes: readonly Probe[]): string {
  const lines = probes.map((probe) => {
    const title = JSON.stringify(titleOf(probe));
    const make = `function () { return ${probe.expression ?? "global"}; }`;
    return `test(${title}, function (o) { return ${has("o", probe.name, probe.isMethod)}; }, ${make});`;
  });
  return `${exchangeOverLoopback}
var count = 0;
function test(title, check, make) {
  count++;
  try { if (!check(make())) print("\\t" + title); }
  catch (error) { print("\\t" + title); }
}
function finish() {
${lines.join("\n")}
print("\\tchecked " + count);
}
`;
}

function has(object: string, name: string, isMethod: boolean): string {
  const key = JSON.stringify(name);
  return isMethod
    ? `typeof ${object}[${key}] == "function"`
    : `${key} in ${object} || ${object}[${key}] !== undefined`;
}

describe("the declarations", () => {
  it("are each probed, or listed as a mere shape", () => {
    const probed = new Set(targets().map(({ typeName }) => typeName));
    expect([...interfaces].filter((name) => !probed.has(name) && !shapes.includes(name))).toEqual([]);
    expect(shapes.filter((name) => !interfaces.has(name) || probed.has(name))).toEqual([]);
  });
});

describe.skipIf(!hasEspruino())("on the real interpreter", () => {
  it("no declared member is missing", async () => {
    const probes = declared();
    expect(await runOnEspruino(programOf([...probes, ...absent]))).toEqual([
      ...absent.map(titleOf),
      `checked ${probes.length + absent.length}`,
    ]);
    expect(probes.length).toBeGreaterThan(900);
  });

  it("all that it lists is declared, or left out on purpose", async () => {
    const known = new Map(
      namedTargets().map(({ typeName, expression }) => [
        expression,
        new Set(library.memberTypes(typeName).keys()),
      ]),
    );
    known.set("global", new Set(library.globals().map(({ name }) => name)));
    const names = (await runOnEspruino(listing())).map((line) => line.split(" ") as [string, string]);
    const unknown = names.filter(([object, name]) => !known.get(object)?.has(name) && !leftOut.has(name));
    expect(names.length).toBeGreaterThan(300);
    expect(unknown.map((pair) => pair.join("."))).toEqual([]);
  });
});
