import { type NodePath, types as t } from "@babel/core";
import type { Program } from "../program/program.ts";

export type Binding = NonNullable<ReturnType<NodePath["scope"]["getBinding"]>>;

/** Refuses uses of a name that come before it has a value whenever they run: those in the same function, and earlier. */
export function checkOrder(program: Program, name: string, binding: Binding): void {
  const { kind, path } = binding;
  if (kind === "var" || kind === "hoisted" || kind === "module" || path.isCatchClause()) return;
  if (kind === "local" && !path.isClass()) return;
  const declared = binding.identifier.start ?? 0;
  const home = functionOf(path);
  for (const use of [...binding.referencePaths, ...binding.constantViolations]) {
    const start = use.node.start ?? declared;
    const early = (kind === "let" || kind === "const") && start < declared;
    if (!early && !spansWithoutValue(binding).some((span) => isIn(span, start))) continue;
    if (functionOf(use) !== home) continue;
    program.refuse(use.node, {
      code: "MK1242",
      message: `"${name}" is used before its declaration. Standard JavaScript throws here, but Espruino would use another variable of that name, or undefined.`,
      remedy: "Move the declaration up.",
    });
  }
}

function functionOf(path: NodePath): NodePath | null {
  return path.findParent(
    (up) => up.isFunction() || up.isProgram() || up.isClassProperty() || up.isClassPrivateProperty(),
  );
}

type Span = readonly [start: number, end: number];

function isIn([start, end]: Span, position: number): boolean {
  return position >= start && position < end;
}

function spanOf(node: t.Node | null | undefined): Span[] {
  return typeof node?.start === "number" && typeof node.end === "number" ? [[node.start, node.end]] : [];
}

/** Where the name is known and has no value yet: its own initialiser or default, and what a class extends. */
function spansWithoutValue({ kind, path, identifier }: Binding): Span[] {
  if (path.isClass()) {
    const keys = path.node.body.body.flatMap((one) => ("computed" in one && one.computed ? [one.key] : []));
    return [path.node.superClass, ...keys].flatMap(spanOf);
  }
  if (kind === "param") {
    const end = defaultOf(path.node, identifier)?.end ?? identifier.end;
    const first = (path.parent as t.Function).params?.[0]?.start;
    return typeof end === "number" && typeof first === "number" ? [[first, end]] : [];
  }
  if (!path.isVariableDeclarator()) return [];
  const loop = path.parentPath?.parent;
  const list = t.isForXStatement(loop) && loop.left === path.parent ? loop.right : undefined;
  return [path.node.init, list, defaultOf(path.node.id, identifier)?.right].flatMap(spanOf);
}

/** The default that a pattern has for the name. */
function defaultOf(pattern: t.Node, identifier: t.Identifier): t.AssignmentPattern | undefined {
  if (t.isIdentifier(pattern)) return undefined;
  let found: t.AssignmentPattern | undefined;
  t.traverseFast(pattern, (node) => {
    if (t.isAssignmentPattern(node) && node.left === identifier) found = node;
  });
  return found;
}
