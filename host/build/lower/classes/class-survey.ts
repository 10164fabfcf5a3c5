import { type NodePath, types as t } from "@babel/core";
import { ERROR_NAMES } from "../../program/error-names.ts";
import { type Program, walk } from "../../program/program.ts";

/** What the lowering of one class must know of the others. */
export interface ClassFacts {
  readonly node: t.Class;
  /** The name that the surroundings know it by. */
  readonly name: string | undefined;
  /** Is extended in this program, so that it must be a function that `call` can reach. */
  extended: boolean;
  readonly parent: ClassFacts | undefined;
  readonly statics: boolean;
}

export interface ClassSurvey {
  of(node: t.Class): ClassFacts;
  /** A class extends something that only the run can tell: any class may be a parent. */
  readonly open: boolean;
  readonly suffixes: Map<t.Class, string>;
}

export function surveyClasses(program: Program): ClassSurvey {
  const known = new Map<t.Class, ClassFacts>();
  const suffixes = new Map<t.Class, string>();
  let open = false;
  const seenPrivate = new Set<string>();
  walk(
    program,
    {
      Class(path) {
        const parentClass = path.node.superClass;
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
  return {
    open,
    suffixes,
    of: (node) =>
      known.get(node) ?? { node, name: undefined, extended: true, parent: undefined, statics: true },
  };
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

/** Espruino's own classes are right for methods, accessors and a constructor, and for little else. */
export function needsLowering(survey: ClassSurvey, node: t.Class): boolean {
  const facts = survey.of(node);
  if (survey.open || facts.extended || node.superClass) return true;
  const plain = node.body.body.every(
    (one) =>
      t.isClassMethod(one) &&
      !one.computed &&
      !one.async &&
      !one.generator &&
      (t.isIdentifier(one.key) || t.isStringLiteral(one.key)) &&
      !usesSuper(one),
  );
  return !plain || (t.isClassExpression(node) && node.id !== null && node.id !== undefined);
}

function usesSuper(node: t.Node): boolean {
  let found = false;
  t.traverseFast(node, (inner) => {
    if (t.isSuper(inner) || t.isMetaProperty(inner)) found = true;
  });
  return found;
}
