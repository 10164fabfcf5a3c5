/** SPI, I2C, OneWire, and sampled output and input. */

interface SpiOptions {
  sck?: Pin;
  miso?: Pin;
  mosi?: Pin;
  /** Bits a second. */
  baud?: number;
  mode?: 0 | 1 | 2 | 3;
  order?: "msb" | "lsb";
  bits?: number;
}

interface SPI {
  /** Gives back what came in, in the form of what went out: a number, a string or an array. */
  send(data: number, select?: Pin): number;
  send(data: string, select?: Pin): string;
  send(data: ArrayLike<number> | ArrayBuffer, select?: Pin): Uint8Array;
  send4bit(data: ArrayLike<number> | string, bit0: number, bit1: number, select?: Pin): void;
  send8bit(data: ArrayLike<number> | string, bit0: number, bit1: number, select?: Pin): void;
  setup(options: SpiOptions): void;
  /** A pin as the last argument is the select line. */
  write(...data: (SerialData | Pin)[]): void;
}

interface SPIConstructor {
  /** A port in software, on any pins. */
  new (): SPI;
  find(pin: Pin): SPI | undefined;
}

declare var SPI: SPIConstructor;
declare var SPI1: SPI;

interface I2cOptions {
  scl?: Pin;
  sda?: Pin;
  bitrate?: number;
}

type I2cAddress = number | { address: number; stop: boolean };

interface I2C {
  readFrom(address: I2cAddress, lengthBytes: number): Uint8Array;
  readReg(address: number, register: number, lengthBytes: number): Uint8Array;
  setup(options?: I2cOptions): void;
  writeTo(address: I2cAddress, ...data: SerialData[]): void;
}

interface I2CConstructor {
  /** A port in software, on any pins. */
  new (): I2C;
  find(pin: Pin): I2C | undefined;
}

declare var I2C: I2CConstructor;
declare var I2C1: I2C;

interface OneWire {
  read(): number;
  read(lengthBytes: number): Uint8Array;
  /** Whether a device answered. */
  reset(): boolean;
  search(command?: number): string[];
  select(rom: string): void;
  skip(): void;
  /** `power` leaves the line driven, for devices that live from it. */
  write(data: number | ArrayLike<number>, power?: boolean): void;
}

interface OneWireConstructor {
  new (pin: Pin): OneWire;
}

declare var OneWire: OneWireConstructor;

interface WaveformOptions {
  /** Seconds since 1970 at which to start. */
  time?: number;
  repeat?: boolean;
  npin?: Pin;
}

interface Waveform extends Emitter<{ finish: [buffer: ArrayBufferView]; buffer: [buffer: ArrayBufferView] }> {
  readonly buffer: Uint8Array | Uint16Array;
  startInput(pin: Pin, samplesPerSecond: number, options?: WaveformOptions): void;
  startOutput(pin: Pin, samplesPerSecond: number, options?: WaveformOptions): void;
  stop(): void;
}

interface WaveformConstructor {
  new (samples: number | ArrayBuffer, options?: { doubleBuffer?: boolean; bits?: 8 | 16 }): Waveform;
}

declare var Waveform: WaveformConstructor;
