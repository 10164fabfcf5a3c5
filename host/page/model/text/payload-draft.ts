/** Converts the payload that the user typed to bytes. */
import { indentJson } from "./json-text.ts";

export const PAYLOAD_FORMS = ["text", "json", "hex"] as const;
export type PayloadForm = (typeof PAYLOAD_FORMS)[number];

export type DraftedPayload = { readonly bytes: Uint8Array } | { readonly problem: string };

export function readDraft(text: string, form: PayloadForm): DraftedPayload {
  if (form === "hex") return readHex(text);
  if (form === "json") {
    try {
      JSON.parse(text);
    } catch (error) {
      return { problem: `The payload is not valid JSON: ${(error as Error).message}` };
    }
  }
  return { bytes: new TextEncoder().encode(text) };
}

/** Reads pairs of hexadecimal digits, which spaces, commas, colons or 0x may separate. */
function readHex(text: string): DraftedPayload {
  const digits = text.replace(/0x/gi, "").replace(/[\s,:]/g, "");
  const invalid = /[^0-9a-f]/i.exec(digits)?.[0];
  if (invalid !== undefined) {
    return {
      problem: `The payload is not valid hex: ${JSON.stringify(invalid)} is not a hexadecimal digit.`,
    };
  }
  if (digits.length % 2 !== 0) {
    return { problem: "The payload is not valid hex: the last byte has only one digit." };
  }
  const pairs = digits.match(/../g) ?? [];
  return { bytes: Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16)) };
}

/** The text as indented JSON, or unchanged if it is not JSON. */
export function indentDraft(text: string): string {
  return "problem" in readDraft(text, "json") ? text : indentJson(text);
}
