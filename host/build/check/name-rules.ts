import { type NodePath, types as t, type Visitor } from "@babel/core";
import type { Program } from "../program/program.ts";
import { keyName } from "../program/syntax.ts";
import { type Binding, checkOrder } from "./early-uses.ts";

/** Names: used before they are declared, assigned though constant, or not writable in what Espruino parses. */
export function nameRules(program: Program): Visitor {
  return {
    Scopable(path) {
      for (const [name, binding] of Object.entries(path.scope.bindings) as [string, Binding][]) {
        if (binding.scope !== path.scope) continue;
        checkOrder(program, name, binding);
        checkClassCalls(program, name, binding);
        checkOwnName(program, name, binding);
      }
    },
    AssignmentExpression(path) {
      const { left } = path.node;
      if (t.isMemberExpression(left) && t.isIdentifier(left.object, { name: "arguments" })) {
        program.refuse(path.node, {
          code: "MK1245",
          message:
            "An assignment to an element of arguments changes the parameter in sloppy mode only; on Espruino it never does.",
          remedy: "Assign to the parameter by its name.",
        });
      }
      if (!t.isMemberExpression(left)) checkDeclared(program, path, left);
    },
    ForXStatement(path) {
      const { left } = path.node;
      if (!t.isVariableDeclaration(left) && !t.isMemberExpression(left)) checkDeclared(program, path, left);
    },
    MemberExpression(path) {
      if (!path.node.computed) checkKey(program, path.node.property, false);
    },
    ObjectMember: (path) => checkKey(program, path.node.key, path.node.computed),
    ClassMethod: (path) => checkKey(program, path.node.key, path.node.computed),
    ClassProperty: (path) => checkKey(program, path.node.key, path.node.computed === true),
  };
}

/** The name of a function expression or a class, within it, cannot be changed. */
function checkOwnName(program: Program, name: string, { kind, path, constantViolations }: Binding): void {
  if (kind !== "local" || !(path.isFunctionExpression() || path.isClass())) return;
  for (const change of constantViolations) {
    program.refuse(change.node, {
      code: "MK1245",
      message: `"${name}" is assigned to within the ${path.isClass() ? "class" : "function"} of that name. Standard JavaScript throws or ignores this, but Espruino would change the name.`,
      remedy: "Use another variable.",
    });
  }
}

/** An assignment to a name, or to each name of a pattern. */
function checkDeclared(program: Program, path: NodePath, target: t.LVal | t.OptionalMemberExpression): void {
  if (!path.isInStrictMode()) return;
  for (const [name, node] of Object.entries(t.getBindingIdentifiers(target))) {
    if (path.scope.hasBinding(name)) continue;
    program.refuse(node, {
      code: "MK1242",
      message: `"${name}" is not declared. Standard strict code throws a ReferenceError here, but Espruino would create a global variable.`,
      remedy: `Declare it, with let ${name}.`,
    });
  }
}

function checkClassCalls(program: Program, name: string, binding: Binding): void {
  const { node } = binding.path;
  const classBound = t.isClass(node) || (t.isVariableDeclarator(node) && t.isClass(node.init));
  const bound =
    t.isVariableDeclarator(node) &&
    t.isCallExpression(node.init) &&
    t.isMemberExpression(node.init.callee) &&
    t.isIdentifier(node.init.callee.property, { name: "bind" });
  if (!(classBound || bound) || binding.constantViolations.length > 0) return;
  for (const use of binding.referencePaths) {
    const { parent } = use;
    if (classBound && t.isCallExpression(parent) && parent.callee === use.node) {
      program.refuse(parent, {
        code: "MK1250",
        message: `The class "${name}" is called without new. Standard JavaScript throws a TypeError here, but Espruino would run the constructor.`,
        remedy: `Write new ${name}(…).`,
      });
    }
    if (bound && t.isNewExpression(parent) && parent.callee === use.node) {
      program.refuse(parent, {
        code: "MK1250",
        message: `"${name}" was made by bind(), and Espruino cannot call a bound function with new.`,
        remedy: "Call the original constructor with new, or write a function that does so.",
      });
    }
  }
}

function checkKey(program: Program, key: t.Node, computed: boolean): void {
  const name = keyName(key, computed);
  if (name === undefined) return;
  const foreign = /[^\0-\x7f]/.test(name) && !t.isStringLiteral(key);
  if (!foreign && !(name.length > 63 && t.isIdentifier(key))) return;
  program.refuse(key, {
    code: "MK1251",
    message: foreign
      ? `Espruino does not parse the property name "${name}": without quotes it takes only ASCII letters, digits, _ and $.`
      : `The property name "${name.slice(0, 20)}…" has ${name.length} characters. Espruino keeps 63 of them, so that two names may become one.`,
    remedy: foreign ? "Rename the property, or put the name in quotes." : "Rename the property.",
  });
}
