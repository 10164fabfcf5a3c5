/** Files on an SD card, on boards that have the FAT file system. Files in flash are in `storage.d.ts`. */

interface File {
  close(): void;
  pipe(destination: WritableSink, options?: PipeOptions): void;
  read(lengthBytes: number): string | undefined;
  seek(offsetBytes: number): void;
  skip(lengthBytes: number): void;
  /** The number of bytes written. */
  write(data: string): number;
}

interface FileConstructor {
  new (): File;
}

declare var File: FileConstructor;

interface Interpreter {
  connectSDCard(spi: SPI, select: Pin): void;
  /** Throws when it cannot. */
  openFile(path: string, mode: "r" | "w" | "a" | "r+" | "w+"): File;
  unmountSD(): void;
}

interface FileStats {
  readonly size: number;
  readonly dir: boolean;
  readonly mtime?: Date;
}

/** Each member and its twin with `Sync` do the same: they finish before they return. */
interface FileSystemModule {
  appendFile(path: string, data: string): boolean;
  appendFileSync(path: string, data: string): boolean;
  mkdir(path: string): boolean;
  mkdirSync(path: string): boolean;
  pipe(source: ReadableSource, destination: WritableSink, options?: PipeOptions): void;
  /** Throws when there is no such file. */
  readFile(path: string): string;
  readFileSync(path: string): string;
  /** `undefined` when there is no such folder. */
  readdir(path: string): string[] | undefined;
  readdirSync(path: string): string[] | undefined;
  /** `undefined` when there is no such file. */
  statSync(path: string): FileStats | undefined;
  unlink(path: string): boolean;
  unlinkSync(path: string): boolean;
  writeFile(path: string, data: string): boolean;
  writeFileSync(path: string, data: string): boolean;
}

interface EspruinoModules {
  fs: FileSystemModule;
}
