import { parseSync, types as t } from "@babel/core";
import type { HelperName, Program } from "../../program/program.ts";
import { BYTE_TEXT_SOURCES } from "../corrections/byte-text-sources.ts";
import { CORRECTION_SOURCES } from "../corrections/correction-sources.ts";
import { JSON_SOURCES } from "../corrections/json-sources.ts";
import { DATE_SOURCES } from "../dates/date-sources.ts";
import { ERROR_SOURCES } from "../errors/error-sources.ts";
import { ARRAY_SOURCES } from "../fills/array-sources.ts";
import { COLLECTION_SOURCES, type HelperSource } from "../fills/collection-sources.ts";
import { VIEW_SOURCES } from "../fills/data-views.ts";
import { GLOBAL_SOURCES } from "../fills/global-sources.ts";
import { PROMISE_SOURCES } from "../fills/promise-sources.ts";
import { SEARCH_SOURCES } from "../fills/text-search.ts";

import { NUMBER_SOURCES } from "../numbers/number-sources.ts";
import { CLASS_SOURCES } from "../objects/class-sources.ts";
import { OBJECT_SOURCES } from "../objects/object-sources.ts";
import { REGEX_SOURCES } from "../regular-expressions/regex-sources.ts";
import { TEXT_CALL_SOURCES } from "../regular-expressions/text-call-sources.ts";
import { HELPER_SOURCES } from "./helper-sources.ts";
import { LIST_SOURCES } from "./list-sources.ts";

/** The order is that of definition, but that a helper comes after those that it needs. */
export const SOURCES: Readonly<Record<HelperName, HelperSource>> = {
  ...HELPER_SOURCES,
  ...BYTE_TEXT_SOURCES,
  ...LIST_SOURCES,
  ...ARRAY_SOURCES,
  ...COLLECTION_SOURCES,
  ...GLOBAL_SOURCES,
  ...SEARCH_SOURCES,
  ...VIEW_SOURCES,
  ...PROMISE_SOURCES,
  ...CORRECTION_SOURCES,
  ...OBJECT_SOURCES,
  ...CLASS_SOURCES,
  ...ERROR_SOURCES,
  ...NUMBER_SOURCES,
  ...DATE_SOURCES,
  ...JSON_SOURCES,
  ...REGEX_SOURCES,
  ...TEXT_CALL_SOURCES,
};

/** Puts the helpers and fills that the program uses before it, and what those need. */
export function addPrelude(program: Program): void {
  const { helpers, fills, tree } = program;
  const sourceOf = sourcesFor(program);
  const placed = new Set<HelperName>();
  const texts: string[] = [];
  const place = (name: HelperName): void => {
    if (placed.has(name)) return;
    placed.add(name);
    const source = sourceOf(name);
    for (const needed of helpersIn(source)) place(needed);
    texts.push(withNames(program, source));
  };
  for (const name of inOrder(helpers)) place(name);
  for (const fill of fills) for (const name of helpersIn(fill)) place(name);
  for (const fill of fills) texts.push(withNames(program, fill));
  if (texts.length === 0) return;
  const parsed = parseSync(texts.join("\n"), { configFile: false, babelrc: false, sourceType: "script" });
  const statements = (parsed as t.File).program.body;
  // Positions in the prelude are no positions in the program.
  for (const one of statements) t.traverseFast(one, forget);
  tree.program.body.unshift(...statements);
}

/** A source without the lines for unused parts. `own+no-expand` means that the part `own` is used and `expand` is not. */
function partsInUse({ parts }: Program, source: string): string {
  const isUsed = (part: string): boolean =>
    part.startsWith("no-") ? !parts.has(part.slice(3)) : parts.has(part);
  return source.replace(/^.*\/\/@(.+)\n/gm, (line, needed: string) =>
    needed.split("+").every(isUsed) ? line : "",
  );
}

/** The source of each helper that the program needs, in the form that its words and the other helpers ask for. */
function sourcesFor(program: Program): (name: HelperName) => string {
  const helpers = new Set(program.helpers);
  let names: Set<string> | undefined;
  const sourceOf = (name: HelperName): string => {
    const source = SOURCES[name];
    if (source === undefined) throw new Error(`The lowering uses a helper ${name}, which has no source.`);
    if (typeof source === "string") return partsInUse(program, source);
    names ??= spelledOut(program);
    return partsInUse(program, source({ names, helpers, traits: program.traits }));
  };
  for (const fill of program.fills) for (const name of helpersIn(fill)) helpers.add(name);
  // A helper that comes along may change the source of one that is there already.
  for (let before = -1; before !== helpers.size; ) {
    before = helpers.size;
    for (const name of helpers) for (const needed of helpersIn(sourceOf(name))) helpers.add(needed);
  }
  return sourceOf;
}

/** Every member and every text in the program. */
function spelledOut({ tree }: Program): Set<string> {
  const names = new Set<string>();
  t.traverseFast(tree, (node) => {
    if (t.isStringLiteral(node)) names.add(node.value);
    if (t.isMemberExpression(node) && t.isIdentifier(node.property)) names.add(node.property.name);
  });
  return names;
}

/** In the order of the sources, so that the same helpers give the same bytes whichever pass asks first. */
function inOrder(helpers: ReadonlySet<HelperName>): HelperName[] {
  const order = Object.keys(SOURCES);
  return [...helpers].sort((one, other) => order.indexOf(one) - order.indexOf(other));
}

function forget(node: t.Node): void {
  delete node.loc;
  node.start = null;
  node.end = null;
}

/** In a source: whether the board's strings are bytes. The minifier leaves out the branch that is not taken. */
const BYTE_TEXTS = "$byteTexts";
const HELPER = /\$[A-Za-z]\w*/g;

function helpersIn(source: string): HelperName[] {
  return [...new Set(source.match(HELPER) as HelperName[] | null)].filter((name) =>
    Object.hasOwn(SOURCES, name),
  );
}

/** A source that calls helpers by the names that they have in this program. */
function withNames(program: Program, source: string): string {
  const known = source.replaceAll(BYTE_TEXTS, String(program.hasByteTexts));
  return known.replace(HELPER, (name) =>
    Object.hasOwn(SOURCES, name) ? program.helper(name as HelperName).name : name,
  );
}
