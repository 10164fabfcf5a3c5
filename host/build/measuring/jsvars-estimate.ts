/**
 * Estimates the JsVars of a loaded program if there is no interpreter to measure them. It follows the top level into the
 * functions that it calls, and counts the values that remain, each kind with a weight that was fitted to measurements
 * (docs/building.md describes the programs and the error).
 */
import { parseSync, type types as t } from "@babel/core";

/**
 * Nine of ten programs that the weights were not fitted to were estimated within this, or within 15 JsVars where that
 * is more.
 */
export const ESTIMATE_ERROR_PERCENT = 20;

/** The depth of calls that are followed. */
const CALL_DEPTH_MAX = 4;
/** The total number of calls that are followed, so that the estimate of programs with many calls ends too. */
const CALLS_MAX = 2_000;

export interface Features {
  functions: number;
  parameters: number;
  /** Functions made by a function that has been called: they keep its variables. */
  closures: number;
  locals: number;
  properties: number;
  elements: number;
  /** Characters of string literals that stay, in tens. */
  text: number;
}

/** JsVars for one of each. */
const WEIGHTS: Features = {
  functions: 4.55,
  parameters: 0.82,
  closures: 0.65,
  locals: 0.69,
  properties: 1.43,
  elements: 0.79,
  text: 0.3,
};
/** The JsVars of an empty program. */
const BASE_JSVARS = 7.83;

type Callable = t.Function & { body: t.Node };

function isNode(value: unknown): value is t.Node {
  return typeof value === "object" && value !== null && typeof (value as t.Node).type === "string";
}

function isFunction(node: t.Node): node is Callable {
  return /Function|ClassMethod|ObjectMethod|ClassPrivateMethod/.test(node.type);
}

function childrenOf(node: t.Node): t.Node[] {
  return Object.entries(node).flatMap(([key, value]) =>
    key === "loc" ? [] : Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** The function of a CommonJS module in its bundle: `helper({ "modules/DHT22.js"(exports) { … } })`. */
function commonJsModule(node: t.Node): Callable | undefined {
  if (node.type !== "CallExpression" || node.arguments.length !== 1) return undefined;
  const [wrapper] = node.arguments;
  if (wrapper?.type !== "ObjectExpression" || wrapper.properties.length !== 1) return undefined;
  const [method] = wrapper.properties;
  if (method?.type === "ObjectMethod") return method;
  return method?.type === "ObjectProperty" && isFunction(method.value) ? method.value : undefined;
}

/** Functions of the top level by name, through declarations and variables. */
function namedFunctions(body: readonly t.Node[]): Map<string, Callable> {
  const found = new Map<string, Callable>();
  for (const statement of body) {
    if (statement.type === "FunctionDeclaration" && statement.id) found.set(statement.id.name, statement);
    if (statement.type !== "VariableDeclaration") continue;
    for (const { id, init } of statement.declarations) {
      const made = init && (isFunction(init) ? init : commonJsModule(init));
      if (id.type === "Identifier" && made) found.set(id.name, made);
    }
  }
  return found;
}

/** Names that the program's last statements delete. */
function freedNames(body: readonly t.Node[]): ReadonlySet<string> {
  const freed = new Set<string>();
  for (const statement of body) {
    const deletion = statement.type === "ExpressionStatement" ? statement.expression : undefined;
    if (deletion?.type !== "UnaryExpression" || deletion.operator !== "delete") continue;
    if (deletion.argument.type === "Identifier") freed.add(deletion.argument.name);
  }
  return freed;
}

/** Statements of a called function up to the first that may end it: without configuration, say, it goes no further. */
function reached(body: t.Node): readonly t.Node[] {
  if (body.type !== "BlockStatement") return [body];
  const end = body.body.findIndex(
    (statement) =>
      statement.type === "IfStatement" && JSON.stringify(statement).includes('"ReturnStatement"'),
  );
  return end < 0 ? body.body : body.body.slice(0, end + 1);
}

class Survey {
  readonly features: Features = {
    functions: 0,
    parameters: 0,
    closures: 0,
    locals: 0,
    properties: 0,
    elements: 0,
    text: 0,
  };
  readonly #functions: ReadonlyMap<string, Callable>;
  readonly #freed: ReadonlySet<string>;
  #calls = 0;

  constructor(body: readonly t.Node[]) {
    this.#functions = namedFunctions(body);
    this.#freed = freedNames(body);
    for (const statement of body) this.visit(statement, 0);
  }

  visit(node: t.Node, depth: number): void {
    const { features } = this;
    if (depth === 0 && this.#isFreed(node)) return;
    if (isFunction(node)) {
      this.#made(node, depth);
      return;
    }
    if (node.type === "ClassDeclaration" || node.type === "ClassExpression") features.properties += 2;
    if (node.type === "VariableDeclarator" && depth > 0) features.locals++;
    if (node.type === "ObjectProperty") features.properties++;
    if (node.type === "ArrayExpression") features.elements += node.elements.length;
    if (node.type === "StringLiteral") features.text += node.value.length / 10;
    if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression") features.properties++;
    if (node.type === "CallExpression" || node.type === "NewExpression") this.#called(node, depth);
    for (const child of childrenOf(node)) this.visit(child, depth);
  }

  #isFreed(node: t.Node): boolean {
    if (node.type !== "FunctionDeclaration" && node.type !== "VariableDeclarator") return false;
    return node.id?.type === "Identifier" && this.#freed.has(node.id.name);
  }

  #made(node: Callable, depth: number): void {
    const { features } = this;
    features.functions++;
    features.parameters += node.params.length;
    if (depth === 0) return;
    features.closures++;
    if (node.type === "FunctionDeclaration") features.locals++;
  }

  #called({ callee }: t.CallExpression | t.NewExpression, depth: number): void {
    const target =
      callee.type === "Identifier"
        ? this.#functions.get(callee.name)
        : isFunction(callee)
          ? callee
          : undefined;
    if (!target || depth >= CALL_DEPTH_MAX || this.#calls >= CALLS_MAX) return;
    this.#calls++;
    for (const statement of reached(target.body)) this.visit(statement, depth + 1);
  }
}

/** The inputs of the estimate. Exported for calibration. */
export function featuresOf(code: string): Features {
  const tree = parseSync(code, { configFile: false, babelrc: false, sourceType: "script" });
  return new Survey(tree?.type === "File" ? tree.program.body : []).features;
}

/** `code`: the minified program. */
export function estimateJsVars(code: string): number {
  const features = featuresOf(code);
  let sum = BASE_JSVARS;
  for (const name of Object.keys(WEIGHTS) as (keyof Features)[]) sum += WEIGHTS[name] * features[name];
  return Math.round(sum);
}
