/** What goes over the wires of a hub, and what faults did to it: as the page follows it. */

/** Without a client: of all but the page's own connections. */
export interface FrameWatch {
  readonly clientId?: string;
}

/** What a fault did to a packet; `passed` where there was none. */
export type FrameFate = "passed" | "dropped" | "doubled" | "delayed" | "cut" | "refused";

export type WireEvent =
  /** A control packet, whole. */
  | {
      readonly kind: "frame";
      /** Counts up over the hub's life. */
      readonly serial: number;
      /** As `Date.now`. */
      readonly atMs: number;
      readonly connection: number;
      /** Empty before CONNECT was accepted. */
      readonly clientId: string;
      /** `in`: from the client to the hub. */
      readonly direction: "in" | "out";
      /** In base64: its first bytes, where it is long. */
      readonly bytes: string;
      readonly sizeBytes: number;
      readonly fate: FrameFate;
    }
  /** A connection came, ended or was turned away; or frames were too many to be told. */
  | {
      readonly kind: "note";
      readonly serial: number;
      readonly atMs: number;
      /** 0 where it is of no connection. */
      readonly connection: number;
      readonly clientId: string;
      readonly text: string;
    };
