import { decode, encode } from "@jridgewell/sourcemap-codec";
import type { BuildOptions, TransformOptions } from "esbuild";
import { BYTE_AREA, QUOTED } from "../program/byte-area.ts";
import type { EncodedSourceMap } from "../program/script.ts";

/**
 * The steps around lowering: `esbuild.build(bundleOptions)` → `lower` → `esbuild.transform(minifyOptions)` →
 * `finish`, whose code is written to app.js as UTF-8.
 *
 * Strings are the reason for `finish`. A byte ("\xff") and a character ("ÿ") are the same to esbuild, which
 * writes both as one or both as the other. So `lower` reads from the source which of the two was meant, and represents bytes by
 * private-use characters. The minifier keeps these, and `finish` writes them as \x escapes, one
 * character each. Text is unchanged, so it is UTF-8 bytes on boards without Unicode.
 */
export const bundleOptions = {
  bundle: true,
  charset: "utf8",
  format: "cjs",
  legalComments: "none",
  platform: "neutral",
  sourcemap: "external",
  sourcesContent: true,
  target: "esnext",
  // The check must see refused syntax as it was written, not lowered by esbuild.
  supported: { decorators: true, using: true },
  treeShaking: true,
} as const satisfies BuildOptions;

/** Options that keep esbuild's minifier from writing anything that Espruino lacks or gets wrong. */
export const minifyOptions = {
  charset: "utf8",
  format: "cjs",
  legalComments: "none",
  minify: true,
  treeShaking: true,
  platform: "neutral",
  target: "es2020",
  supported: {
    "array-spread": false,
    "exponent-operator": false,
    "logical-assignment": false,
    "nullish-coalescing": true,
    "object-accessors": true,
    "optional-chain": false,
  },
} as const satisfies TransformOptions;

/** The escaped text of a placeholder's beginning: Espruino treats \${ in a template as an expression. */
const DOLLAR = "\\${";
/** What follows it is not escaped. */
const ESCAPED_BACKSLASH = "\\\\";
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a template
const DOLLAR_WRITTEN = '${"$"}{';

export function finish<M extends EncodedSourceMap | undefined>(input: {
  code: string;
  map?: M;
}): {
  code: string;
  map: M;
} {
  const shifts: { line: number; column: number; by: number }[] = [];
  const lines = input.code.split("\n").map((text, line) => {
    let out = "";
    let from = 0;
    for (const match of text.matchAll(PLACES)) {
      const written = finished(match[0]);
      out += text.slice(from, match.index) + written;
      from = match.index + match[0].length;
      shifts.push({ line, column: from, by: written.length - match[0].length });
    }
    return out + text.slice(from);
  });
  const map = input.map && shifts.length > 0 ? shifted(input.map, shifts) : input.map;
  return { code: lines.join("\n"), map: map as M };
}

const PLACES = new RegExp(
  `${QUOTED}|[\\u{${(BYTE_AREA).toString(16)}}-\\u{${(BYTE_AREA + 0xff).toString(16)}}]|\\\\\\\\|\\\\\\$\\{`,
  "gu",
);

function finished(place: string): string {
  if (place === QUOTED) return "";
  if (place === ESCAPED_BACKSLASH) return place;
  return place === DOLLAR ? DOLLAR_WRITTEN : byteEscape(place);
}

function byteEscape(character: string): string {
  const byte = character.charCodeAt(0) - BYTE_AREA;
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

function shifted(
  map: EncodedSourceMap,
  shifts: readonly { line: number; column: number; by: number }[],
): EncodedSourceMap {
  const lines = decode(map.mappings);
  for (const [index, segments] of lines.entries()) {
    const own = shifts.filter((one) => one.line === index);
    let at = 0;
    let by = 0;
    for (const segment of segments) {
      for (let next = own[at]; next && next.column <= segment[0]; next = own[++at]) by += next.by;
      segment[0] += by;
    }
  }
  return { ...map, mappings: encode(lines) };
}
