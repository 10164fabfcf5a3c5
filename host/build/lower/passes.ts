/**
 * The passes of the lowering, in the order in which they run over one syntax tree. Each has a reason: what Espruino
 * lacks, what it gets wrong, or what the pass saves on a board. The passes that must run before it are in its `after`; a test
 * checks the order.
 */
import type { Visitor } from "@babel/core";
import type { Program, ScopeUse } from "../program/program.ts";
import { suspendingVisitor } from "./async/suspending-functions.ts";
import { classVisitor } from "./classes/classes.ts";
import { constantKeyVisitor } from "./corrections/constant-keys.ts";
import { correctionVisitor } from "./corrections/corrections.ts";
import { numberTextVisitor } from "./corrections/number-texts.ts";
import { errorVisitor } from "./errors/errors.ts";
import { byteStringVisitor } from "./expressions/byte-strings.ts";
import { collectionVisitor } from "./expressions/collection-literals.ts";
import { markHiddenKeys, quoteKeys } from "./expressions/hidden-keys.ts";
import { operatorVisitor } from "./expressions/operators.ts";
import { patternVisitor } from "./expressions/patterns.ts";
import { templateVisitor } from "./expressions/templates.ts";
import { fillVisitor } from "./fills/fills.ts";
import { hoistingVisitor } from "./functions/hoisting.ts";
import { lexicalThisVisitor } from "./functions/lexical-this.ts";
import { argumentsVisitor } from "./functions/own-arguments.ts";
import { parameterVisitor } from "./functions/parameters.ts";
import { finallyVisitor } from "./loops/finally.ts";
import { labelVisitor } from "./loops/labels.ts";
import { loopVisitor } from "./loops/loops.ts";
import { switchNameVisitor } from "./loops/switch-names.ts";
import { writeExactDecimals } from "./numbers/exact-decimals.ts";
import { accessorUseVisitor } from "./objects/accessor-uses.ts";
import { inheritedNameVisitor } from "./objects/inherited-names.ts";
import { objectOperatorVisitor } from "./objects/object-operators.ts";
import { constToLetVisitor } from "./optimise/const-to-let.ts";
import { inlineCalls } from "./optimise/inline-calls.ts";
import { inlineConstantsVisitor } from "./optimise/inline-constants.ts";
import { startOnlyVisitor } from "./optimise/start-only.ts";
import { addPrelude } from "./prelude/prelude.ts";
import { regexLiteralVisitor } from "./regular-expressions/regex-literals.ts";
import { textCallVisitor } from "./regular-expressions/text-calls.ts";

interface PassFacts {
  readonly name: string;
  /** What Espruino lacks or gets wrong, or what the pass saves. */
  readonly reason: string;
  /** The passes that must have run, by name, each with what would go wrong otherwise. */
  readonly after?: Readonly<Record<string, string>>;
  /** Without it the pass always runs. */
  readonly onlyIf?: (program: Program) => boolean;
  /** Default `fresh`, which is always right and takes the longest. */
  readonly scopes?: ScopeUse;
}

/** Either a visitor for one walk, or a function that rewrites the program in any number of walks. */
export type Pass = PassFacts &
  ({ readonly visitor: (program: Program) => Visitor } | { readonly rewrite: (program: Program) => void });

export const PASSES: readonly Pass[] = [
  {
    name: "byte-strings",
    reason:
      "A byte (\\xff) and a character (ÿ) are the same to the minifier, and different things to Espruino, so bytes travel in a private area of Unicode.",
    scopes: "none",
    visitor: byteStringVisitor,
  },
  {
    name: "inline-constants",
    reason:
      "A top-level name costs the board a variable, and a branch falls away only where its condition is a literal.",
    onlyIf: ({ trace }) => trace !== undefined,
    scopes: "kept",
    visitor: inlineConstantsVisitor,
  },
  {
    name: "number-texts",
    reason:
      "Espruino writes numbers with fewer digits than the standard, so the texts of known numbers are written here.",
    after: { "inline-constants": "A number behind a name is known once it stands in the name's place." },
    scopes: "kept",
    visitor: numberTextVisitor,
  },
  {
    name: "regex-literals",
    reason:
      "Espruino's matcher has no counts, look-around or lazy forms, and is wrong where an optional part ends the text.",
    after: {
      "inline-constants": "`new RegExp(NAME)` can be compiled once the pattern stands in the name's place.",
    },
    scopes: "kept",
    visitor: regexLiteralVisitor,
  },
  {
    name: "text-calls",
    reason:
      "Espruino's match, replace and split differ from the standard, and do not know the regular expressions that the prelude's matcher runs.",
    after: { "regex-literals": "It decides which matcher an expression is for." },
    scopes: "kept",
    visitor: textCallVisitor,
  },
  {
    name: "constant-keys",
    reason: "Espruino throws for a key in brackets that a string or a number does not have.",
    scopes: "kept",
    visitor: constantKeyVisitor,
  },
  {
    name: "corrections",
    reason:
      "Espruino has much of the standard library, but some of it gives other results: sort, JSON.parse, Math.pow.",
    scopes: "kept",
    visitor: correctionVisitor,
  },
  {
    name: "classes",
    reason:
      "Espruino's classes run initialisers once for all instances, recurse without end in the third level of super, inherit no statics and have no private names.",
    onlyIf: ({ traits }) => traits.classes,
    scopes: "kept",
    visitor: classVisitor,
  },
  {
    name: "parameters",
    reason:
      "Espruino has no default, rest or destructured parameters, gives arrows an `arguments` of their own, and pads it.",
    after: {
      classes: "A rest parameter makes a function of an arrow, whose `this` a class field does not give it.",
    },
    scopes: "kept",
    visitor: parameterVisitor,
  },
  {
    name: "destructuring",
    reason: "Espruino does not parse patterns.",
    after: { parameters: "A destructured parameter becomes a variable with a pattern." },
    scopes: "kept",
    visitor: patternVisitor,
  },
  {
    name: "operators",
    reason: "Espruino parses neither ?. nor ** nor logical assignments.",
    scopes: "kept",
    visitor: operatorVisitor,
  },
  {
    name: "errors",
    reason:
      "Espruino throws plain Errors where the standard throws a TypeError, and gives errors no names and no empty message.",
    after: { destructuring: "`const { name } = error` becomes a use of `name`." },
    scopes: "kept",
    visitor: errorVisitor,
  },
  {
    name: "object-operators",
    reason: "Espruino treats Math as a function, and `delete` returns false for a missing member.",
    scopes: "kept",
    visitor: objectOperatorVisitor,
  },
  {
    name: "inherited-names",
    reason: "Every object of Espruino has members called `on`, `emit` and `clone`, which look like its own.",
    scopes: "kept",
    visitor: inheritedNameVisitor,
  },
  {
    name: "accessor-uses",
    reason:
      "Espruino gives an assignment the value that the getter returns, and finds no method that a getter gives.",
    after: {
      classes: "Accessors of classes become those of prototypes, or definitions.",
      operators: "A logical assignment becomes a plain one.",
    },
    scopes: "kept",
    visitor: accessorUseVisitor,
  },
  {
    name: "templates",
    reason:
      "Espruino has no tagged templates, and takes the characters beyond ASCII of a template for bytes.",
    after: { "byte-strings": "Bytes would be taken for such characters." },
    scopes: "kept",
    visitor: templateVisitor,
  },
  {
    name: "collections",
    reason: "Espruino has no spread, no computed keys and no holes in array literals.",
    after: {
      classes: "super(...list) becomes a call that has the spread in an array.",
      operators: "f?.(...list) becomes a plain call that has the spread.",
    },
    scopes: "kept",
    visitor: collectionVisitor,
  },
  {
    name: "labels",
    reason: "Espruino parses a label as an expression.",
    scopes: "kept",
    visitor: labelVisitor,
  },
  {
    name: "loops",
    reason:
      "Espruino keeps one binding for all rounds of a loop, loops over arrays only, and shows its own order in for…in.",
    after: {
      destructuring: "The pass expects a single name in the head of a loop.",
      labels: "A loop that becomes several statements would no longer be the one that is labelled.",
    },
    visitor: loopVisitor,
  },
  {
    name: "finally",
    reason: "Espruino loses an exception, a return and a jump with which a `finally` block itself ends.",
    after: { labels: "The pass treats a jump to a label as a jump to the nearest loop." },
    scopes: "kept",
    visitor: finallyVisitor,
  },
  {
    name: "suspending-functions",
    reason: "Espruino has neither async functions nor generators.",
    after: {
      parameters: "A default that throws must reject the promise, not throw at the call.",
      destructuring: "The state machine knows no patterns.",
      operators: "The state machine knows no logical assignments.",
      labels: "The state machine knows no labels.",
      loops: "The state machine knows no for…of and no for await.",
    },
    visitor: suspendingVisitor,
  },
  {
    name: "own-arguments",
    reason: "Espruino finds the outer function's `arguments` in an inner function that uses its own.",
    after: { parameters: "A rest parameter becomes a use of `arguments`." },
    scopes: "kept",
    visitor: argumentsVisitor,
  },
  {
    name: "lexical-this",
    reason: "Espruino loses `this` in an arrow within an arrow or a template.",
    after: { "suspending-functions": "A state machine is an arrow around the body of the function." },
    scopes: "none",
    visitor: lexicalThisVisitor,
  },
  {
    name: "hoisting",
    reason: "Espruino declares functions and variables when it comes to them.",
    visitor: hoistingVisitor,
  },
  {
    name: "fills",
    reason: "Espruino lacks Map, Set, Array.from and many other members of the standard library.",
    after: {
      corrections: "Symbol.iterator becomes a key, and needs no Symbol then.",
      classes: "A class that extends RangeError is known by that name.",
      destructuring: "const { from } = Array becomes a use of Array.from.",
    },
    scopes: "kept",
    visitor: fillVisitor,
  },
  {
    name: "switch-names",
    reason: "The minifier assumes that a `let` is used only in its own case, but another case may use it.",
    scopes: "kept",
    visitor: switchNameVisitor,
  },
  {
    name: "const-to-let",
    reason: "`const` is two bytes longer than `let`.",
    after: { loops: "A loop's head becomes a `const`." },
    scopes: "fresh",
    visitor: constToLetVisitor,
  },
  {
    name: "prelude",
    reason: "The bundle contains each helper once, and only if it is used.",
    after: { fills: "It says which members of the standard library are missing." },
    rewrite: addPrelude,
  },
  {
    name: "exact-decimals",
    reason:
      "Espruino reads the last bit of many fractions wrong, so that 0.3 is more than 3 / 10, which it computes exactly.",
    after: { "inline-constants": "A quotient would not be put in the place of its name." },
    rewrite: writeExactDecimals,
  },
  {
    name: "inline-calls",
    reason:
      "A function costs the board four variables and one for each parameter; a call takes stack and time.",
    rewrite: inlineCalls,
  },
  {
    name: "start-only",
    reason: "Values that only the start of a program needs would take JsVars permanently.",
    after: {
      prelude: "Helpers that only the start needs are freed too.",
      "inline-calls": "The `delete` of a function would count as a second use of it.",
    },
    visitor: startOnlyVisitor,
  },
  {
    name: "hidden-keys",
    reason:
      "Keys that begin with the byte 0xff are in no listing of Espruino's, and must reach it as a byte.",
    after: {
      classes: "Private names become such keys.",
      prelude: "Maps and sets keep their content under such keys.",
    },
    rewrite: markHiddenKeys,
  },
  {
    name: "quoted-keys",
    reason: 'The minifier writes a key such as "größe" as a name, which Espruino does not parse.',
    onlyIf: ({ hasByteTexts }) => !hasByteTexts,
    rewrite: quoteKeys,
  },
];
