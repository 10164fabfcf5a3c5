import { types as t, type Visitor } from "@babel/core";
import { originalPositionFor, sourceContentFor, type TraceMap } from "@jridgewell/trace-mapping";
import type { Program } from "./program.ts";

/** Where the bytes 0x80 to 0xff of byte strings stand until the minifier is done: a private area of Unicode. */
export const BYTE_AREA = 0xee00;

/**
 * Marks bytes in string literals. A literal whose source spells a character above 0x7f itself, or holds one above
 * 0xff, is text; one that spells it as an escape up to \xff holds bytes.
 */
export function stringVisitor(program: Program, trace: TraceMap | undefined): Visitor {
  return {
    StringLiteral(path) {
      const { node } = path;
      if (isAscii(node.value)) return;
      refuseArea(program, node, node.value);
      if (!isText(node, node.value, trace)) mark(node);
    },
    TemplateElement(path) {
      const { node } = path;
      const cooked = node.value.cooked ?? "";
      if (isAscii(cooked)) return;
      refuseArea(program, node, cooked);
      if (isText(node, cooked, trace)) return;
      node.value.cooked = marked(cooked);
      node.value.raw = marked(bytesIn(node.value.raw));
    },
  };
}

/** The hidden keys that the passes and helpers put in: they begin with the byte 0xff. */
export function markHidden(program: Program): void {
  t.traverseFast(program.tree, (node) => {
    if (t.isStringLiteral(node) && /^\xff[\0-\x7f]*$/.test(node.value)) mark(node);
  });
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function mark(node: t.StringLiteral): void {
  node.value = marked(node.value);
  delete node.extra;
}

function marked(text: string): string {
  return text.replace(/[\x80-\xff]/g, (one) => String.fromCharCode(BYTE_AREA + one.charCodeAt(0)));
}

function bytesIn(raw: string): string {
  return raw.replace(/\\x([89a-fA-F][0-9a-fA-F])/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function refuseArea(program: Program, node: t.Node, text: string): void {
  if (!/[\uee00-\ueeff]/.test(text)) return;
  program.refuse(node, {
    code: "MK1248",
    message:
      "The text has a character of the private area U+EE00 to U+EEFF, which the build needs for bytes.",
    remedy: "Use another private character.",
  });
}

function isText(node: t.Node, value: string, trace: TraceMap | undefined): boolean {
  if (/[^\0-\xff]/.test(value)) return true;
  const start = node.loc?.start;
  if (!trace || !start) return false;
  const found = originalPositionFor(trace, { line: start.line, column: start.column });
  const line =
    found.source === null ? undefined : sourceContentFor(trace, found.source)?.split("\n")[found.line - 1];
  if (line === undefined || found.column === null) return false;
  const written = line.slice(found.column);
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
