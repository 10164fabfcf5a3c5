import { types as t } from "@babel/core";

/** A child of a node with its place in the parent, so that it can be replaced. */
export interface ChildPlace {
  readonly child: t.Node;
  /** The parent's field, such as `body` or `arguments`. */
  readonly field: string;
  /** The parent, or the list in its field; `holder[key]` is the child. */
  readonly holder: Record<string, t.Node>;
  readonly key: string;
}

/** The direct children of a node with their places, in the order of the text. */
export function childPlaces(node: t.Node): ChildPlace[] {
  const fields = node as unknown as Record<string, unknown>;
  return (t.VISITOR_KEYS[node.type] ?? []).flatMap((field) => {
    const value = fields[field] as t.Node | null | undefined | readonly (t.Node | null)[];
    const isList = Array.isArray(value);
    const holder = (isList ? value : node) as unknown as Record<string, t.Node>;
    const keys = isList ? Object.keys(value) : [field];
    return keys.flatMap((key): ChildPlace[] => {
      const child = holder[key];
      return child ? [{ child, field, holder, key }] : [];
    });
  });
}

/** The direct children of a node, in the order of the text. Passes call it for each node, so it makes one list only. */
export function childNodes(node: t.Node): t.Node[] {
  const fields = node as unknown as Record<string, unknown>;
  const children: t.Node[] = [];
  for (const field of t.VISITOR_KEYS[node.type] ?? []) {
    const value = fields[field] as t.Node | null | undefined | readonly (t.Node | null)[];
    if (Array.isArray(value)) {
      for (const child of value) if (child) children.push(child);
    } else if (value) {
      children.push(value as t.Node);
    }
  }
  return children;
}

/** Visits nodes below `node` that belong to the same function: arrows are entered only if `arrows`. */
export function eachOwnNode(
  node: t.Node,
  visit: (node: t.Node, parent: t.Node) => void,
  arrows = false,
): void {
  for (const child of childNodes(node)) {
    visit(child, node);
    const isClosed = t.isFunction(child) && !(arrows && t.isArrowFunctionExpression(child));
    if (!isClosed && !t.isClass(child)) eachOwnNode(child, visit, arrows);
  }
}
