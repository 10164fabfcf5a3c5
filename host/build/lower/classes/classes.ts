import { type NodePath, types as t, type Visitor } from "@babel/core";
import { defineAccessors, functionOf, isPartner } from "../../program/accessors.ts";
import { eachOwnNode } from "../../program/child-nodes.ts";
import { ERROR_NAMES, giveEmptyMessage } from "../../program/error-names.ts";
import type { Program } from "../../program/program.ts";
import { become, keyName } from "../../program/syntax.ts";
import { errorMaker, lowerSuper, type SuperHome } from "./class-super.ts";
import { type ClassSurvey, needsLowering, surveyClasses, textName } from "./class-survey.ts";

/**
 * Classes that Espruino gets wrong, as functions and a prototype. Its own classes run initialisers once for
 * all instances, recurse endlessly in the third level of `super`, do not inherit static members, and have no private names.
 * A private name becomes a key that begins with \xff: Espruino leaves such keys out of every listing.
 */
export function classVisitor(program: Program): Visitor {
  const survey = surveyClasses(program);
  return {
    ClassDeclaration: {
      exit(path) {
        if (!needsLowering(survey, path) || !path.node.id) return;
        path.replaceWithMultiple(statementsOf(program, survey, path, path.node.id.name));
      },
    },
    ClassExpression: {
      exit(path) {
        if (!needsLowering(survey, path)) return;
        lowerExpression(program, survey, path);
      },
    },
  };
}

function lowerExpression(program: Program, survey: ClassSurvey, path: NodePath<t.ClassExpression>): void {
  const { parentPath } = path;
  const inner = path.node.id?.name;
  const declaration = parentPath?.parentPath;
  const direct =
    parentPath?.isVariableDeclarator() &&
    t.isIdentifier(parentPath.node.id) &&
    declaration?.isVariableDeclaration() &&
    declaration.node.declarations.length === 1 &&
    Array.isArray(declaration.container);
  if (direct) {
    const name = ((parentPath.node as t.VariableDeclarator).id as t.Identifier).name;
    const text = textName(path, program);
    if (inner !== undefined && inner !== name) path.scope.rename(inner, name);
    const statements = statementsOf(program, survey, path, name, text);
    path.scope.removeBinding(name);
    declaration.scope.removeBinding(name);
    declaration.replaceWithMultiple(statements);
    return;
  }
  const name = inner ?? program.fresh("class");
  const body = statementsOf(program, survey, path, name);
  const block = t.blockStatement([...body, t.returnStatement(t.identifier(name))]);
  path.replaceWith(t.callExpression(t.functionExpression(null, [], block), []));
}

/** Classes that are fills of ours, which can be extended as a program's own. */
const COLLECTION_NAMES: ReadonlySet<string> = new Set(["Map", "Set", "WeakMap", "WeakSet"]);

interface Parts {
  /** An instance may have members whose names are numbers, which the interpreter finds in no prototype. */
  readonly numbered: boolean;
  readonly build: t.ClassMethod | undefined;
  readonly prototype: t.ObjectMethod[];
  readonly fields: (t.ClassProperty | t.ClassPrivateProperty)[];
  readonly statics: Static[];
}

type Static = t.ClassMethod | t.ClassPrivateMethod | t.ClassProperty | t.ClassPrivateProperty | t.StaticBlock;

function statementsOf(
  program: Program,
  survey: ClassSurvey,
  path: NodePath<t.Class>,
  name: string,
  text = textName(path, program),
): t.Statement[] {
  const { node } = path;
  const lead: t.Statement[] = [];
  const { superClass } = node;
  let parent: t.Expression | undefined;
  if (t.isIdentifier(superClass)) parent = superClass;
  else if (superClass) {
    parent = t.identifier(program.fresh("parent"));
    lead.push(constant(parent, superClass));
  }
  const error =
    t.isIdentifier(parent) && ERROR_NAMES.has(parent.name) && !path.scope.hasBinding(parent.name, true);
  if (
    t.isIdentifier(parent) &&
    COLLECTION_NAMES.has(parent.name) &&
    !path.scope.hasBinding(parent.name, true)
  )
    program.helper("$extended");
  hidePrivateNames(survey, path);
  const home: SuperHome = { program, parent, error };
  lowerSuper(home, node);
  knowNewTarget(node);
  const parts = sort(program, node, lead);
  const make = construct(program, path as NodePath<t.Class>, name, parts, home);
  const statements: t.Statement[] = [...lead, make];
  const methods: t.ObjectExpression["properties"] = [];
  if (parent) methods.push(t.objectProperty(t.identifier("__proto__"), prototypeOf(t.cloneNode(parent))));
  if (parent || parts.prototype.length > 0) {
    methods.push(t.objectProperty(t.identifier("constructor"), t.identifier(name)), ...parts.prototype);
    const target = prototypeOf(t.identifier(name));
    statements.push(set(target, t.objectExpression(methods)));
  }
  if (error) program.helper("$errors");
  const { live } = survey;
  if (parent && !error && (survey.of(node).parent?.statics !== false || live.length > 0)) {
    const given: t.Expression[] = [t.identifier(name), t.cloneNode(parent)];
    if (live.length > 0) {
      program.parts.add("live-statics");
      given.push(t.valueToNode(live));
    }
    statements.push(t.expressionStatement(t.callExpression(program.helper("$statics"), given)));
  }
  if (survey.named(node)) {
    const given = [t.identifier(name), t.stringLiteral(text)];
    statements.push(t.expressionStatement(t.callExpression(program.helper("$named"), given)));
  }
  const { statics } = parts;
  while (statics.length > 0) statements.push(staticOf(program, statics.shift() as Static, statics, name));
  return statements;
}

function prototypeOf(object: t.Expression): t.MemberExpression {
  return t.memberExpression(object, t.identifier("prototype"));
}

function constant(name: t.LVal, value: t.Expression): t.VariableDeclaration {
  return t.variableDeclaration("var", [t.variableDeclarator(name as t.Identifier, value)]);
}

function set(target: t.MemberExpression, value: t.Expression): t.Statement {
  return t.expressionStatement(t.assignmentExpression("=", target, value));
}

/** `#x` everywhere in the class as the string key that stands for it. */
function hidePrivateNames(survey: ClassSurvey, path: NodePath<t.Class>): void {
  const suffix = survey.suffixes.get(path.node) ?? "";
  const own = new Set(
    path.node.body.body.flatMap((one) => ("key" in one && t.isPrivateName(one.key) ? [one.key.id.name] : [])),
  );
  if (own.size === 0) return;
  t.traverseFast(path.node, (node) => {
    if (
      (t.isMemberExpression(node) || t.isOptionalMemberExpression(node)) &&
      t.isPrivateName(node.property)
    ) {
      if (!own.has(node.property.id.name)) return;
      node.property = t.stringLiteral(`\xff${node.property.id.name}${suffix}`);
      node.computed = true;
    } else if (t.isBinaryExpression(node) && t.isPrivateName(node.left) && own.has(node.left.id.name)) {
      node.left = t.stringLiteral(`\xff${node.left.id.name}${suffix}`);
    } else if ("key" in node && t.isPrivateName(node.key) && own.has(node.key.id.name)) {
      (node as { key: t.Node }).key = t.stringLiteral(`\xff${node.key.id.name}${suffix}`);
    }
  });
}

/** In a constructor `new.target` is the class that was asked for, and so is the object's `constructor`. */
function knowNewTarget(node: t.Class): void {
  for (const member of node.body.body) {
    if (!t.isClassMethod(member) || member.kind !== "constructor") continue;
    eachOwnNode(
      member.body,
      (inner) => {
        if (t.isMetaProperty(inner))
          become(inner, t.memberExpression(t.thisExpression(), t.identifier("constructor")));
      },
      true,
    );
  }
}

function sort(program: Program, node: t.Class, lead: t.Statement[]): Parts {
  let build: t.ClassMethod | undefined;
  const prototype: t.ObjectMethod[] = [];
  const fields: Parts["fields"] = [];
  const statics: Parts["statics"] = [];
  const numbered = node.body.body.some(
    (one) => t.isClassMethod(one) && !one.static && mayBeNumber(program, one),
  );
  for (const one of node.body.body) {
    if (t.isStaticBlock(one)) statics.push(one);
    else if (t.isClassMethod(one) || t.isClassPrivateMethod(one)) {
      if (t.isClassMethod(one)) keepKey(program, one, lead, false);
      if (t.isClassMethod(one) && one.kind === "constructor") build = one;
      else if (one.static) statics.push(one);
      else prototype.push(asObjectMethod(one));
    } else if (t.isClassProperty(one) || t.isClassPrivateProperty(one)) {
      if (t.isClassProperty(one)) keepKey(program, one, lead, true);
      (one.static ? statics : fields).push(one);
    }
  }
  return { numbered, build, prototype, fields, statics };
}

function mayBeNumber(program: Program, { key, computed }: t.ClassMethod): boolean {
  if (t.isNumericLiteral(key)) return true;
  const name = keyName(key, computed === true);
  if (name !== undefined) return /^\d+$/.test(name);
  if (program.isHelper(key, "$iterator") || program.isHelper(key, "$asyncKey")) return false;
  return !(t.isMemberExpression(key) && t.isIdentifier(key.object, { name: "Symbol" }));
}

/** Computed keys are evaluated once, in the order of the text, and before any field. */
function keepKey(
  program: Program,
  one: t.ClassMethod | t.ClassProperty,
  lead: t.Statement[],
  always: boolean,
): void {
  if (!one.computed || t.isLiteral(one.key)) return;
  if (!always && (t.isIdentifier(one.key) || program.isHelper(one.key, "$iterator"))) return;
  const key = t.identifier(program.fresh("key"));
  lead.push(constant(key, one.key as t.Expression));
  one.key = t.cloneNode(key);
}

function asObjectMethod(one: t.ClassMethod | t.ClassPrivateMethod): t.ObjectMethod {
  const kind = one.kind === "constructor" ? "method" : one.kind;
  const computed = "computed" in one && one.computed === true;
  const params = one.params as t.Identifier[];
  return t.inherits(
    t.objectMethod(kind, one.key as t.Expression, params, one.body, computed, one.generator, one.async),
    one,
  );
}

function construct(
  program: Program,
  path: NodePath<t.Class>,
  name: string,
  parts: Parts,
  home: SuperHome,
): t.Statement {
  const fields = parts.fields.map((one) => t.expressionStatement(fieldOf(program, one)));
  let params: t.Identifier[] = [];
  let body = t.blockStatement([]);
  if (parts.build) {
    clearOfFields(path, parts);
    params = parts.build.params as t.Identifier[];
    body = parts.build.body;
    if (!home.parent) body.body.unshift(...fields);
    else fieldsAfterSuper(body, fields);
  } else {
    const parent = home.parent && t.cloneNode(home.parent);
    const forward = home.error
      ? t.callExpression(errorMaker(program), [
          t.thisExpression(),
          ...["m", "o"].map((one) => t.identifier(one)),
        ])
      : parent &&
        t.callExpression(t.memberExpression(parent, t.identifier("apply")), [
          t.thisExpression(),
          t.identifier("arguments"),
        ]);
    if (home.error) giveEmptyMessage(program, (parent as t.Identifier).name);
    if (home.error) params = ["m", "o"].map((one) => t.identifier(one));
    body = t.blockStatement([...(forward ? [t.expressionStatement(forward)] : []), ...fields]);
  }
  if (parts.numbered) {
    // Before those of the parent, which override none.
    const given = [t.thisExpression(), prototypeOf(t.identifier(name))];
    body.body.unshift(t.expressionStatement(t.callExpression(program.helper("$numbered"), given)));
  }
  if (isOutermost(path)) {
    return t.inherits(t.functionDeclaration(t.identifier(name), params, body), path.node);
  }
  const made = t.inherits(t.functionExpression(null, params, body), path.node);
  return t.variableDeclaration("let", [t.variableDeclarator(t.identifier(name), made)]);
}

/**
 * Whether the constructor may be a function declaration: where the class is an expression, and no other block of the same
 * function can have a class of that name.
 */
function isOutermost(path: NodePath<t.Class>): boolean {
  if (!path.isClassExpression()) return false;
  const holder = path.parentPath.isVariableDeclarator() ? path.parentPath.parentPath?.parentPath : undefined;
  return !holder?.isBlockStatement() || holder.parentPath.isFunction();
}

/** Renames the constructor's own names where a field's initialiser means an outer one. */
function clearOfFields(path: NodePath<t.Class>, parts: Parts): void {
  const used = new Set<string>();
  for (const field of parts.fields) {
    if (!field.value) continue;
    t.traverseFast(field.value, (node) => {
      if (t.isIdentifier(node)) used.add(node.name);
    });
  }
  if (used.size === 0) return;
  for (const one of path.get("body").get("body")) {
    if (one.node !== parts.build) continue;
    for (const own of Object.keys(one.scope.bindings)) if (used.has(own)) one.scope.rename(own);
  }
}

/** Fields are initialized when `super(…)` returns. */
function fieldsAfterSuper(body: t.BlockStatement, fields: t.ExpressionStatement[]): void {
  if (fields.length === 0) return;
  const at = body.body.findIndex((one) => t.isExpressionStatement(one) && isParentCall(one.expression));
  if (at >= 0) {
    body.body.splice(at + 1, 0, ...fields);
    return;
  }
  eachOwnNode(
    body,
    (node) => {
      if (!isParentCall(node)) return;
      const call = t.cloneNode(node as t.CallExpression, false);
      become(node, t.sequenceExpression([call, ...fields.map((one) => t.cloneNode(one.expression))]));
    },
    true,
  );
}

function isParentCall(node: t.Node): boolean {
  return t.isCallExpression(node) && (node as { parentCall?: boolean }).parentCall === true;
}

function fieldOf(program: Program, one: t.ClassProperty | t.ClassPrivateProperty): t.Expression {
  const value = one.value ?? t.unaryExpression("void", t.numericLiteral(0));
  const name = keyName(one.key, false);
  if (name?.startsWith("\xff")) {
    return t.callExpression(program.helper("$hide"), [t.thisExpression(), t.stringLiteral(name), value]);
  }
  return t.assignmentExpression("=", memberOf(t.thisExpression(), one), value);
}

function memberOf(object: t.Expression, one: { key: t.Node; computed?: boolean | null }): t.MemberExpression {
  const key = t.cloneNode(one.key) as t.Expression;
  return t.memberExpression(object, key, one.computed === true || !t.isIdentifier(key));
}

function staticOf(program: Program, one: Static, others: Static[], name: string): t.Statement {
  const self = t.identifier(name);
  if (t.isStaticBlock(one)) {
    nameThis(one, name);
    const body = t.blockStatement(one.body);
    return t.expressionStatement(t.callExpression(t.arrowFunctionExpression([], body), []));
  }
  if (t.isClassProperty(one) || t.isClassPrivateProperty(one)) {
    nameThis(one, name);
    return setStatic(program, self, one, one.value ?? t.unaryExpression("void", t.numericLiteral(0)));
  }
  const made = functionOf(one);
  if (one.kind !== "get" && one.kind !== "set") return setStatic(program, self, one, made);
  const at = others.findIndex((other) => isPartner(one, other));
  const partner = at < 0 ? undefined : (others.splice(at, 1)[0] as t.ClassMethod);
  return t.expressionStatement(defineAccessors(program, self, one, partner, false));
}

/** A function has a name and a length already, which only a definition replaces. */
function setStatic(
  program: Program,
  self: t.Identifier,
  one: Exclude<Static, t.StaticBlock>,
  value: t.Expression,
): t.Statement {
  const name = keyName(one.key, "computed" in one && one.computed === true);
  if (name !== "name" && name !== "length") return set(memberOf(self, one), value);
  const given = [self, t.stringLiteral(name), value];
  return t.expressionStatement(t.callExpression(program.helper("$define"), given));
}

function nameThis(node: t.Node, name: string): void {
  eachOwnNode(node, (inner) => t.isThisExpression(inner) && become(inner, t.identifier(name)), true);
}
