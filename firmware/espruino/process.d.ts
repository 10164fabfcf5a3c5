/** The interpreter's version and features, and its memory. */

interface ProcessMemory {
  /** JsVars that are free, used and all together. */
  readonly free: number;
  readonly usage: number;
  readonly total: number;
  /** JsVars that hold lines of the console. */
  readonly history: number;
  /** JsVars that the collection freed, and its time in milliseconds; absent after `memory(false)`. */
  readonly gc?: number;
  readonly gctime?: number;
  /** Bytes of a JsVar. */
  readonly blocksize: number;
  /** Bytes waiting in the queue of what has come in, and in that of what goes out. */
  readonly rx: { readonly used: number; readonly total: number };
  readonly tx: {
    readonly used: number;
    readonly total: number;
    /** Bytes of the chip's heap, on ESP32. */
    readonly free_heap?: number;
    readonly largest_block?: number;
  };
}

interface ProcessEnvironment {
  readonly VERSION: string;
  readonly GIT_COMMIT: string;
  readonly BOARD: string;
  readonly RAM: number;
  readonly FLASH: number;
  readonly STORAGE: number;
  readonly SERIAL: string;
  readonly CONSOLE: string | null;
  /** Names of the modules, separated by commas. */
  readonly MODULES: string;
  /** Address of the table of exported functions. */
  readonly EXPTR: number;
}

interface Process
  extends Emitter<{
    /** An exception that nothing caught. Running out of memory does not come here. */
    uncaughtException: [error: any];
  }> {
  readonly env: ProcessEnvironment;
  readonly version: string;
  /** Collects garbage first, unless given `false`. */
  memory(collect?: boolean): ProcessMemory;
}

declare var process: Process;
