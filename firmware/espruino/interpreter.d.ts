/** `E`: the interpreter's own functions. */

type ByteSource = string | number | ArrayBuffer | ArrayLike<any> | { data: any; count: number } | (() => any);

type ErrorFlag =
  | "FIFO_FULL"
  | "BUFFER_FULL"
  | "CALLBACK"
  | "LOW_MEMORY"
  | "MEMORY"
  | "MEMORY_BUSY"
  | "UART_OVERFLOW";

interface InterpreterFlags {
  deepSleep: 0 | 1;
  unsafeFlash: 0 | 1;
  unsyncFiles: 0 | 1;
  pretokenise: 0 | 1;
  jitDebug: 0 | 1;
  onErrorSave: 0 | 1;
  onErrorFlash: 0 | 1;
}

interface PowerUsage {
  readonly device: { readonly [part: string]: number };
  readonly total: number;
}

interface SizeOfMember {
  readonly name: string;
  readonly size: number;
  readonly more?: readonly SizeOfMember[];
}

interface InterpreterEvents {
  /** The program has been loaded. */
  init: [];
  /** The interpreter is about to stop or to load another program. */
  kill: [];
  /** New flags only: fetch them with `getErrorFlags` to hear of them again. The way to learn of lost memory. */
  errorFlag: [flags: ErrorFlag[]];
  /** A packet of type EVENT came over the console. */
  packet: [event: any];
  packetUpload: [event: { l: number; o: number; s: number; fn: string }];
}

interface Interpreter extends Emitter<InterpreterEvents> {
  /** The list of the interpreter's hidden variables: timers, watches, the history. */
  readonly internal: any;
  CRC32(data: string | ArrayBuffer | ArrayLike<number>): number;
  FFT(real: ArrayLike<number>, imaginary?: ArrayLike<number>, inverse?: boolean): void;
  /** 24 bits as 0xBBGGRR, 16 bits, or the three bytes as an array. */
  HSBtoRGB(hue: number, saturation: number, brightness: number, format?: 24 | 16): number;
  HSBtoRGB(hue: number, saturation: number, brightness: number, format: true): [number, number, number];
  /** Treats bytes as UTF-8 text, on builds with Unicode. */
  asUTF8(bytes: string): string;
  /** The bytes of a text, on builds with Unicode. */
  fromUTF8<Text extends string | undefined>(text: Text): Text;
  isUTF8(text: string): boolean;
  clip(value: number, min: number, max: number): number;
  convolve(a: ArrayLike<number>, b: ArrayLike<number>, offset: number): number;
  decodeUTF8(
    bytes: string,
    lookup?: readonly string[] | { readonly [code: number]: string },
    replacement?: string | ((code: number) => string),
  ): string;
  /** Collects garbage and moves variables together. Interrupts cannot allocate meanwhile. */
  defrag(): void;
  dumpFragmentation(): void;
  /** The program's state as source text. */
  dumpStr(): string;
  dumpVariables(): void;
  /** Restarts the board unless it is kicked within the time; `false` leaves the kicking to the program. */
  enableWatchdog(seconds: number, automatic?: boolean): void;
  kickWatchdog(): void;
  /** 0 when `flat` is asked for and the value is not in one piece. */
  getAddressOf(value: any, flat?: boolean): number;
  /** `NaN` where the chip cannot tell. */
  getAnalogVRef(): number;
  getClock(): any;
  getConsole(): string | null;
  /** Gives the flags since the last call, and clears them. */
  getErrorFlags(): ErrorFlag[];
  getFlags(): InterpreterFlags;
  setFlags(flags: { [Name in keyof InterpreterFlags]?: boolean | 0 | 1 }): void;
  getPowerUsage(): PowerUsage;
  /** JsVars that a value takes; with a depth, those of its members. */
  getSizeOf(value: any, depth?: 0): number;
  getSizeOf(value: any, depth: number): SizeOfMember[];
  /** Degrees Celsius; `NaN` where the chip cannot tell. */
  getTemperature(): number;
  /** 32 bits from the chip's random number generator. */
  hwRand(): number;
  lookupNoCase(target: object, name: string, returnKey?: false): any;
  lookupNoCase(target: object, name: string, returnKey: true): string | undefined;
  mapInPlace(
    from: ArrayBuffer | ArrayBufferView,
    to: ArrayBuffer | ArrayBufferView,
    map?: ArrayLike<number> | ((value: number, index: number) => number),
    bits?: number,
  ): void;
  /** A string that reads memory in place. */
  memoryArea(address: number, lengthBytes: number): string;
  memoryMap<Name extends string>(
    baseAddress: number,
    registers: { [K in Name]: number },
  ): { [K in Name]: number };
  asm(signature: string, ...code: string[]): any;
  compiledC(code: string): any;
  nativeCall(address: number, signature: string, data?: string): any;
  pipe(source: ReadableSource, destination: WritableSink, options?: PipeOptions): void;
  /** Restarts the chip. */
  reboot(): void;
  reverseByte(byte: number): number;
  /** Writes the file `.bootcde`, or with `alwaysExec` `.bootrst`, which also runs after `reset()`. */
  setBootCode(code?: string, alwaysExec?: boolean): void;
  /** Does nothing on chips with a fixed clock. */
  setClock(options: number | object): number;
  setConsole(device: string | Serial | null, options?: { force?: boolean }): void;
  /** A password of at most 20 characters for the console; none takes it away. Guesses are not limited. */
  setPassword(password?: string): void;
  lockConsole(): void;
  /** Hours east of Greenwich. */
  setTimeZone(hours: number): void;
  /** Minutes of shift and zone, then week, day, month, day offset and minute of start and of end. */
  setDST(...rule: number[]): void;
  /** Seeds `Math.random`. */
  srand(seed: number): void;
  /** Keeps the event that is being handled from later listeners. */
  stopEventPropagation(): void;
  sum(values: ArrayLike<number> | ArrayBuffer | string): number;
  variance(values: ArrayLike<number> | ArrayBuffer | string, mean: number): number;
  toArrayBuffer(bytes: string): ArrayBuffer;
  /** A string in one piece of memory; `undefined` when there is no space for it. */
  toFlatString(...parts: ByteSource[]): string | undefined;
  /** Source text of a value. */
  toJS(value: any): string;
  /** The byte string of all parts: the way to write bytes to a socket. */
  toString(...parts: ByteSource[]): string;
  toUint8Array(...parts: ByteSource[]): Uint8Array;
}

declare var E: Interpreter;

declare function peek8(address: number): number;
declare function peek8(address: number, count: number): Uint8Array;
declare function peek16(address: number): number;
declare function peek16(address: number, count: number): Uint16Array;
declare function peek32(address: number): number;
declare function peek32(address: number, count: number): Uint32Array;
declare function poke8(address: number, value: number | ArrayLike<number>): void;
declare function poke16(address: number, value: number | ArrayLike<number>): void;
declare function poke32(address: number, value: number | ArrayLike<number>): void;
