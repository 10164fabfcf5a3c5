/** The explanation of a frame. */

export interface FrameField {
  /** From the frame's start, in bytes. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
  /** The highest and lowest bit, 7 to 0, of a field that is a part of one byte. */
  readonly bits?: { readonly high: number; readonly low: number };
  /** The name in the specification. */
  readonly name: string;
  /** The value for a person, such as `3 (PUBLISH)` or `60 s`. */
  readonly value: string;
  /** The section of MQTT 3.1.1. */
  readonly clause: string;
  /** The rule that the field breaks, with its clause. */
  readonly violation?: string;
}

export interface ExplainedFrame {
  /** The packet's name, such as `PUBLISH`; `reserved` for a reserved type. */
  readonly packet: string;
  /** One line, for lists. */
  readonly summary: string;
  /** The fields in order; together they cover every byte once. */
  readonly fields: readonly FrameField[];
  /** The first violation of a field; undefined if there is none. */
  readonly violation: string | undefined;
}
