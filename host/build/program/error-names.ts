import type { Program } from "./program.ts";

/** The error classes that the language has; Espruino lacks some of them. */
export const ERROR_NAMES = new Set([
  "Error",
  "TypeError",
  "RangeError",
  "SyntaxError",
  "ReferenceError",
  "EvalError",
  "URIError",
  "InternalError",
]);

const NATIVE = new Set(["Error", "TypeError", "SyntaxError", "ReferenceError"]);

/** The program makes an error of this class without a message, which is then the empty one of its prototype. */
export function giveEmptyMessage(program: Program, name: string): void {
  if (NATIVE.has(name)) program.fills.add(`${name}.prototype.message = "";`);
}
