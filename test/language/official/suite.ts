/**
 * Reads tests of test262, the official test suite of ECMAScript, from a checkout. Only tests of things that a program for
 * a board can use are taken: no `eval`, no modules, no sloppy mode, no property attributes and none of the features that
 * the build refuses by their name.
 */
// cspell:ignore HTMLDDA doneprint
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

export interface SuiteTest {
  /** Relative to the folder `test` of the checkout. */
  readonly path: string;
  readonly text: string;
  /** The test ends when it calls `$DONE`. */
  readonly isAsync: boolean;
  readonly includes: readonly string[];
}

const FOLDERS = ["language", "built-ins"];
const FLAGS_LEFT_OUT = /^(module|raw|noStrict|CanBlockIsFalse|CanBlockIsTrue|non-deterministic)$/;
const FEATURES_LEFT_OUT =
  /^(BigInt|Proxy|Reflect.*|Atomics.*|SharedArrayBuffer|Temporal|tail-call-optimization|cross-realm|IsHTMLDDA|WeakRef|FinalizationRegistry.*|ShadowRealm|.*arraybuffer.*|Symbol\..*|regexp-unicode-property-escapes|Intl.*|decorators|explicit-resource-management|import-.*|dynamic-import|source-phase.*|json-modules|host-gc-required|__.*__|caller|legacy-regexp)$/;
/** What marks a test of reflection or conversion, which programs for boards hardly use. */
const WORDS_LEFT_OUT =
  /\$262|\beval\b|\bFunction\s*\(|defineProper|getOwnPropertyDescriptor|propertyIsEnumerable|isExtensible|preventExtensions|PrototypeOf|__proto__|\b(valueOf|toString|toPrimitive)\b|new (Number|String|Boolean)\b|\.caller\b|\.callee\b|Symbol\.(?!iterator|asyncIterator)|\\u|[^\0-\xff]/;
/** The files of the suite's harness that `harness.ts` stands in for. */
const INCLUDES_KNOWN = new Set([
  "assert.js",
  "sta.js",
  "doneprintHandle.js",
  "compareArray.js",
  "asyncHelpers.js",
]);

/** @returns undefined for a test that is not for boards. */
export function parseTest(path: string, source: string): SuiteTest | undefined {
  const header = /\/\*---([\s\S]*?)---\*\//.exec(source);
  if (!header) return undefined;
  const fields = header[1] ?? "";
  const includes = listIn(fields, "includes");
  const flags = listIn(fields, "flags");
  const text = source.replace(header[0], header[0].replace(/[^\n]/g, ""));
  const code = text.replace(/^\s*\/\/.*$/gm, "");
  const isLeftOut =
    /^negative:/m.test(fields) ||
    flags.some((one) => FLAGS_LEFT_OUT.test(one)) ||
    listIn(fields, "features").some((one) => FEATURES_LEFT_OUT.test(one)) ||
    includes.some((one) => !INCLUDES_KNOWN.has(one)) ||
    WORDS_LEFT_OUT.test(code);
  return isLeftOut ? undefined : { path, text, isAsync: flags.includes("async"), includes };
}

/** A list of the header, as `[a, b]` or with a line for each element. */
function listIn(header: string, field: string): string[] {
  const inline = new RegExp(`^${field}: *\\[([^\\]]*)\\]`, "m").exec(header)?.[1];
  if (inline !== undefined) return inline.split(",").map((one) => one.trim());
  const lines = new RegExp(`^${field}: *\\n((?: *- .*\\n?)+)`, "m").exec(header)?.[1];
  return lines?.split("\n").map((one) => one.replace(/^ *- */, "").trim()) ?? [];
}

/** The paths of all test files by folder, so that a sample can take from each folder. */
export function testPaths(checkout: string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  const root = join(checkout, "test");
  for (const folder of FOLDERS) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/(?<!_FIXTURE)\.js$/.test(entry.name)) continue;
      const group = relative(root, entry.parentPath);
      groups.set(group, [...(groups.get(group) ?? []), join(group, entry.name)]);
    }
  }
  for (const paths of groups.values()) paths.sort();
  return groups;
}

export function readTest(checkout: string, path: string): SuiteTest | undefined {
  return parseTest(path, readFileSync(join(checkout, "test", path), "utf8"));
}
