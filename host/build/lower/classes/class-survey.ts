import { type NodePath, types as t } from "@babel/core";
import { childNodes } from "../../program/child-nodes.ts";
import { ERROR_NAMES } from "../../program/error-names.ts";
import { type Program, walk } from "../../program/program.ts";
import { originalName } from "../../program/source-place.ts";
import { isKeyword, keyName } from "../../program/syntax.ts";
import { liveStatics } from "./live-statics.ts";

/** The facts about other classes that the lowering of a class needs. */
export interface ClassFacts {
  readonly node: t.Class;
  /** The name by which other code refers to it. */
  readonly name: string | undefined;
  /** Is extended in this program, so that it must be a function that `call` can reach. */
  extended: boolean;
  readonly parent: ClassFacts | undefined;
  readonly statics: boolean;
}

export interface ClassSurvey {
  of(node: t.Class): ClassFacts;
  /** A class extends a value that is known only at run time, so any class may be a parent. */
  readonly open: boolean;
  readonly suffixes: Map<t.Class, string>;
  /** The program may read the name of the class in a way that is known only at run time. */
  named(node: t.Class): boolean;
  /** The static members that a derived class reads from its parent each time. */
  readonly live: readonly string[];
}

export function surveyClasses(program: Program): ClassSurvey {
  const known = new Map<t.Class, ClassFacts>();
  const suffixes = new Map<t.Class, string>();
  let open = false;
  let derived = false;
  const seenPrivate = new Set<string>();
  const asked = namesAsked(program);
  const escaping = new Set<t.Class>();
  walk(
    program,
    {
      Class(path) {
        if (asked === "unknown" && escapes(path)) escaping.add(path.node);
        const parentClass = path.node.superClass;
        if (parentClass) derived = true;
        let parent: ClassFacts | undefined;
        if (t.isIdentifier(parentClass)) {
          const target = classBoundTo(path, parentClass.name);
          if (target) parent = known.get(target);
          if (parent) parent.extended = true;
          else if (!(ERROR_NAMES.has(parentClass.name) && !path.scope.hasBinding(parentClass.name, true)))
            open = true;
        } else if (parentClass) {
          open = true;
        }
        const statics =
          path.node.body.body.some((one) => "static" in one && one.static === true) ||
          parent?.statics === true;
        known.set(path.node, { node: path.node, name: nameOf(path), extended: false, parent, statics });
        suffixes.set(path.node, suffixFor(path.node, seenPrivate));
      },
    },
    "kept",
  );
  const live = derived ? liveStatics(program.tree.program) : [];
  return {
    open,
    suffixes,
    live,
    named: (node) => (asked === "all" || escaping.has(node)) && !hasOwnName(node),
    of: (node) =>
      known.get(node) ?? { node, name: undefined, extended: true, parent: undefined, statics: true },
  };
}

/** How the program reads the names of classes: not at all, from a value that may be a class, or from a class. */
function namesAsked(program: Program): "none" | "unknown" | "all" {
  let asked: "none" | "unknown" | "all" = "none";
  const visit = (node: t.Node, inStatic: boolean): void => {
    if (t.isMemberExpression(node) && keyName(node.property, node.computed) === "name") {
      const { object } = node;
      const ofConstructor = t.isMemberExpression(object) && keyName(object.property, false) === "constructor";
      if (ofConstructor || t.isMetaProperty(object) || (inStatic && t.isThisExpression(object)))
        asked = "all";
      else if (asked === "none") asked = "unknown";
    } else if (t.isObjectProperty(node) && keyName(node.key, node.computed) === "name") {
      if (asked === "none" && !t.isExpression(node.value)) asked = "unknown";
    }
    const within = ("static" in node && node.static === true) || t.isStaticBlock(node);
    for (const child of childNodes(node)) visit(child, within || (inStatic && !t.isClass(node)));
  };
  visit(program.tree.program, false);
  return asked;
}

/** Whether the class goes where its name is not known: not only into new, extends, instanceof and member accesses. */
function escapes(path: NodePath<t.Class>): boolean {
  const { parent, node } = path;
  const id = t.isVariableDeclarator(parent) && t.isIdentifier(parent.id) ? parent.id : node.id;
  const binding = id && path.parentPath?.scope.getBinding(id.name);
  if (!binding) return true;
  return binding.referencePaths.some((use) => {
    const up = use.parent;
    if (t.isNewExpression(up) && up.callee === use.node) return false;
    if (t.isMemberExpression(up) && up.object === use.node) return false;
    if (t.isClass(up) && up.superClass === use.node) return false;
    return !t.isBinaryExpression(up, { operator: "instanceof" });
  });
}

function hasOwnName(node: t.Class): boolean {
  return node.body.body.some(
    (one) => "static" in one && one.static === true && "key" in one && keyName(one.key, false) === "name",
  );
}

/** A base and a derived class may use one private name for two fields: the suffix keeps them apart. */
function suffixFor(node: t.Class, seen: Set<string>): string {
  const names = node.body.body.flatMap((one) =>
    "key" in one && t.isPrivateName(one.key) ? [one.key.id.name] : [],
  );
  let suffix = "";
  for (let count = 2; names.some((name) => seen.has(name + suffix)); count++) suffix = String(count);
  for (const name of names) seen.add(name + suffix);
  return suffix;
}

/** The class that a name stands for, where that cannot change. */
function classBoundTo(path: NodePath, name: string): t.Class | undefined {
  const binding = path.scope.getBinding(name);
  if (!binding) return undefined;
  const { node } = binding.path;
  if (t.isClassDeclaration(node)) return binding.constant ? node : undefined;
  if (t.isVariableDeclarator(node) && t.isClass(node.init)) {
    return binding.constantViolations.length === 0 ? node.init : undefined;
  }
  return undefined;
}

function nameOf(path: NodePath<t.Class>): string | undefined {
  const { parent } = path;
  if (t.isVariableDeclarator(parent) && t.isIdentifier(parent.id)) return parent.id.name;
  return path.node.id?.name;
}

/** What `name` says of the class: its own name, or that of what it is assigned to. */
export function textName({ node, parent }: NodePath<t.Class>, { trace }: Program): string {
  const holder = holderOf(parent);
  // The bundler calls a class that names itself `_C` within and `C` without.
  const outer = typeof holder === "object" ? holder.name.replace(/\d+$/, "") : undefined;
  const isBundled = outer !== undefined && node.id?.name.replace(/\d+$/, "") === `_${outer}`;
  if (node.id && !isBundled) return originalName(node.id, trace);
  return typeof holder === "object" ? originalName(holder, trace) : (holder ?? "");
}

/** The variable or the key that the class is the value of. */
function holderOf(parent: t.Node): t.Identifier | string | undefined {
  let target: t.Node | undefined;
  if (t.isVariableDeclarator(parent)) target = parent.id;
  else if (t.isAssignmentExpression(parent) || t.isAssignmentPattern(parent)) target = parent.left;
  if (t.isIdentifier(target)) return target;
  if (t.isObjectProperty(parent) || t.isClassProperty(parent))
    return keyName(parent.key, parent.computed === true);
  return undefined;
}

/**
 * Espruino's own classes are correct for methods, accessors and a constructor, and for little else. Their members can have
 * only plain names, static accessors are not supported, and a class cannot be in a loop or be the whole body of an arrow.
 */
export function needsLowering(survey: ClassSurvey, path: NodePath<t.Class>): boolean {
  const { node } = path;
  const facts = survey.of(node);
  if (survey.open || facts.extended || node.superClass || survey.named(node)) return true;
  if (path.parentPath.isArrowFunctionExpression() || inLoop(path)) return true;
  if (!node.body.body.every(isPlainMember)) return true;
  return t.isClassExpression(node) && node.id !== null && node.id !== undefined;
}

function isPlainMember(one: t.Node): boolean {
  if (!t.isClassMethod(one) || one.computed || one.async || one.generator || usesSuper(one)) return false;
  if (one.static && (one.kind !== "method" || keyName(one.key, false) === "name")) return false;
  return t.isIdentifier(one.key) && !isKeyword(one.key.name);
}

/** The interpreter would use the class of the first round in all rounds of a loop. */
function inLoop(path: NodePath): boolean {
  return path.findParent((up) => up.isLoop() || up.isFunction())?.isLoop() === true;
}

function usesSuper(node: t.Node): boolean {
  let found = false;
  t.traverseFast(node, (inner) => {
    if (t.isSuper(inner) || t.isMetaProperty(inner)) found = true;
  });
  return found;
}
