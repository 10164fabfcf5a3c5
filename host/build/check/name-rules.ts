import { type NodePath, types as t, type Visitor } from "@babel/core";
import type { Program } from "../program/program.ts";
import { keyName } from "../program/syntax.ts";

type Binding = NonNullable<ReturnType<NodePath["scope"]["getBinding"]>>;

/** Names: used before they are declared, assigned though constant, or not writable in what Espruino parses. */
export function nameRules(program: Program): Visitor {
  return {
    Scopable(path) {
      for (const [name, binding] of Object.entries(path.scope.bindings) as [string, Binding][]) {
        if (binding.scope !== path.scope) continue;
        checkOrder(program, name, binding);
        checkClassCalls(program, name, binding);
      }
    },
    AssignmentExpression(path) {
      const { left } = path.node;
      if (t.isMemberExpression(left) && t.isIdentifier(left.object, { name: "arguments" })) {
        program.refuse(path.node, {
          code: "MK1245",
          message:
            "Writing to arguments changes the parameter in some modes and not in others; Espruino never does.",
          remedy: "Assign to the parameter by its name.",
        });
      }
      if (t.isIdentifier(left) && path.isInStrictMode() && !path.scope.hasBinding(left.name)) {
        program.refuse(left, {
          code: "MK1242",
          message: `"${left.name}" is not declared: strict code throws here, and Espruino makes a global.`,
          remedy: `Declare it, with let ${left.name}.`,
        });
      }
    },
    MemberExpression(path) {
      if (!path.node.computed) checkKey(program, path.node.property, false);
    },
    ObjectMember: (path) => checkKey(program, path.node.key, path.node.computed),
    ClassMethod(path) {
      const { key, computed, static: fixed } = path.node;
      checkKey(program, key, computed);
      if (fixed || !/^(0|[1-9]\d*)$/.test(keyName(key, computed === true && !t.isNumericLiteral(key)) ?? ""))
        return;
      program.refuse(key, {
        code: "MK1245",
        message: "Espruino does not find a member of a class whose name is an index.",
        remedy: "Give the method a name, or keep the members in an array.",
      });
    },
    ClassProperty: (path) => checkKey(program, path.node.key, path.node.computed === true),
  };
}

function functionOf(path: NodePath): NodePath | null {
  return path.findParent((up) => up.isFunction() || up.isProgram() || up.isClassProperty());
}

function checkOrder(program: Program, name: string, binding: Binding): void {
  const lexical = binding.kind === "let" || binding.kind === "const";
  if (!lexical || binding.path.isCatchClause()) return;
  const declared = binding.identifier.start ?? 0;
  const home = functionOf(binding.path);
  for (const use of [...binding.referencePaths, ...binding.constantViolations]) {
    const start = use.node.start ?? declared;
    const own = selfReference(use, binding);
    if ((start >= declared && !own) || functionOf(use) !== home) continue;
    program.refuse(use.node, {
      code: "MK1242",
      message: `"${name}" is used before its declaration: that throws, and Espruino would take another variable or none.`,
      remedy: "Move the declaration up.",
    });
  }
}

/** \`let x = x + 1\`: the name inside is the new variable already. */
function selfReference(use: NodePath, binding: Binding): boolean {
  if (!binding.path.isVariableDeclarator()) return false;
  const { init } = binding.path.node;
  return t.isIdentifier(init) && init === use.node;
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
        message: `The class "${name}" is called without new: that throws, and Espruino would run it.`,
        remedy: `Write new ${name}(…).`,
      });
    }
    if (bound && t.isNewExpression(parent) && parent.callee === use.node) {
      program.refuse(parent, {
        code: "MK1250",
        message: `"${name}" is a bound function, and Espruino makes no objects from those.`,
        remedy: "Use a function or a class that calls the constructor.",
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
      ? `Espruino does not parse the property name "${name}": it takes ASCII letters only.`
      : "Espruino cuts names at 64 characters, so that two may become one.",
    remedy: "Rename the property.",
  });
}
