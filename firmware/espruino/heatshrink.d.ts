/** Compression with little memory. Both directions give bytes, whatever they were given. */
interface HeatshrinkModule {
  compress(data: string | ArrayBuffer | ArrayBufferView | readonly number[]): ArrayBuffer;
  decompress(data: string | ArrayBuffer | ArrayBufferView | readonly number[]): ArrayBuffer;
}
