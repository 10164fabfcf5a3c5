/**
 * esbuild's helpers for CommonJS modules use features of browsers: getters on copies, names of properties, and stored
 * errors. These helpers do what Node does when it loads such a module, in a third of the bytes, and need no lowering. A helper keeps its number of lines, so that the source map still holds.
 */

const COMMON_JS =
  "var __commonJS = (cb, mod) => () => { if (!mod) for (var name in cb) cb[name]((mod = { exports: {} }).exports, mod); return mod.exports; };";

/** The names are those that the module has after it has run, as in Node. */
const TO_ESM =
  "var __toESM = (mod) => { if (mod && mod.__esModule) return mod; var to = { default: mod }, name; for (name in mod) if (name != 'default') to[name] = mod[name]; return to; };";

const HELPERS: readonly (readonly [RegExp, string])[] = [
  [/^var __commonJS = [\s\S]*?^};$/m, COMMON_JS],
  [/^var __copyProps = [\s\S]*?^};$/m, ""],
  [/^var __toESM = [\s\S]*?^\)\);$/m, TO_ESM],
];

function withLines(text: string, lines: number): string {
  return text + "\n".repeat(lines);
}

/** Native functions that esbuild's helpers keep in variables, without those that nothing uses any more. */
function withoutUnusedNatives(code: string): string {
  return code.replace(/^var (__\w+ = Object(?:\.\w+)+(?:, )?)+;$/gm, (statement) => {
    const used = statement
      .slice("var ".length, -1)
      .split(", ")
      .filter((declaration) => {
        const name = declaration.slice(0, declaration.indexOf(" "));
        return code.split(new RegExp(`\\b${name}\\b`)).length > 2;
      });
    return used.length > 0 ? `var ${used.join(", ")};` : "";
  });
}

export function withSmallHelpers(code: string): string {
  let result = code;
  for (const [pattern, replacement] of HELPERS) {
    if (replacement === "" && code.includes("__reExport")) continue;
    if (replacement === "" && code.includes("__toCommonJS")) continue;
    result = result.replace(pattern, (helper) => withLines(replacement, helper.split("\n").length - 1));
  }
  return result === code ? code : withoutUnusedNatives(result);
}

/**
 * Espruino also accepts a value that a module assigns to `exports` itself (`exports = Meter;`), as many of its public drivers
 * do. CommonJS accepts only `module.exports`. The interpreter accepts both (measured).
 */
export function withAssignedExports(code: string): string {
  return code.replace(/(^|[;{})\s])exports(\s*)=(?![=>])/g, "$1exports$2= module.exports =");
}
