/** The input and the output of each build step: code and its source map. */
export interface Script {
  readonly code: string;
  /** Source map version 3, as JSON. Its sources are relative to the entry's folder. */
  readonly map: string;
}

/** A version 3 source map as esbuild and Babel write it. */
export interface EncodedSourceMap {
  readonly version: 3;
  readonly sources: readonly (string | null)[];
  readonly sourcesContent?: readonly (string | null)[];
  readonly names: readonly string[];
  readonly mappings: string;
  readonly file?: string;
  readonly sourceRoot?: string;
}
