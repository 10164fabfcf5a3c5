import { types as t } from "@babel/core";
import { isAscii, markBytes, QUOTED } from "../../program/byte-area.ts";
import type { Program } from "../../program/program.ts";

/** The hidden keys that the passes and helpers put in: they begin with the byte 0xff. */
export function markHiddenKeys(program: Program): void {
  t.traverseFast(program.tree, (node) => {
    if (t.isStringLiteral(node) && /^\xff[\0-\x7f]*$/.test(node.value)) markBytes(node);
  });
}

/** Keys with text beyond ASCII, which the minifier would write without their quotes. */
export function quoteKeys(program: Program): void {
  t.traverseFast(program.tree, (node) => {
    if (t.isMemberExpression(node) && node.computed) quote(node.property);
    else if (t.isObjectProperty(node) || t.isObjectMethod(node) || t.isClassMethod(node)) quote(node.key);
  });
}

function quote(key: t.Node): void {
  if (!t.isStringLiteral(key) || isAscii(key.value) || /^[\xff\uedff]/.test(key.value)) return;
  key.value = QUOTED + key.value;
  delete key.extra;
}
