/** Values as text for `print` and `console.log`: similar to Espruino, on one line, with Node's format of numbers. */
import { isArrayBuffer } from "./interpreter.ts";

/** Deeper values are left out, which also ends cycles. */
const DEPTH_MAX = 8;

export function formatValues(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === "string" ? value : formatValue(value, 0))).join(" ");
}

function formatValue(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") {
    return depth === 0 ? Function.prototype.toString.call(value) : "function () {}";
  }
  if (typeof value !== "object" || value === null) return String(value);
  if (depth > DEPTH_MAX) return " ... ";
  if (Array.isArray(value)) return formatList(value, depth);
  if (isArrayBuffer(value)) return `new Uint8Array([${new Uint8Array(value).join(", ")}]).buffer`;
  if (ArrayBuffer.isView(value)) {
    return `new ${value.constructor.name}([${(value as unknown as number[]).join(", ")}])`;
  }
  return formatObject(value, depth);
}

function formatList(items: readonly unknown[], depth: number): string {
  return items.length === 0 ? "[  ]" : `[ ${items.map((item) => formatValue(item, depth + 1)).join(", ")} ]`;
}

function formatObject(value: object, depth: number): string {
  const kind = Object.prototype.toString.call(value);
  if (kind === "[object Date]") return `Date: ${String(value)}`;
  if (kind === "[object RegExp]" || kind === "[object Error]") return String(value);
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return String(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${formatValue(member, depth + 1)}`,
  );
  return members.length === 0 ? "{  }" : `{ ${members.join(", ")} }`;
}
