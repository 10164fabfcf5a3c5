/** Interprets the bytes of a payload, for display and plots. */
import { indentJson } from "./json-text.ts";
import { visibleText } from "./visible-text.ts";

export type PayloadKind = "empty" | "json" | "text" | "bytes";

export interface Payload {
  readonly kind: PayloadKind;
  readonly bytes: Uint8Array;
  /** The text as received. Undefined if the bytes are not UTF-8 or contain control characters. */
  readonly text: string | undefined;
  /** The parsed value if `kind` is "json". */
  readonly value: unknown;
}

/** Larger payloads are shown, but not parsed. */
const JSON_BYTES_MAX = 256 * 1024;
const FIELDS_MAX = 32;
const FIELD_DEPTH_MAX = 4;
const HEX_COLUMNS = 16;
const HEX_BYTES_MAX = 16 * 1024;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// biome-ignore lint/suspicious/noControlCharactersInRegex: payloads with these characters are not text
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

export function readPayload(bytes: Uint8Array): Payload {
  if (bytes.length === 0) return { kind: "empty", bytes, text: "", value: undefined };
  const text = decodeText(bytes);
  if (text === undefined) return { kind: "bytes", bytes, text, value: undefined };
  const value = bytes.length <= JSON_BYTES_MAX ? parseJson(text) : undefined;
  return { kind: value === undefined ? "text" : "json", bytes, text, value };
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    const text = decoder.decode(bytes);
    return CONTROL.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Undefined if the text is not JSON. JSON has no such value. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export interface NumericField {
  /** The path to the number, such as `battery.volts`. Empty if the payload itself is the number. */
  readonly path: string;
  readonly value: number;
}

/** The numbers in a JSON payload, in their order in the payload. */
export function numericFields(payload: Payload): NumericField[] {
  const fields: NumericField[] = [];
  if (payload.kind === "json") collectFields(payload.value, "", 0, fields);
  return fields;
}

function collectFields(value: unknown, path: string, depth: number, fields: NumericField[]): void {
  if (fields.length >= FIELDS_MAX) return;
  if (typeof value === "number" && Number.isFinite(value)) fields.push({ path, value });
  if (typeof value !== "object" || value === null || depth >= FIELD_DEPTH_MAX) return;
  for (const [key, inner] of Object.entries(value)) {
    collectFields(inner, path ? `${path}.${key}` : key, depth + 1, fields);
  }
}

/** The payload as one line of about `charactersMax` characters at most, for lists. */
export function payloadLine(payload: Payload, charactersMax: number): string {
  if (payload.kind === "empty") return "(empty)";
  if (payload.text !== undefined) return visibleText(payload.text.slice(0, charactersMax));
  return Array.from(payload.bytes.subarray(0, 64), hexByte).join(" ");
}

/** The text for reading, with indented JSON. Empty if the payload is not text. */
export function payloadText({ kind, text = "" }: Payload): string {
  return visibleText(kind === "json" ? indentJson(text) : text);
}

/** Lines with offset, sixteen bytes and their characters. */
export function hexDump(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, HEX_BYTES_MAX);
  const lines: string[] = [];
  for (let offset = 0; offset < shown.length; offset += HEX_COLUMNS) {
    const row = shown.subarray(offset, offset + HEX_COLUMNS);
    const hex = Array.from(row, hexByte)
      .join(" ")
      .padEnd(HEX_COLUMNS * 3 - 1);
    const characters = Array.from(row, (byte) =>
      byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·",
    );
    lines.push(`${offset.toString(16).padStart(4, "0")}  ${hex}  ${characters.join("")}`);
  }
  if (bytes.length > shown.length) lines.push(`… ${bytes.length - shown.length} more bytes`);
  return lines.join("\n");
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
