/** Calls of built-in methods with arguments at the edges, by the kind of their result. Left out is only what docs/differences.md lists. */
import fc from "fast-check";
import type { Expressions } from "./expressions.ts";

type Text = fc.Arbitrary<string>;

/** Further expressions of each kind. */
export type More = { readonly [Kind in keyof Expressions]: readonly Text[] };

export function choose(...texts: readonly string[]): Text {
  return fc.constantFrom(...texts);
}

export function joined(strings: TemplateStringsArray, ...parts: readonly Text[]): Text {
  return fc
    .tuple(...parts)
    .map((values) => strings.map((text, index) => text + (values[index] ?? "")).join(""));
}

/** Arguments that reach the edges of what a method takes. */
export const index = choose(
  ...["0", "1", "2", "-1", "-2", "5", "-9", "undefined", "NaN", "1.7", "-0.5", "Infinity", "-Infinity"],
);
/** Places in texts also beyond 32 bits. */
const place = fc.oneof(index, choose("2147483648", "-2147483649", "4294967296", "1e12", "null"));
const small = choose("0", "1", "2", "3");
const KEYS = ["a", "b", "on", "length", "0", "x y"];
const key = choose(...KEYS.map((one) => `"${one}"`));
const CALLBACK = ["x", "x + 1", "x * 2", "x > 1", "x % 2", "i", "x === 2", "-x"];
const callback = choose(...CALLBACK).map((body) => `(x, i) => ${body}`);
/** A needle that is not empty: docs/differences.md has the empty one that a variable holds. */
const needle = (text: Text): Text => joined`(${text} || "b")`;

export function builtIns(below: Expressions): More {
  const parts = [
    texts(below),
    lists(below),
    numbers(below),
    collections(below),
    objects(below),
    typed(below),
  ];
  const all = [...parts, patterns(below), dates(below)];
  const gather = (kind: keyof Expressions): Text[] => all.flatMap((one) => one[kind] ?? []);
  return {
    integer: gather("integer"),
    number: gather("number"),
    text: gather("text"),
    flag: gather("flag"),
    list: gather("list"),
    any: gather("any"),
  };
}

function texts({ text: s, integer: n, list: l }: Expressions): Partial<More> {
  return {
    integer: [
      joined`(${s}).lastIndexOf(${needle(s)}, ${choose("0", "1", "3", "-1", "99")})`,
      joined`Math.sign((${s}).localeCompare(${s}))`,
      joined`[...${s}].length`,
      joined`(${s}).split(${s}, ${choose("0", "1", "2", "undefined")}).length`,
    ],
    text: [
      joined`((${s}).at(${place}) ?? "-")`,
      joined`(${s}).charAt(${place})`,
      joined`(${s}).substr(${place}, ${place})`,
      joined`(${s}).slice(${place})`,
      joined`(${s}).concat(${s}, ${n})`,
      joined`(${s}).padStart(${choose("3", "9", "0", "-1")}, ${s})`,
      joined`(${s}).replace(${needle(s)}, (m, at) => m + at)`,
      joined`(${s}).replaceAll(${s}, (m, at) => "<" + m + at + ">")`,
      joined`String.fromCharCode(65 + (${n} & 31), 48)`,
      joined`String.raw\`\\n\${${n}}\``,
      joined`((strings, ...values) => strings.raw.join("_") + values.length)\`a\${${n}}\\t\${${s}}\``,
      joined`((${s})[${small}] ?? "-")`,
      joined`[..."ab", ...(${s})].reverse().join("")`,
      joined`encodeURIComponent(${s})`,
      joined`decodeURIComponent(encodeURIComponent(${s}))`,
    ],
    flag: [
      joined`(${s}).${choose("startsWith", "endsWith")}(${s}, ${place})`,
      joined`(${s} ${choose("<=", ">=")} ${s})`,
    ],
    list: [
      joined`(${s}).split(${s}).map((x) => x.length)`,
      joined`Array.from(${s}, (c) => c.charCodeAt(0))`,
      joined`[...(${s}).matchAll(/[a-c]/g)].map((m) => m.index)`,
      joined`Object.keys(${s}).map(Number)`,
      joined`[(${s}).codePointAt(${small}) ?? 0, ...${l}]`,
    ],
    any: [joined`(${s}).charCodeAt(${place})`, joined`(${s}).codePointAt(${place})`],
  };
}

function lists({ text: s, integer: n, list: l, any }: Expressions): Partial<More> {
  return {
    integer: [
      joined`(${l}).lastIndexOf(${n}, ${index})`,
      joined`(${l}).indexOf(${n}, ${index})`,
      joined`(${l}).findLastIndex(${callback})`,
      joined`(${l}).unshift(${n}, ${n})`,
      joined`[${any}, ${any}].indexOf(${n})`,
    ],
    number: [
      joined`(${l}).findLast(${callback})`,
      joined`(${l}).at(${index})`,
      joined`(${l}).reduceRight((sum, x, i) => sum - x * i, ${n})`,
      joined`Math.max(...${l}, ${n})`,
      joined`Math.min(...${l})`,
    ],
    text: [
      joined`[${any}, null, undefined, [${n}]].join(${choose('","', '""', "undefined")})`.map(safeText),
      joined`String([${n}, [${s}, ${l}]])`,
      joined`(${l}).toString()`,
    ],
    flag: [joined`(${l}).includes(${n}, ${index})`, joined`(${small} in ${l})`],
    list: [
      joined`(${l}).toSorted((a, b) => ${choose("a - b", "b - a", "(a & 1) - (b & 1)")})`,
      joined`(${l}).toReversed()`,
      joined`(${l}).toSpliced(${index}, ${choose("0", "1", "2")}, ${n}, ${n})`,
      joined`[...${l}].copyWithin(${index}, ${index}, ${index})`,
      joined`[...${l}].fill(${n}, ${index})`,
      joined`[...${l}].splice(${index}, ${index})`,
      joined`((list) => (list.splice(${index}, ${small}, ...${l}), list))(${l})`,
      joined`[${l}, [${n}, [${n}]]].flat(${choose("", "1", "2", "Infinity")}).map((x) => (Array.isArray(x) ? x.length : x))`,
      joined`Array.of(${n}, ...${l})`,
      joined`[...(${l}).entries()].map(([i, x]) => i + x)`,
      joined`[...(${l}).keys()]`,
      joined`(${l}).concat([${l}, ${n}].flat(), ${n})`,
      joined`((list) => { list.length = Math.min(list.length, ${small}); return list; })([...${l}])`,
      joined`((list) => { for (const x of list) if (x > 1 && list.length < 6) list.push(x - 1); return list; })([...${l}])`,
      joined`(${l}).filter((x, i, all) => all.indexOf(x) === i)`,
    ],
    any: [joined`(${l}).with(${choose("0", "-1", "9")}, ${n})`, joined`(${l})[${index}]`],
  };
}

/** Fractions stay out of texts. */
function safeText(text: string): string {
  return `(${text}).replace(/[0-9.e+-]+/g, "#")`;
}

function numbers({ integer: n, number: d }: Expressions): Partial<More> {
  return {
    integer: [
      joined`Math.clz32(${d})`,
      joined`Math.imul(${n}, ${n})`,
      joined`((${n}) & ${choose("1", "255", "-1", "0x7fffffff")})`,
      joined`(~~${d})`,
      joined`((x) => { x ${choose("|=", "&=", "^=", "<<=", ">>=", ">>>=")} ${choose("1", "3", "31")}; return x; })(${n})`,
    ],
    number: [
      joined`Math.${choose("sin", "cos", "atan", "exp", "log", "log2", "log10", "log1p", "expm1", "tanh", "asin")}(${d})`,
      joined`Math.${choose("atan2", "pow", "hypot")}(${d}, ${d})`,
      joined`Math.fround(${d})`,
      joined`Math.round((${d}) * 4) / 4`,
      joined`((${d}) ** ${choose("3", "10", "-2", "1.5")})`,
      joined`((x) => { x ${choose("+=", "-=", "*=", "/=", "%=", "**=")} ${choose("2", "0.5", "-3")}; return [x++, ++x, x--, --x].length && x; })(${d})`,
      joined`Number((${d}).toFixed(${small}))`,
      joined`Number((${d}).toPrecision(${choose("1", "3", "8")}))`,
    ],
    text: [
      joined`(${n}).toString(${choose("3", "7", "16", "32")})`,
      joined`(${d}).toFixed(${choose("3", "4", "6")})`,
      joined`(${d}).toPrecision(${choose("1", "2", "5")})`,
      joined`(${d}).toExponential(${choose("0", "2", "4")})`,
      joined`(${n}).toString(2).padStart(8, "0").slice(-8)`,
    ],
    flag: [
      joined`Object.is(${n}, ${d})`,
      joined`Number.${choose("isInteger", "isSafeInteger", "isFinite")}(${d})`,
    ],
  };
}

function collections({ integer: n, list: l, text: s, any }: Expressions): Partial<More> {
  const map = joined`new Map((${l}).map((x, i) => [x, i]))`;
  const set = joined`new Set([...${l}, ${n}])`;
  return {
    integer: [
      joined`${map}.size`,
      joined`${set}.size`,
      joined`((m) => { let sum = 0; m.forEach((v, k) => { sum += v * k; }); return sum; })(${map})`,
    ],
    list: [
      joined`[...${map}].flat()`,
      joined`((m) => { m.delete(${n}); m.set(${n}, 7).set(${n}, 8); return [...m.keys(), ...m.values()]; })(${map})`,
      joined`((set) => { for (const x of set) if (x > 2 && x < 9 && set.size < 7) { set.delete(x); set.add(x - 1); } return [...set]; })(${set})`,
      joined`[...${set}].filter((x) => !new Set(${l}).has(x))`,
      joined`((m) => { m.clear(); m.set(${n}, 1); return [...m.entries()].flat(); })(${map})`,
      joined`((it) => { it.next(); return [...it]; })(${map}.values())`,
      joined`Array.from(${map}, ([k, v]) => k - v)`,
    ],
    any: [
      joined`${map}.get(${n})`,
      joined`new Map([[${any}, 1], [NaN, 2]]).get(NaN)`,
      joined`((o) => new Map([[o, ${n}]]).get(o))({})`,
      joined`new WeakMap().set(Array, ${n}).get(Array)`,
      joined`Object.fromEntries(new Map([["k" + ${s}.length, ${n}]]))`,
    ],
    flag: [joined`${map}.has(${n})`, joined`${set}.has(${any})`, joined`${set}.delete(${n})`],
  };
}

function objects({ integer: n, list: l, text: s, any, flag: b }: Expressions): Partial<More> {
  const object = joined`({ a: ${n}, b: ${s}, c: { d: ${l} }, [${key}]: ${n} })`;
  return {
    integer: [joined`Object.keys(${object}).length`, joined`(${object}).c?.d?.length`],
    text: [
      joined`JSON.stringify(${object})`,
      joined`JSON.stringify(${object}, null, ${choose("1", "2", '"-"', "0")})`,
      joined`JSON.stringify(${object}, ${choose('["a", "c"]', "(k, v) => (k === 'b' ? undefined : v)", "(k, v) => (typeof v === 'number' ? v + 1 : v)")})`,
      joined`JSON.stringify([${s}, [${l}, {}], { toJSON() { return ${n}; } }])`,
      joined`typeof (${object})[${key}]`,
    ],
    flag: [
      joined`(${key} in ${object})`,
      joined`Object.hasOwn(${object}, ${key})`,
      joined`((o) => delete o[${key}] && ${key} in o)(${object})`,
    ],
    any: [
      joined`(({ a: first, c: { d: [x = ${n}, ...more] = [] }, ...others }) => [first, x, more, Object.keys(others).length])(${object})`,
      joined`((o) => { o[${key}] ??= ${n}; o.a ||= ${n}; o.c &&= null; return o; })(${object})`,
      joined`({ ...${object}, ...(${b} && { a: ${any} }), ...null })`,
      joined`Object.entries(${object}).length`,
      joined`Object.assign({}, ${object}, { z: ${any} })`,
      joined`((o) => [o.v, (o.v = ${n}), o.v])({ w: 1, get v() { return this.w; }, set v(x) { this.w = x + 1; } })`,
      joined`JSON.parse(JSON.stringify(${object}), (k, v) => (typeof v === "string" ? v.length : v))`,
      joined`structuredClone(${object}).c`,
      joined`(${object}).c.nothing?.more[${n}].deeper`,
      joined`((o) => o.m?.() ?? o.q?.[0])({ m: ${b} ? undefined : () => ${n} })`,
      joined`((a, b = a + 1, { c = b, d = () => a + c } = {}, ...rest) => [a, b, c, d(), rest.length])(${n}, undefined, ${b} ? undefined : { c: ${n} }, ...${l})`,
    ],
  };
}

function typed({ integer: n, number: d, list: l }: Expressions): Partial<More> {
  const kind = choose("Uint8Array", "Int8Array", "Uint16Array", "Int16Array", "Uint32Array", "Int32Array");
  const made = joined`new ${kind}([...${l}, ${n}])`;
  return {
    integer: [joined`${made}.indexOf(${n})`, joined`${made}.byteLength`, joined`${made}.at(${index}) ?? 0`],
    number: [
      joined`${made}.reduce((sum, x) => sum + x, 0)`,
      joined`new Float32Array([${d}])[0]`,
      joined`((v) => { v.setInt16(1, ${n}); v.setFloat32(4, ${n}, true); return v.getUint16(1) + v.getUint8(7) + v.getInt32(2, ${choose("true", "false")}); })(new DataView(new ArrayBuffer(8)))`,
    ],
    text: [joined`${made}.join(${choose("undefined", '"-"')})`],
    list: [
      joined`[...${made}]`,
      joined`[...${made}.subarray(${index}, ${index})]`,
      joined`[...${made}.slice(${index}, ${index})]`,
      joined`[...${made}.fill(${n}, ${choose("0", "1", "-2")}, ${choose("2", "-1", "undefined")})]`,
      joined`[...${made}.map((x) => x * 3)]`,
      joined`[...${made}.filter((x) => x > 2)]`,
      joined`[...${made}.sort()]`,
      joined`[...${made}.reverse()]`,
      joined`Array.from(${made}, (x) => x + 1)`,
      joined`((t) => { t.set([${n}, ${n}], ${choose("0", "1")}); return [...t]; })(new ${kind}(4))`,
      joined`((t) => { t[0] = ${d}; t[1] += ${n}; t[0]++; return [...t]; })(new ${kind}(2))`,
      joined`[...new Uint8Array(new ${kind}([${n}, ${n}]).buffer)]`,
    ],
  };
}

function patterns({ text: s }: Expressions): Partial<More> {
  const pattern = choose(
    ...[
      "/([a-c])([0-9])?/",
      "/(?<first>[a-z]+)(?:,|$)/i",
      "/\\\\b[a-z]/",
      "/(a|ab)(c|b)?/",
      "/[^a-z ]+?/",
      "/^\\\\s*(.*?)\\\\s*$/",
    ],
    ...["/x{1,2}/i", "/(?=b)./", "/(?!a)[a-z]/", "/\\\\d+|,/", "/(.)\\\\1/", "/[\\\\w-]+/"],
  ).map((one) => one.replaceAll("\\\\", "\\"));
  const global = pattern.map((one) => one.replace(/\/(i?)$/, "/g$1"));
  return {
    integer: [joined`(${s}).search(${pattern})`, joined`((${s}).match(${global}) ?? []).length`],
    text: [
      joined`(${s}).replace(${pattern}, ${choose('"[$&]"', '"$1|$2"', '"$`"', '"$\'"', '"$$"')})`,
      joined`(${s}).replace(${global}, (...all) => "<" + all.slice(0, 2).join() + ">")`,
      joined`(${s}).replaceAll(${global}, "-")`,
      joined`(${s}).split(${pattern}).join("|")`,
      joined`(${s}).split(${pattern}, 2).join("|")`,
    ],
    flag: [joined`${pattern}.test(${s})`],
    any: [
      joined`${pattern}.exec(${s})?.slice(0)`,
      joined`(${s}).match(${global})`,
      joined`((r, t) => { const at = []; let m; while ((m = r.exec(t)) && at.length < 9) { at.push(m.index, m[0]); if (m[0] === "") r.lastIndex++; } return at; })(${global}, ${s})`,
      joined`[...(${s}).matchAll(${global})].map((m) => [m.index, m[0]])`,
      joined`(${s}).match(/(?<k>[a-z]+)(?<v>[0-9]*)/)?.groups?.v`,
    ],
  };
}

function dates({ integer: n }: Expressions): Partial<More> {
  const part = choose("0", "1", "11", "12", "28", "31", "-1", "59", "60");
  const time = joined`Date.UTC(${choose("1970", "1999", "2024", "2100")}, ${part}, ${part}, ${part}, ${part})`;
  const date = joined`new Date(${time} + (${n} & 0xffff))`;
  const fields = ["FullYear", "Month", "Date", "Day", "Hours", "Minutes", "Seconds", "Milliseconds"];
  return {
    number: [
      joined`${date}.getTime()`,
      joined`${date}.getUTC${choose(...fields)}()`,
      joined`${date}.setUTC${choose("Month", "Date", "Hours", "Minutes")}(${choose("100", "1", "13", "-1", "2000")})`,
      joined`new Date(NaN).get${choose("Time", "UTCDay", "UTCMonth")}()`,
      joined`Date.parse(${choose('"2024-02-29T12:30:00Z"', '"1999-12-31"', '"2024-01-01T00:00:00.250+01:00"', '"x"')})`,
    ],
    text: [joined`${date}.toISOString()`, joined`JSON.stringify({ at: ${date} })`],
    flag: [joined`(${date} < ${date})`, joined`(${date} instanceof Date)`],
  };
}
