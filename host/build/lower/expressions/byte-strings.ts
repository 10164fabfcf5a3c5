import type { types as t, Visitor } from "@babel/core";
import type { TraceMap } from "@jridgewell/trace-mapping";
import { inByteArea, isAscii, markBytes } from "../../program/byte-area.ts";
import type { Program } from "../../program/program.ts";
import { sourceLineAt } from "../../program/source-place.ts";

/**
 * Marks bytes in string literals. A literal whose source spells a character above 0x7f itself, or holds one above
 * 0xff, is text; one that spells it as an escape up to \xff holds bytes.
 */
export function byteStringVisitor({ trace }: Program): Visitor {
  return {
    StringLiteral(path) {
      const { node } = path;
      if (isAscii(node.value)) return;
      if (!isText(node, node.value, trace)) markBytes(node);
    },
    TemplateElement(path) {
      const { node } = path;
      const cooked = node.value.cooked ?? "";
      if (isAscii(cooked)) return;
      if (isText(node, cooked, trace)) return;
      node.value.cooked = inByteArea(cooked);
      node.value.raw = inByteArea(bytesIn(node.value.raw));
    },
  };
}

function bytesIn(raw: string): string {
  return raw.replace(/\\x([89a-fA-F][0-9a-fA-F])/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
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
