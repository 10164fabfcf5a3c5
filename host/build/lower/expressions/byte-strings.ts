import type { types as t, Visitor } from "@babel/core";
import type { TraceMap } from "@jridgewell/trace-mapping";
import { inByteArea, isAscii, markBytes } from "../../program/byte-area.ts";
import type { Program } from "../../program/program.ts";
import { sourceLineAt } from "../../program/source-place.ts";

/**
 * Marks bytes in string literals. A literal whose source spells a character above 0x7f itself, or holds one above
 * 0xff, is text; one that spells it as an escape up to \xff holds bytes. Where the board's strings are bytes, a text
 * becomes the bytes of its UTF-8. They are written as escapes, because an interpreter with Unicode, on which the same
 * bundle runs in the simulator, would treat the raw bytes as text.
 */
export function byteStringVisitor({ trace, hasByteTexts }: Program): Visitor {
  return {
    StringLiteral(path) {
      const { node } = path;
      if (isAscii(node.value)) return;
      if (!isText(node, node.value, trace)) markBytes(node);
      else if (hasByteTexts) {
        node.value = utf8(node.value);
        markBytes(node);
      }
    },
    TemplateElement(path) {
      const { node } = path;
      const cooked = node.value.cooked ?? "";
      if (isAscii(cooked)) return;
      if (!isText(node, cooked, trace)) {
        node.value.cooked = inByteArea(cooked);
        node.value.raw = inByteArea(bytesIn(node.value.raw));
      } else if (hasByteTexts) {
        node.value.cooked = inByteArea(utf8(cooked));
        node.value.raw = inByteArea(utf8(charactersIn(node.value.raw)));
      }
    },
  };
}

/** The byte string of a text's UTF-8. */
function utf8(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function bytesIn(raw: string): string {
  return raw.replace(/\\x([89a-fA-F][0-9a-fA-F])/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** `\u20ac` and its like as the characters themselves; of the rest each escape stays. */
function charactersIn(raw: string): string {
  return raw.replace(
    /\\(?:u\{([\da-fA-F]+)\}|u([\da-fA-F]{4})|x([\da-fA-F]{2})|[\s\S])/g,
    (written, ...hex) => {
      const code = Number.parseInt(hex.slice(0, 3).find((one) => one !== undefined) as string, 16);
      return code > 0x7f ? String.fromCodePoint(code) : written;
    },
  );
}

function isText(node: t.Node, value: string, trace: TraceMap | undefined): boolean {
  if (/[^\0-\xff]/.test(value)) return true;
  const written = trace && sourceLineAt(node, trace)?.from;
  if (written === undefined) return false;
  const quote = written[0];
  const end = quote === '"' || quote === "'" || quote === "`" ? closing(written, quote) : written.length;
  return /[^\0-\x7f]/.test(written.slice(0, end)) || /\\u/.test(written.slice(0, end));
}

function closing(text: string, quote: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === quote) return at;
  }
  return text.length;
}
