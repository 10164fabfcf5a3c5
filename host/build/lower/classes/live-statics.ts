import { types as t } from "@babel/core";
import { childNodes } from "../../program/child-nodes.ts";
import { keyName } from "../../program/syntax.ts";

/**
 * The names of static members that may get another value after their class was created. A derived class looks these
 * up in its parent when they are read; it copies all others.
 */
export function liveStatics(root: t.Program): string[] {
  const { classes, fields } = declaredStatics(root);
  const names = new Set<string>();
  const note = (member: t.MemberExpression, inStatic: boolean): void => {
    const name = keyName(member.property, member.computed);
    if (name === undefined || name === "prototype" || name === "name") return;
    const { object } = member;
    if (t.isIdentifier(object) && classes.has(object.name)) names.add(name);
    else if (fields.has(name) && (inStatic || !t.isThisExpression(object))) names.add(name);
  };
  const visit = (node: t.Node, inStatic: boolean): void => {
    const written = t.isAssignmentExpression(node)
      ? node.left
      : t.isUpdateExpression(node)
        ? node.argument
        : undefined;
    if (t.isMemberExpression(written)) note(written, inStatic);
    const isStatic = ("static" in node && node.static === true) || t.isStaticBlock(node);
    const isClosed = t.isClass(node) || (t.isFunction(node) && !t.isArrowFunctionExpression(node));
    for (const child of childNodes(node)) visit(child, isStatic || (inStatic && !isClosed));
  };
  visit(root, false);
  return [...names];
}

/** The names that classes are known by, and the names of their static fields. */
function declaredStatics(root: t.Program): { classes: Set<string>; fields: Set<string> } {
  const classes = new Set<string>();
  const fields = new Set<string>();
  t.traverseFast(root, (node) => {
    if (t.isVariableDeclarator(node) && t.isClass(node.init) && t.isIdentifier(node.id))
      classes.add(node.id.name);
    if (!t.isClass(node)) return;
    if (node.id) classes.add(node.id.name);
    for (const one of node.body.body) {
      if (t.isClassProperty(one) && one.static) fields.add(keyName(one.key, one.computed === true) ?? "");
    }
  });
  return { classes, fields };
}
