import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { ARRAY_FILLS } from "../../host/build/lower/fills/array-sources.ts";
import {
  METHOD_FILLS,
  STATIC_FILLS,
  STATIC_VALUES,
  typedArrayFill,
} from "../../host/build/lower/fills/fill-sources.ts";
import { GLOBAL_FILLS } from "../../host/build/lower/fills/global-sources.ts";
import { MISSING_GLOBALS, MISSING_METHODS, MISSING_STATICS } from "../../host/build/program/missing.ts";
import { compile, libraryFiles } from "./library.ts";

/** Expressions of the kinds of objects that a method of a fill can be on. */
const RECEIVERS = ["[1]", '"a"', "(1)", "new Uint8Array(1)", "new Date(0)", "Promise.resolve(1)", "({})"];

/** Members that only JavaScript can reach: what TypeScript writes instead has the same result. */
const JAVASCRIPT_ONLY = new Set<string>(["trimLeft", "trimRight", "propertyIsEnumerable", "toDateString"]);

function declaredGlobals(): string[] {
  return libraryFiles([]).flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
    return source.statements.flatMap((statement) => {
      if (ts.isFunctionDeclaration(statement)) return statement.name ? [statement.name.text] : [];
      if (!ts.isVariableStatement(statement)) return [];
      return statement.declarationList.declarations.map(({ name }) => name.getText(source));
    });
  });
}

describe("types, fills and refusals", () => {
  const statics = [...Object.keys(STATIC_FILLS), ...Object.keys(STATIC_VALUES)];
  const methods = [...Object.keys(ARRAY_FILLS), ...Object.keys(METHOD_FILLS)];
  const snippets: Record<string, string> = {};
  for (const name of GLOBAL_FILLS.keys()) snippets[name] = `print(${name});`;
  for (const name of statics) snippets[name] = `print(${name});`;
  for (const name of methods)
    RECEIVERS.forEach((object, index) => {
      snippets[`${name} ${index}`] = `print(${object}.${name});`;
    });
  const messages = compile(snippets, []);
  const passes = (name: string): boolean => messages.get(name)?.length === 0;

  it("a fill of a global or a static member can be reached from TypeScript", () => {
    expect([...GLOBAL_FILLS.keys(), ...statics].filter((name) => !passes(name))).toEqual([]);
  });

  it("a fill of a method can be reached on some object", () => {
    const unreachable = methods.filter((name) => !RECEIVERS.some((_, index) => passes(`${name} ${index}`)));
    expect(unreachable.filter((name) => !JAVASCRIPT_ONLY.has(name))).toEqual([]);
  });

  it("nothing is both declared or filled, and refused", () => {
    expect(declaredGlobals().filter((name) => Object.hasOwn(MISSING_GLOBALS, name))).toEqual([]);
    expect(statics.filter((name) => Object.hasOwn(MISSING_STATICS, name))).toEqual([]);
    expect(methods.filter((name) => Object.hasOwn(MISSING_METHODS, name))).toEqual([]);
    expect([...GLOBAL_FILLS.keys()].filter((name) => Object.hasOwn(MISSING_GLOBALS, name))).toEqual([]);
  });

  it("from and of are filled for each kind of typed array", () => {
    const kinds = Object.keys(STATIC_VALUES).flatMap((name) => /^(\w+Array)\./.exec(name)?.[1] ?? []);
    expect(kinds.length).toBe(9);
    for (const kind of kinds) expect(typedArrayFill(`${kind}.from`).join()).toContain(`new ${kind}(`);
  });
});
