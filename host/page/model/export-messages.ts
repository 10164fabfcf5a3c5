/** Messages in file formats for other programs. */
import type { LoggedMessage } from "./message.ts";

export type ExportForm = "jsonl" | "csv";

/** One line for each message, oldest first. `payload` has a text payload, `payloadBase64` the bytes of any other. */
export function exportMessages(messages: readonly LoggedMessage[], form: ExportForm): string {
  return form === "jsonl" ? jsonLines(messages) : csv(messages);
}

function jsonLines(messages: readonly LoggedMessage[]): string {
  return messages
    .map(({ timeMs, topic, qos, retain, payload }) => {
      const content =
        payload.text === undefined ? { payloadBase64: base64(payload.bytes) } : { payload: payload.text };
      return `${JSON.stringify({ time: new Date(timeMs).toISOString(), topic, qos, retain, ...content })}\n`;
    })
    .join("");
}

/** CSV by RFC 4180. */
function csv(messages: readonly LoggedMessage[]): string {
  const rows = messages.map(({ timeMs, topic, qos, retain, payload }) => [
    new Date(timeMs).toISOString(),
    topic,
    String(qos),
    String(retain),
    payload.text ?? "",
    payload.text === undefined ? base64(payload.bytes) : "",
  ]);
  return [["time", "topic", "qos", "retain", "payload", "payloadBase64"], ...rows]
    .map((row) => `${row.map(csvField).join(",")}\r\n`)
    .join("");
}

/** Puts an apostrophe before a text that a spreadsheet would run as a formula (it begins with = + - @), unless it is a number. */
export function csvField(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && !/^[+-]?(\d|\.\d)[\d.eE+-]*$/.test(text);
  const harmless = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
