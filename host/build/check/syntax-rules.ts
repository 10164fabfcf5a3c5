import { parseSync, types as t, type Visitor } from "@babel/core";
import type { Program } from "../program/program.ts";
import { keyName } from "../program/syntax.ts";

type Refuse = (node: t.Node, message: string, remedy: string) => void;

/** Syntax that Espruino lacks and that no pass lowers. */
export function syntaxRules(program: Program): Visitor {
  const refuse: Refuse = (node, message, remedy) => program.refuse(node, { code: "MK1241", message, remedy });
  return {
    ...declarationRules(refuse),
    WithStatement: (path) =>
      refuse(path.node, "Espruino has no with statement.", "Name the object at each use."),
    BigIntLiteral: (path) =>
      refuse(
        path.node,
        "Espruino has no BigInt.",
        "Numbers are exact up to 2^53; keep larger ones as two numbers or text.",
      ),
    MetaProperty(path) {
      if (path.node.meta.name === "import") {
        refuse(
          path.node,
          "import.meta has no meaning on a board.",
          "Pass the value as configuration instead.",
        );
        return;
      }
      const owner = path.findParent((up) => up.isFunction() && !up.isArrowFunctionExpression());
      if (!owner?.isClassMethod({ kind: "constructor" })) {
        refuse(
          path.node,
          "Espruino has no new.target outside of classes.",
          "Use a class, or test with instanceof.",
        );
      }
    },
    Import: (path) =>
      refuse(
        path.node,
        "Modules cannot be loaded while the program runs.",
        "Import it at the top of the file.",
      ),
    ArrayExpression(path) {
      const { elements } = path.node;
      if (!elements.includes(null) || !showsHoles(path.node, path.parent)) return;
      program.refuse(path.node, {
        code: "MK1252",
        message: "Espruino has no holes in arrays: they would be elements that are undefined.",
        remedy: "Write undefined instead of the hole.",
      });
    },
    Super(path) {
      const owner = path.findParent((up) => up.isFunction() && !up.isArrowFunctionExpression());
      if (owner?.isObjectMethod()) {
        refuse(
          path.node,
          "super in an object literal is not known to Espruino.",
          "Name the other object instead of super, as in base.method.call(this).",
        );
      }
    },
    RegExpLiteral: (path) => checkUnicode(program, path.node),
    CallExpression(path) {
      const { callee, arguments: given } = path.node;
      const evaluates = t.isIdentifier(callee, { name: "eval" }) && !path.scope.hasBinding("eval", true);
      if (evaluates && !harmless(given[0], false)) refuseText(program, path.node, "eval");
    },
    MemberExpression(path) {
      const { object, property, computed } = path.node;
      const builder = t.isFunctionExpression(object) || t.isArrowFunctionExpression(object);
      if (builder && keyName(property, computed) === "constructor")
        refuseText(program, path.node, "the constructor of functions");
    },
    NewExpression(path) {
      const { callee, arguments: given } = path.node;
      const builds = t.isIdentifier(callee, { name: "Function" }) && !path.scope.hasBinding("Function", true);
      if (builds && !harmless(given.at(-1), true)) refuseText(program, path.node, "new Function");
    },
    Directive(path) {
      if (path.node.value.value === "use asm")
        refuse(path.node, "Espruino does not support asm.js.", "Remove the directive.");
    },
  };
}

/** Declarations of a newer standard than the passes support. */
function declarationRules(refuse: Refuse): Visitor {
  return {
    ClassAccessorProperty: (path) =>
      refuse(
        path.node,
        "Espruino has no accessor fields.",
        "Write a private field with a getter and a setter.",
      ),
    Decorator: (path) =>
      refuse(
        path.node,
        "Espruino has no decorators.",
        "Call the function yourself, after the class or around the method.",
      ),
    VariableDeclaration(path) {
      const { kind } = path.node;
      if (kind !== "using" && kind !== "await using") return;
      refuse(
        path.node,
        `Espruino has no ${kind} declarations.`,
        "Use const, and call the method that closes the object in a finally block.",
      );
    },
  };
}

/** Whether a hole can be told from an undefined element right where the array is written. */
function showsHoles(node: t.Node, parent: t.Node): boolean {
  if (t.isMemberExpression(parent) && parent.object === node)
    return !t.isIdentifier(parent.property, { name: "length" });
  if (t.isBinaryExpression(parent, { operator: "in" })) return true;
  return (
    t.isCallExpression(parent) &&
    t.isMemberExpression(parent.callee) &&
    t.isIdentifier(parent.callee.object, { name: "Object" })
  );
}

function refuseText(program: Program, node: t.Node, what: string): void {
  program.refuse(node, {
    code: "MK1249",
    message: `The build can neither rewrite nor check code that ${what} receives as text at run time.`,
    remedy: "Write the code directly in the source file.",
  });
}

const PLAIN_CODE = new Set([
  "Program",
  "ExpressionStatement",
  "ReturnStatement",
  "Identifier",
  "NumericLiteral",
  "StringLiteral",
  "BinaryExpression",
  "MemberExpression",
  "CallExpression",
  "BooleanLiteral",
  "NullLiteral",
  "ConditionalExpression",
]);

/** A literal text of plain expressions, which mean the same to Espruino. */
function harmless(text: t.Node | undefined, returns: boolean): boolean {
  if (text === undefined) return true;
  if (!t.isStringLiteral(text)) return false;
  try {
    const parsed = parseSync(text.value, {
      configFile: false,
      babelrc: false,
      sourceType: "script",
      parserOpts: { allowReturnOutsideFunction: returns },
    });
    let plain = true;
    t.traverseFast((parsed as t.File).program, (node) => {
      if (!PLAIN_CODE.has(node.type)) plain = false;
    });
    return plain;
  } catch {
    return false;
  }
}

function checkUnicode(program: Program, node: t.RegExpLiteral): void {
  const property = /\\[pP]\{/.test(node.pattern);
  if (!property && !/[vd]/.test(node.flags)) return;
  program.refuse(node, {
    code: "MK1246",
    message:
      "Espruino's regular expressions support neither Unicode properties (\\p{…}) nor the flags v and d.",
    remedy: "List the characters explicitly.",
  });
}
