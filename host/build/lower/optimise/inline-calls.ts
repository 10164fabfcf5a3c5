import { type NodePath, types as t } from "@babel/core";
import { type Program, walk } from "../../program/program.ts";

/** Rounds, each of which may inline calls that an earlier one has brought into a function. */
const ROUNDS_MAX = 4;
/** The longest text of a function that is inlined: Espruino reads over a branch each time that it does not take it. */
const FUNCTION_SIZE_CHARACTERS_MAX = 750;

interface Inlining {
  readonly declaration: NodePath<t.FunctionDeclaration>;
  /** The statement that is no more than the call: `f(x);` or `return f(x);`. */
  readonly statement: NodePath<t.Statement>;
  readonly call: t.CallExpression;
}

/**
 * Inlines top-level functions that are called in only one place: each costs the board four
 * variables and one for each parameter, and a call takes stack and time. The place must be a statement of its own,
 * in another function, and the function must be plain: named parameters, `let` and `const`, no function inside it.
 */
export function inlineCalls(program: Program): void {
  for (let round = 0, found = true; found && round < ROUNDS_MAX; round++) {
    found = false;
    walk(
      program,
      {
        Program(path) {
          const touched = new Set<t.Node>();
          for (const { path: declaration } of Object.values(path.scope.bindings)) {
            const inlining = declaration.isFunctionDeclaration() && inliningOf(declaration);
            if (!inlining || touched.has(declaration.node)) continue;
            const caller = inlining.statement.getFunctionParent()?.node as t.Node;
            if (touched.has(caller)) continue;
            touched.add(caller).add(declaration.node);
            inline(inlining, program);
            found = true;
          }
          path.stop();
        },
      },
      "fresh",
    );
  }
}

function inliningOf(declaration: NodePath<t.FunctionDeclaration>): Inlining | undefined {
  const { id, params, start, end } = declaration.node;
  const binding = id && declaration.parentPath.scope.getBinding(id.name);
  const [reference, ...others] = binding?.referencePaths ?? [];
  const call = reference?.parentPath;
  const statement = call?.parentPath;
  if (!reference || !binding?.constant || others.length > 0 || !statement) return undefined;
  if (!call.isCallExpression() || reference.key !== "callee") return undefined;
  if (!statement.isExpressionStatement() && !statement.isReturnStatement()) return undefined;
  if (!statement.getFunctionParent() || statement.findParent((up) => up.node === declaration.node))
    return undefined;
  if (typeof start !== "number" || typeof end !== "number" || end - start > FUNCTION_SIZE_CHARACTERS_MAX) {
    return undefined;
  }
  const isFitting =
    params.every((param) => t.isIdentifier(param)) &&
    call.node.arguments.length <= params.length &&
    call.node.arguments.every((argument) => t.isExpression(argument)) &&
    isPlain(declaration, statement) &&
    !isShadowed(declaration, statement);
  return isFitting ? { declaration, statement, call: call.node } : undefined;
}

function isPlain(declaration: NodePath<t.FunctionDeclaration>, statement: NodePath): boolean {
  const { async, generator, body } = declaration.node;
  let isRight = !async && !generator && body.directives.length === 0;
  declaration.get("body").traverse({
    enter(path) {
      const { node } = path;
      if (t.isFunction(node) || t.isClass(node) || t.isThisExpression(node)) isRight = false;
      if (t.isIdentifier(node, { name: "arguments" })) isRight = false;
      if (t.isVariableDeclaration(node, { kind: "var" })) isRight = false;
      if (t.isReturnStatement(node) && !mayReturn(node, statement)) isRight = false;
    },
  });
  return isRight;
}

/** Whether the caller would return at the same moment, and the same value. */
function mayReturn({ argument }: t.ReturnStatement, statement: NodePath): boolean {
  if (statement.isReturnStatement()) return true;
  const block = statement.parentPath;
  const isLast = block?.isBlockStatement() && block.node.body.at(-1) === statement.node;
  return !argument && isLast === true && block?.parentPath?.isFunction() === true;
}

/** Whether a name that the function uses means another thing where it is called. */
function isShadowed(declaration: NodePath<t.FunctionDeclaration>, statement: NodePath): boolean {
  let isOther = false;
  declaration.get("body").traverse({
    Identifier(path) {
      const binding = path.scope.getBinding(path.node.name);
      const isOwn =
        binding?.scope.path.findParent((up) => up === declaration) || binding?.scope.path === declaration;
      if (!isOwn && statement.scope.getBinding(path.node.name) !== binding) isOther = true;
    },
  });
  return isOther;
}

function inline({ declaration, statement, call }: Inlining, program: Program): void {
  renameAll(declaration, program);
  const { params, body } = declaration.node;
  const bound = params.map((param, index) =>
    t.variableDeclaration("let", [
      t.variableDeclarator(param as t.Identifier, call.arguments[index] as t.Expression | undefined),
    ]),
  );
  const statements: t.Statement[] = [...bound, ...body.body];
  if (statement.isReturnStatement() && !t.isReturnStatement(statements.at(-1))) {
    statements.push(t.returnStatement());
  }
  statement.replaceWith(t.blockStatement(statements));
  declaration.remove();
}

/** No name of the function collides with a name at the call. */
function renameAll(declaration: NodePath<t.FunctionDeclaration>, program: Program): void {
  const scopes = new Set([declaration.scope]);
  declaration.traverse({ Scopable: (path) => void scopes.add(path.scope) });
  for (const scope of scopes) {
    for (const name of Object.keys(scope.bindings)) scope.rename(name, program.fresh(name));
  }
}
