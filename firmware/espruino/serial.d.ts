/** Serial ports. */

interface SerialOptions {
  rx?: Pin;
  tx?: Pin;
  ck?: Pin;
  cts?: Pin;
  bytesize?: 7 | 8 | 9;
  parity?: null | "none" | "o" | "odd" | "e" | "even";
  stopbits?: 1 | 2;
  flow?: null | "none" | "xon";
  path?: string;
  errors?: boolean;
}

interface Serial
  extends Emitter<{
    data: [data: string];
    /** Only after `setup` with `errors: true`. */
    framing: [];
    parity: [];
  }> {
  available(): number;
  flush(): void;
  /** Bytes appear as if they had been received. */
  inject(...data: SerialData[]): void;
  isConnected(): boolean;
  pipe(destination: WritableSink, options?: PipeOptions): void;
  print(text: unknown): void;
  println(text: unknown): void;
  /** All that has arrived, unless told how much; with a `data` listener there is nothing left. */
  read(lengthBytes?: number): string;
  /** Moves the console here; `true` keeps it here when other ports come and go. */
  setConsole(force?: boolean): void;
  setup(baudRate?: number, options?: SerialOptions): void;
  unsetup(): void;
  write(...data: SerialData[]): void;
}

type SerialData = number | string | ArrayLike<number> | ArrayBuffer;

interface SerialConstructor {
  /** A software port: transmit well, receive at low speed. */
  new (): Serial;
  find(pin: Pin): Serial | undefined;
}

declare var Serial: SerialConstructor;

declare var Serial1: Serial;
declare var Serial2: Serial;
/** Two ends of a cable inside the interpreter. */
declare var LoopbackA: Serial;
declare var LoopbackB: Serial;
