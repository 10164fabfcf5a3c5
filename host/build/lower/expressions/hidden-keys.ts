import { types as t } from "@babel/core";
import { markBytes } from "../../program/byte-area.ts";
import type { Program } from "../../program/program.ts";

/** The hidden keys that the passes and helpers put in: they begin with the byte 0xff. */
export function markHiddenKeys(program: Program): void {
  t.traverseFast(program.tree, (node) => {
    if (t.isStringLiteral(node) && /^\xff[\0-\x7f]*$/.test(node.value)) markBytes(node);
  });
}
