import type { Program } from "../../program/program.ts";

const METHOD = /^[gs]et(?:Int|Uint|Float)(8|16|32|64)$/;

/** Reads and writes of a DataView that the program names: Espruino's own do not throw beyond the end. */
export function fillViews({ fills }: Program, names: ReadonlySet<string>): void {
  for (const name of names) {
    const bits = METHOD.exec(name)?.[1];
    if (bits) fills.add(`typeof Symbol == "function" || $inView("${name}", ${Number(bits) / 8});`);
  }
}

export function isViewMethod(name: string): boolean {
  return METHOD.test(name);
}

export const VIEW_SOURCES = {
  $inView: `function $inView(name, n) {
    var f = new DataView(new ArrayBuffer(8))[name];
    DataView.prototype[name] = function (i, a, b) {
      i = (i < 0 ? Math.ceil(i) : Math.floor(i)) || 0;
      if (i < 0 || i + n > this.byteLength) throw new Error("Offset is outside the bounds of the DataView");
      return f.call(this, i, a, b);
    };
  }`,
} as const;
