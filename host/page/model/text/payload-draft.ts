/** What a person writes as a payload, as bytes. */
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
      return { problem: `The payload is no JSON: ${(error as Error).message}` };
    }
  }
  return { bytes: new TextEncoder().encode(text) };
}

/** Pairs of digits, with blanks, commas, colons or 0x between them. */
function readHex(text: string): DraftedPayload {
  const digits = text.replace(/0x/gi, "").replace(/[\s,:]/g, "");
  const wrong = /[^0-9a-f]/i.exec(digits)?.[0];
  if (wrong !== undefined)
    return { problem: `The payload is no hex: ${JSON.stringify(wrong)} is no digit of it.` };
  if (digits.length % 2 !== 0) return { problem: "The payload is no hex: a byte has two digits." };
  const pairs = digits.match(/../g) ?? [];
  return { bytes: Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16)) };
}

/** The same JSON, indented; the text itself where it is none. */
export function indentDraft(text: string): string {
  return "problem" in readDraft(text, "json") ? text : indentJson(text);
}
