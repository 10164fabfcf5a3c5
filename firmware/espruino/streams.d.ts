/** Copying from one stream to another. */

interface PipeOptions {
  /** Bytes taken at a time. */
  chunkSize?: number;
  /** Whether the destination is ended with the source. */
  end?: boolean;
  complete?: () => void;
}

interface WritableSink {
  write(data: string): unknown;
  end?(data?: string): void;
}

interface ReadableSource {
  read(lengthBytes: number): string | undefined;
}
