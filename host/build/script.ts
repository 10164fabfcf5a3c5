/** What every step of the build takes and gives. */
export interface Script {
  readonly code: string;
  /** Source map version 3, as JSON. Its sources are relative to the entry's folder. */
  readonly map: string;
}
