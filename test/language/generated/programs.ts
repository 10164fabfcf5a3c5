/**
 * Random programs. Each logs what it does, step by step, so that a wrong order is seen as well as a wrong value. A program
 * ends: loops count, and functions call only those before them.
 */
import fc from "fast-check";
import { type Expressions, expressions, type Names } from "./expressions.ts";

type Text = fc.Arbitrary<string>;

interface Place {
  readonly names: Names;
  readonly depth: number;
  readonly inLoop: boolean;
  readonly inFunction: boolean;
  /** The function may wait, or yield. */
  readonly kind: "plain" | "async" | "generator";
}

const EXPRESSION_DEPTH = 2;
/** A name for a place that no other place has: text positions are not known before the program is made. */
let counter = 0;

function code(strings: TemplateStringsArray, ...parts: readonly Text[]): Text {
  return fc
    .tuple(...parts)
    .map((values) => strings.map((text, index) => text + (values[index] ?? "")).join(""));
}

function block(place: Place, statements = 3): Text {
  return fc
    .array(statement({ ...place, depth: place.depth - 1 }), { minLength: 1, maxLength: statements })
    .map((lines) => lines.join("\n"));
}

function exits(place: Place, { any }: Expressions): Text[] {
  const found: Text[] = [fc.constant('throw new Error("E1");')];
  if (place.inFunction) found.push(code`return log("return", ${any});`);
  if (place.inLoop) found.push(fc.constant("break;"), fc.constant("continue;"));
  return found;
}

/** A condition before an exit, so that what follows is not always dead. */
function maybeExit(place: Place, words: Expressions): Text {
  return fc
    .tuple(words.flag, fc.oneof(...exits(place, words)))
    .map(([test, exit]) => `if (${test}) { ${exit} }`);
}

function statement(place: Place): Text {
  const words = expressions(place.names, EXPRESSION_DEPTH);
  const { integer, text, flag, list, any } = words;
  const name = `v${counter++}`;
  const simple: Text[] = [
    code`log(${any});`,
    code`log(${any}, ${any});`,
    ...place.names.numbers
      .filter((one) => one !== "k")
      .map((one) => code`${fc.constant(one)} ${fc.constantFrom("=", "+=", "-=")} (log("rhs"), ${integer});`),
    ...place.names.texts.map((one) => code`${fc.constant(one)} ${fc.constantFrom("=", "+=")} ${text};`),
    ...place.names.lists.map(
      (one) => code`${fc.constant(one)}.${fc.constantFrom("push", "unshift")}(${integer});`,
    ),
    maybeExit(place, words),
  ];
  if (place.kind === "async") simple.push(code`log("awaited", await ${any});`, code`await null;`);
  if (place.kind === "generator") simple.push(code`log("sent", yield ${any});`, code`yield* ${list};`);
  if (place.depth <= 0) return fc.oneof(...simple);
  const loop = { ...place, inLoop: true };
  const inner = (more: Partial<Names>): Names => ({
    numbers: [...place.names.numbers, ...(more.numbers ?? [])],
    texts: [...place.names.texts, ...(more.texts ?? [])],
    lists: [...place.names.lists, ...(more.lists ?? [])],
  });
  const bound = (more: Partial<Names>, from: Place = place): Text => block({ ...from, names: inner(more) });
  const compound: Text[] = [
    code`if (${flag}) {\n${block(place)}\n} else {\n${block(place)}\n}`,
    code`{ let ${fc.constant(name)} = ${integer};\n${bound({ numbers: [name] })}\n}`,
    code`{ const [${fc.constant(name)} = 1, b${fc.constant(name)} = 2] = ${list};\n${bound({ numbers: [] })}\nlog(${fc.constant(name)}); }`,
    code`for (let k = 0; k < ${fc.constantFrom("0", "1", "3")}; k++) {\n${bound({ numbers: ["k"] }, loop)}\n}`,
    code`for (const ${fc.constant(name)} of ${list}) {\n${bound({ numbers: [name] }, loop).map((lines) => lines.replaceAll(new RegExp(`\\b${name} [-+]?=`, "g"), "log"))}\n}`,
    code`for (const ${fc.constant(name)} of ${fc.constantFrom("[4, 5].values()", "new Set([1, 2])", "new Map([[1, 2]]).values()", "steps(3)")}) {\nlog(${fc.constant(name)});\n${block(loop)}\n}`,
    code`for (const ${fc.constant(name)} in { a: 1, b: 2 }) {\nlog(${fc.constant(name)});\n${block(loop)}\n}`,
    code`{ let w${fc.constant(name)} = 0; while (w${fc.constant(name)}++ < 2) {\n${block(loop)}\n} }`,
    code`{ let w${fc.constant(name)} = 0; do {\n${block(loop)}\n} while (++w${fc.constant(name)} < 2); }`,
    code`try {\n${block(place)}\n} catch (e) {\nlog("caught", said(e));\n${block(place)}\n}`,
    code`try {\n${block(place)}\n} finally {\nlog("finally");\n${block(place)}\n}`,
    code`try {\n${block(place)}\n} catch (e) {\nlog("caught", said(e));\n${block(place)}\n} finally {\nlog("finally");\n${block(place)}\n}`,
    code`switch (${integer}) { case 0: log("zero"); case 1: {\n${block(place)}\n break; } default: log("default"); }`,
    code`log(((${fc.constant(name)}) => {\n${bound({ numbers: [name] }, { ...place, inLoop: false, inFunction: true, kind: "plain" })}\nreturn ${any};\n})(${integer}));`,
    code`{ const calls = []; for (let k = 0; k < 2; k++) calls.push(() => k); log(calls.map((call) => call())); }`,
  ];
  return fc.oneof(
    { weight: 3, arbitrary: fc.oneof(...simple) },
    { weight: 4, arbitrary: fc.oneof(...compound) },
  );
}

const TOP: Names = { numbers: ["n1", "n2"], texts: ["s1"], lists: ["l1"] };

function functionBody(kind: Place["kind"]): Text {
  return block({ names: TOP, depth: 3, inLoop: false, inFunction: true, kind }, 4);
}

const GENERATOR_USES = [
  "for (const x of run()) log(x);",
  "for (const x of run()) { log(x); break; }",
  "log([...run()]);",
  "const g = run(); log(g.next()); log(g.next(5)); log(g.return(9)); log(g.next());",
  'const g = run(); g.next(); try { log(g.throw(new Error("thrown"))); } catch (e) { log(said(e)); } log(g.next());',
];

function classProgram(): Text {
  // A field that is read before it is there throws on Node alone, as docs/differences.md says.
  const before = expressions(TOP, EXPRESSION_DEPTH);
  const words = expressions({ ...TOP, numbers: [...TOP.numbers, "this.v", "this.#w"] }, EXPRESSION_DEPTH);
  return code`class Base { static made = 0; v = ${before.integer}; #w = 2; constructor(a = ${before.integer}) { Base.made++; this.v += a; }
get w() { return this.#w; } set w(value) { log("set", value); this.#w = value; } method(x) { return ${words.any}; } static of(...list) { return new this(...list); } }
class Derived extends Base { extra = this.v; constructor(...list) { super(...list); log("derived", this.extra); } method(x) { return [super.method(x), this.w += 1]; } get w() { return super.w * 2; } set w(value) { super.w = value; } }
const d = Derived.of(${before.integer}); log(d.v, d.w, d.method(1), Base.made, d instanceof Base); log(Object.keys(d));`;
}

/** The body of a function that has `log` and `steps`; what it logs late comes within a few turns of the event loop. */
export function programs(): Text {
  counter = 0;
  const lead = 'let n1 = 3, n2 = -1, s1 = "text", l1 = [1, 2, 3];\n';
  return fc
    .oneof(
      {
        weight: 4,
        arbitrary: code`const run = () => {\n${functionBody("plain")}\n};\nlog("result", run());`,
      },
      {
        weight: 2,
        arbitrary: code`const run = function* () {\n${functionBody("generator")}\n};\n${fc.constantFrom(...GENERATOR_USES)}`,
      },
      {
        weight: 2,
        arbitrary: code`const run = async () => {\n${functionBody("async")}\n};\nrun().then((x) => log("kept", x), (e) => log("rejected", said(e))); log("after");`,
      },
      { weight: 1, arbitrary: classProgram() },
    )
    .map((text) => lead + text);
}
