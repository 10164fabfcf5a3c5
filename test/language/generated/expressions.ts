/** Random expressions, each of a known kind, so that a program meets values rather than errors. */
import fc from "fast-check";
import { builtIns, choose, index, joined } from "./built-ins.ts";

/** The names that an expression may use, by what they hold. */
export interface Names {
  readonly numbers: readonly string[];
  readonly texts: readonly string[];
  readonly lists: readonly string[];
}

type Text = fc.Arbitrary<string>;

const INTEGERS = [
  "0",
  "1",
  "2",
  "3",
  "7",
  "10",
  "-1",
  "-2",
  "25",
  "100",
  "255",
  "256",
  "65536",
  "2147483647",
];
/** Kept out of texts, because Espruino prints fewer digits, which docs/differences.md says. */
const ODD_NUMBERS = [
  "NaN",
  "Infinity",
  "-Infinity",
  "0.5",
  "-1.5",
  "2.25",
  "1e9",
  "4294967295",
  "-2147483648",
];
const TEXTS = [
  "",
  "a",
  "abc",
  "a,b,,c",
  " x y ",
  "Abc12",
  "aXbXc",
  "10",
  "-3",
  "0x1f",
  "true",
  "$&",
  "a\\nb",
];
const CALLBACK = ["x", "x + 1", "x * 2", "x > 1", "x % 2", "i", "x === 2"];

export interface Expressions {
  /** Whole numbers below 2^53, which every text shows in full. */
  readonly integer: Text;
  readonly number: Text;
  readonly text: Text;
  readonly flag: Text;
  readonly list: Text;
  readonly any: Text;
}

export function expressions(names: Names, depth: number): Expressions {
  const integerLeaf = choose(...INTEGERS, ...names.numbers);
  const textLeaf = fc.oneof(
    choose(...TEXTS).map((text) => `"${text}"`),
    choose('"z"', ...names.texts),
  );
  const listLeaf = choose("[]", "[1]", "[3, 1, 2]", "[2, 2, 5, 1]", "[10, 9, 1]", ...names.lists);
  if (depth <= 0) {
    const number = fc.oneof(
      integerLeaf,
      choose(...ODD_NUMBERS).map((text) => `(${text})`),
    );
    const flag = choose("true", "false");
    const any = fc.oneof(number, textLeaf, flag, listLeaf, choose("null", "undefined"));
    return { integer: integerLeaf, number, text: textLeaf, flag, list: listLeaf, any };
  }
  const below = expressions(names, depth - 1);
  const { integer: n, number: d, text: s, flag: b, list: l, any } = below;
  const more = builtIns(below);
  const callback = fc.tuple(choose("(x) =>", "(x, i) =>"), choose(...CALLBACK)).map(([head, body]) => {
    return body === "i" && head === "(x) =>" ? "(x) => x" : `${head} ${body}`;
  });
  const fold = choose("(sum, x) => sum + x", "(sum, x) => sum - x", "(sum, x, i) => sum + x * i");
  const integer = fc.oneof(
    { weight: 3, arbitrary: integerLeaf },
    joined`(${n} + ${n})`,
    joined`(${n} - ${n})`,
    joined`(${n} & ${n})`,
    joined`(${n} | ${d})`,
    joined`(${n} ^ ${n})`,
    joined`(${n} << ${choose("0", "1", "4", "31", "33")})`,
    joined`(${d} >> ${choose("0", "1", "4", "31", "33")})`,
    joined`(${d} >>> ${choose("0", "1", "4", "31", "33")})`,
    joined`~${n}`,
    joined`(${s}).length`,
    joined`(${l}).length`,
    joined`(${s}).indexOf(${fc.oneof(joined`(${s} || "b")`, choose('""'))}, ${index})`,
    joined`(${s}).lastIndexOf(${s})`,
    joined`(${l}).indexOf(${n}, ${index})`,
    joined`(${l}).lastIndexOf(${n})`,
    joined`(${l}).findIndex(${callback})`,
    joined`(${s}).search(${choose("/b/", "/[0-9]+/", "/$/", "/x y/")})`,
    joined`(${l}).push(${n})`,
    joined`(${b} ? ${n} : ${n})`,
    ...more.integer,
    ...more.number,
  );
  const number = fc.oneof(
    { weight: 2, arbitrary: integer },
    choose(...ODD_NUMBERS).map((text) => `(${text})`),
    joined`(${d} * ${n})`,
    joined`(${d} / ${n})`,
    joined`(${d} % ${n})`,
    joined`((${d}) ** ${choose("0", "1", "2", "0.5", "-1")})`,
    joined`Math.${choose("floor", "ceil", "round", "trunc", "sign", "abs", "sqrt", "cbrt")}(${d})`,
    joined`Math.${choose("max", "min", "hypot")}(${d}, ${d})`,
    joined`Number(${any})`,
    joined`+${s}`,
    joined`parseInt(${s}, ${choose("undefined", "10", "16", "2", "0")})`,
    joined`parseFloat(${s})`,
    joined`(${l}).reduce(${fold}, ${n})`,
    joined`(${s}).charCodeAt(${index})`,
    joined`(${l}).at(${index})`,
    joined`(${l}).find(${callback})`,
    joined`(${l}).pop()`,
    joined`(${l}).shift()`,
  );
  const text = fc.oneof(
    { weight: 3, arbitrary: textLeaf },
    joined`(${s} + ${s})`,
    joined`(${s} + ${n})`,
    joined`\`<\${${n}}|\${${s}}>\``,
    joined`(${s}).slice(${index}, ${index})`,
    joined`(${s}).substring(${index}, ${index})`,
    joined`(${s}).charAt(${index})`,
    joined`(${s}).padStart(${choose("0", "2", "6", "-1")}, ${choose('" "', '"ab"', '""')})`,
    joined`(${s}).padEnd(${choose("0", "2", "6", "-1")}, ${choose('" "', '"ab"', '""')})`,
    joined`(${s}).${choose("trim", "trimStart", "trimEnd", "toUpperCase", "toLowerCase")}()`,
    joined`(${s}).repeat(${choose("0", "1", "2", "2.9")})`,
    joined`(${s}).replace(${s}, ${s})`,
    joined`(${s}).replaceAll(${s}, ${s})`,
    joined`(${s}).replace(${choose("/a/", "/[A-Z]/g", "/(b)(c)?/", "/x*/g")}, ${choose('"<$&>"', '"$1-"', '"$$"', "(m) => m + m")})`,
    joined`(${s}).split(${fc.oneof(s, choose("/,/", "/X/"))}).join(${choose('"-"', '""', '"+"')})`,
    joined`(${l}).join(${fc.oneof(s, choose("undefined"))})`,
    joined`String(${fc.oneof(n, b, s, l)})`,
    joined`(${n}).toString(${choose("", "10", "16", "2", "36")})`,
    joined`(${d}).toFixed(${choose("0", "1", "2")})`,
    joined`typeof ${any}`,
    joined`JSON.stringify(${fc.oneof(n, s, l, b)})`,
    joined`JSON.stringify({ a: ${n}, b: ${s}, c: undefined, d: ${l} })`,
    ...more.text,
  );
  const flag = fc.oneof(
    joined`(${d} ${choose("<", ">", "<=", ">=", "===", "!==", "==", "!=")} ${d})`,
    joined`(${s} ${choose("<", ">", "===", "!==")} ${s})`,
    joined`(${any} ${choose("===", "!==")} ${any})`,
    joined`!${any}`,
    joined`(${b} ${choose("&&", "||")} ${b})`,
    joined`(${s}).${choose("startsWith", "endsWith")}(${s}, ${choose("0", "1", "undefined")})`,
    joined`(${s}).includes(${fc.oneof(joined`(${s} || "b")`, choose('""'))}, ${choose("0", "1", "undefined")})`,
    joined`(${l}).includes(${d})`,
    joined`(${l}).${choose("some", "every")}(${callback})`,
    joined`${choose("/a/", "/^[a-z]+$/", "/\\\\d+/", "/b.c/")}.test(${s})`,
    joined`Number.${choose("isInteger", "isNaN", "isFinite", "isSafeInteger")}(${any})`,
    joined`isNaN(${any})`,
    joined`Array.isArray(${any})`,
    joined`new Set(${l}).has(${n})`,
    choose("true", "false"),
    ...more.flag,
  );
  const list = fc.oneof(
    { weight: 2, arbitrary: listLeaf },
    joined`[${n}, ...${l}]`,
    joined`[...${l}, ${n}]`,
    joined`(${l}).slice(${index}, ${index})`,
    joined`(${l}).concat(${fc.oneof(l, n)})`,
    joined`(${l}).map(${callback})`,
    joined`(${l}).filter(${callback})`,
    joined`(${l}).flatMap((x) => [x, x + 1])`,
    joined`[...${l}].reverse()`,
    joined`[...${l}].sort()`,
    joined`[...${l}].sort((a, b) => ${choose("a - b", "b - a", "0")})`,
    joined`[...${l}].fill(${n}, ${index}, ${index})`,
    joined`[...${l}].splice(${index}, ${choose("0", "1", "2", "undefined")}, ${n})`,
    joined`Array.from(${l}, ${callback})`,
    joined`Array.from({ length: ${choose("0", "2", "3")} }, (_, i) => i)`,
    joined`[...new Set(${l})]`,
    joined`[...new Map([[${n}, ${n}], [${n}, ${n}]]).keys()]`,
    joined`Object.keys({ a: ${n}, b: ${n} }).map((k) => k.length)`,
    joined`[...new Uint8Array(${l})]`,
    joined`(${s}).split("").map((c) => c.charCodeAt(0))`,
    joined`((...rest) => rest)(...${l}, ${n})`,
    joined`(([first = ${n}, ...rest]) => [rest.length, first])(${l})`,
    ...more.list,
  );
  const everything = fc.oneof(
    number,
    text,
    flag,
    list,
    joined`(${any} ?? ${n})`,
    joined`(${any} || ${s})`,
    joined`(${any} && ${n})`,
    joined`({ a: ${n}, ...{ b: ${s} } })`,
    joined`(({ a, b = ${n}, ...others }) => [a, b, others])({ a: ${any}, c: ${n} })`,
    joined`(${l})?.[${choose("0", "1", "5")}]`,
    joined`(${s}).match(${choose("/b/", "/[0-9]+/g", "/(a)(b)?/")})?.[0]`,
    joined`JSON.parse(JSON.stringify({ v: ${fc.oneof(n, s, l, b)} })).v`,
    choose("null", "undefined"),
    ...more.any,
  );
  return { integer, number, text, flag, list, any: everything };
}
