import { type NodePath, types as t, type Visitor } from "@babel/core";
import { eachOwnNode } from "../../program/child-nodes.ts";
import { markParameterBindings } from "../../program/parameter-bindings.ts";
import { declareTemporary, type Program } from "../../program/program.ts";
import { become, blockOf, undefinedValue } from "../../program/syntax.ts";

/**
 * Default, rest and destructured parameters, and `arguments`, which Espruino gives to arrows as their own
 * and pads to the declared parameters.
 */
export function parameterVisitor(program: Program): Visitor {
  return {
    Function: {
      exit(path) {
        const { node } = path;
        if (t.isArrowFunctionExpression(node)) {
          shareArguments(program, path as NodePath<t.ArrowFunctionExpression>);
        }
        if (!t.isArrowFunctionExpression(node)) countArguments(program, path);
        if (node.params.every((one) => t.isIdentifier(one))) return;
        const rest = node.params.some((one) => t.isRestElement(one));
        if (rest && t.isArrowFunctionExpression(node))
          unarrow(program, path as NodePath<t.ArrowFunctionExpression>);
        lowerParameters(program, path.node);
      },
    },
  };
}

function lowerParameters(program: Program, node: t.Function): void {
  const lead: t.Statement[] = [];
  const body = blockOf(node);
  node.params = node.params
    .map((parameter, index) => {
      if (t.isIdentifier(parameter)) return parameter;
      if (t.isRestElement(parameter)) {
        lead.push(declare(parameter.argument, argumentsFrom(index)));
        return null;
      }
      let name = t.identifier(
        t.isAssignmentPattern(parameter) && t.isIdentifier(parameter.left)
          ? parameter.left.name
          : program.fresh("a"),
      );
      const target = t.isAssignmentPattern(parameter) ? parameter.left : parameter;
      if (t.isAssignmentPattern(parameter)) {
        const absent = t.binaryExpression("===", t.cloneNode(name), undefinedValue());
        const set = t.expressionStatement(t.assignmentExpression("=", t.cloneNode(name), parameter.right));
        lead.push(t.ifStatement(absent, set));
      }
      name = t.cloneNode(name);
      if (t.isPattern(target)) lead.push(declare(target, t.cloneNode(name)));
      return name;
    })
    .filter((one) => one !== null) as t.Identifier[];
  markParameterBindings(lead);
  body.body.unshift(...lead);
}

function declare(target: t.Node, value: t.Expression): t.VariableDeclaration {
  return t.variableDeclaration("var", [t.variableDeclarator(target as t.Identifier, value)]);
}

function argumentsFrom(index: number): t.Expression {
  const slice = t.memberExpression(
    t.memberExpression(t.arrayExpression([]), t.identifier("slice")),
    t.identifier("call"),
  );
  const given: t.Expression[] = [t.identifier("arguments")];
  if (index > 0) given.push(t.numericLiteral(index));
  return t.callExpression(slice, given);
}

/** The nearest function above that has a `this` and `arguments` of its own. */
function ownerOf(path: NodePath): NodePath {
  const owner = path.findParent(
    (up) =>
      (up.isFunction() && !up.isArrowFunctionExpression()) ||
      up.isProgram() ||
      up.isClassProperty() ||
      up.isStaticBlock(),
  );
  return owner as NodePath;
}

/** An arrow as a function with `this` of its surroundings, since only functions have `arguments`. */
function unarrow(program: Program, path: NodePath<t.ArrowFunctionExpression>): void {
  shareThis(program, path);
  const { params, async, generator = false } = path.node;
  path.replaceWith(
    t.inherits(
      t.functionExpression(null, params as t.Identifier[], blockOf(path.node), generator, async),
      path.node,
    ),
  );
}

/** `this` by another name: the interpreter loses it in an arrow within an arrow. */
function shareThis(program: Program, path: NodePath): void {
  const uses: t.ThisExpression[] = [];
  eachOwnNode(path.node, (node) => t.isThisExpression(node) && uses.push(node), true);
  if (uses.length === 0) return;
  const alias = ownThis(program, path, ownerOf(path));
  for (const use of uses) become(use, t.cloneNode(alias));
}

const aliases = new WeakMap<t.Node, t.Identifier>();

function ownThis(program: Program, path: NodePath, owner: NodePath): t.Identifier {
  const known = aliases.get(owner.node);
  if (known) return known;
  const alias = t.identifier(program.fresh("this"));
  const holder = owner.isProgram()
    ? owner.node.body
    : owner.isFunction()
      ? blockOf(owner.node).body
      : undefined;
  if (holder) {
    holder.unshift(t.variableDeclaration("var", [t.variableDeclarator(alias, t.thisExpression())]));
    aliases.set(owner.node, alias);
    return alias;
  }
  const home = declareTemporary(program, path, "this");
  return home;
}

function shareArguments(program: Program, path: NodePath<t.ArrowFunctionExpression>): void {
  const uses: t.Identifier[] = [];
  eachOwnNode(
    path.node,
    (node, parent) => isArguments(node, parent) && uses.push(node as t.Identifier),
    true,
  );
  const owner = ownerOf(path);
  if (uses.length === 0 || !owner.isFunction()) return;
  const name = program.fresh("arguments");
  blockOf(owner.node).body.unshift(declare(t.identifier(name), t.identifier("arguments")));
  for (const use of uses) use.name = name;
}

function isArguments(node: t.Node, parent: t.Node): boolean {
  if (!t.isIdentifier(node, { name: "arguments" })) return false;
  if (t.isMemberExpression(parent) && parent.property === node && !parent.computed) return false;
  return !(t.isObjectProperty(parent) && parent.key === node && !parent.computed && parent.value !== node);
}

/** Removes the parameters from the list if the program can observe the number of arguments, so that none is padded. */
function countArguments(program: Program, path: NodePath<t.Function>): void {
  const { node } = path;
  if (node.params.length === 0 || t.isObjectMethod(node, { kind: "set" })) return;
  let counted = false;
  eachOwnNode(node.body, (inner, parent) => {
    if (!isArguments(inner, parent)) return;
    const indexed =
      t.isMemberExpression(parent) &&
      parent.object === inner &&
      parent.computed &&
      t.isNumericLiteral(parent.property);
    if (!indexed) counted = true;
  });
  if (!counted || node.params.some((one) => t.isRestElement(one))) return;
  const at = (index: number) => t.memberExpression(t.identifier("arguments"), t.numericLiteral(index), true);
  const lead: t.Statement[] = [];
  node.params.forEach((parameter, index) => {
    if (t.isAssignmentPattern(parameter) || t.isPattern(parameter)) {
      const name = t.identifier(program.fresh("a"));
      lead.push(declare(name, at(index)));
      const value = t.isAssignmentPattern(parameter)
        ? t.conditionalExpression(
            t.binaryExpression("===", t.cloneNode(name), undefinedValue()),
            parameter.right,
            t.cloneNode(name),
          )
        : t.cloneNode(name);
      lead.push(declare(t.isAssignmentPattern(parameter) ? parameter.left : parameter, value));
    } else {
      lead.push(declare(parameter, at(index)));
    }
  });
  node.params = [];
  markParameterBindings(lead);
  blockOf(node).body.unshift(...lead);
}
