import { types as t } from "@babel/core";
import type { Program } from "./program.ts";
import { keyName } from "./syntax.ts";

const found = new WeakMap<t.Program, ReadonlySet<string>>();

/** Whether the program itself makes a member of this name: a method of such a name may be its own. */
export function isOwnMember({ tree }: Pick<Program, "tree">, name: string): boolean {
  return ownMembers(tree.program).has(name);
}

/** The names of the members that the program itself makes. The tree is searched once, as it is at that moment. */
export function ownMembers(root: t.Program): ReadonlySet<string> {
  const known = found.get(root);
  if (known) return known;
  const names = new Set<string>();
  found.set(root, names);
  const note = (key: t.Node, computed: boolean) => names.add(keyName(key, computed) ?? "");
  t.traverseFast(root, (node) => {
    if (t.isObjectMember(node) || t.isClassMethod(node) || t.isClassProperty(node))
      note(node.key, node.computed === true);
    if (t.isAssignmentExpression(node) && t.isMemberExpression(node.left))
      note(node.left.property, node.left.computed);
  });
  return names;
}
