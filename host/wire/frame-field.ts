/** What each byte of a frame says. */

export interface FrameField {
  /** From the frame's start, in bytes. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
  /** Where it is a part of one byte: its highest and lowest bit, 7 to 0. */
  readonly bits?: { readonly high: number; readonly low: number };
  /** As the specification names it. */
  readonly name: string;
  /** For a person: `3 (PUBLISH)`, `60 s`. */
  readonly value: string;
  /** Section of MQTT 3.1.1, and where there is one its conformance statement. */
  readonly clause: string;
  /** The rule that it breaks, with its clause. */
  readonly violation?: string;
}

export interface ExplainedFrame {
  /** Such as `PUBLISH`; `reserved` where there is no such packet. */
  readonly packet: string;
  /** One line, for lists. */
  readonly summary: string;
  /** In their order; together they cover every byte once. */
  readonly fields: readonly FrameField[];
  /** The first violation of a field; undefined where nothing is found wrong. */
  readonly violation: string | undefined;
}
