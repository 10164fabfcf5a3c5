import { types as t } from "@babel/core";
import { childNodes } from "../../program/child-nodes.ts";
import type { Program } from "../../program/program.ts";
import { undefinedValue } from "../../program/syntax.ts";

/**
 * A function that waits (or yields) as a state machine:
 *
 *     (c, s, v) => { for (;;) switch (s) { case 0: …; return c.n = 1, promise; case 1: x = v; … } }
 *
 * `c.n` is the state to go on in, `c.t` the state of the handler in force (0: none), `s` the present state and
 * `v` the result of the wait. A return with `c.n` set is a wait; any other return ends the function. If a
 * `finally` must run, two variables store how its block was left and the value.
 */
export type MachineKind = "async" | "generator" | "asyncGenerator";

/** A jump target. Its state number is known after it has been placed. */
export interface Spot {
  state: number | undefined;
  readonly uses: t.NumericLiteral[];
}

/** A `finally` around the code that is being written. */
interface Finalizer {
  readonly spot: Spot;
  readonly how: t.Identifier;
  readonly what: t.Identifier;
  readonly leavings: { code: number; go: () => void }[];
}

interface Target {
  readonly breakTo: Spot;
  readonly continueTo: Spot | undefined;
  readonly finalizers: number;
  readonly handler: Handler;
}

export interface Handler {
  readonly thrown: Spot | undefined;
  /** The state after a generator's `return()`, which runs only `finally` blocks. */
  readonly returned: Spot | undefined;
}

export class MachineWriter {
  readonly program: Program;
  readonly kind: MachineKind;
  readonly variables: t.Identifier[] = [];
  readonly functions: t.FunctionDeclaration[] = [];
  readonly targets: Target[] = [];
  readonly finalizers: Finalizer[] = [];
  handler: Handler = { thrown: undefined, returned: undefined };
  private readonly states: { node: t.NumericLiteral; body: t.Statement[] }[] = [];
  readonly context: t.Identifier;
  readonly state: t.Identifier;
  readonly value: t.Identifier;

  constructor(program: Program, kind: MachineKind) {
    this.program = program;
    this.kind = kind;
    this.context = t.identifier(program.nameFor("c"));
    this.state = t.identifier(program.nameFor("s"));
    this.value = t.identifier(program.nameFor("v"));
    this.states.push({ node: t.numericLiteral(0), body: [] });
  }

  variable(hint: string): t.Identifier {
    const name = t.identifier(this.program.fresh(hint));
    this.variables.push(name);
    return t.cloneNode(name);
  }

  push(...statements: t.Statement[]): void {
    for (const one of statements) if (!this.ended()) this.states.at(-1)?.body.push(one);
  }

  /** Whether nothing that is written now can be reached. */
  private ended(): boolean {
    const last = this.states.at(-1)?.body.at(-1);
    return t.isReturnStatement(last) || t.isThrowStatement(last) || t.isContinueStatement(last);
  }

  run(expression: t.Expression): void {
    this.push(t.expressionStatement(expression));
  }

  spot(): Spot {
    return { state: undefined, uses: [] };
  }

  /** Begins the state that `spot` stands for. */
  put(spot: Spot): void {
    const number = this.states.length;
    spot.state = number;
    for (const use of spot.uses) use.value = number;
    this.states.push({ node: t.numericLiteral(number), body: [] });
  }

  /** The same for a spot that is reached only from code before it, or not at all. */
  putIfUsed(spot: Spot): void {
    if (spot.uses.length > 0) this.put(spot);
  }

  numberOf(spot: Spot): t.NumericLiteral {
    const node = t.numericLiteral(spot.state ?? 0);
    spot.uses.push(node);
    return node;
  }

  field(name: "n" | "t" | "f" | "y", value: t.Expression): t.Expression {
    const member = t.memberExpression(t.cloneNode(this.context), t.identifier(name));
    return t.assignmentExpression("=", member, value);
  }

  /** Sets the handlers in force. */
  guard(handler: Handler): t.Statement[] {
    const made: t.Statement[] = [];
    const set = (name: "t" | "f", spot: Spot | undefined) =>
      made.push(t.expressionStatement(this.field(name, spot ? this.numberOf(spot) : t.numericLiteral(0))));
    if (this.handler.thrown !== handler.thrown) set("t", handler.thrown);
    if (this.kind !== "async" && this.handler.returned !== handler.returned) set("f", handler.returned);
    return made;
  }

  enter(handler: Handler): void {
    this.push(...this.guard(handler));
    this.handler = handler;
  }

  /** The statements that go to `spot`, out of as many `finally` blocks as lie between. */
  leave(spot: Spot, handler: Handler, finalizers: number): t.Statement[] {
    const inner = this.finalizers.at(-1);
    if (!inner || this.finalizers.length <= finalizers) return [...this.guard(handler), ...this.goto(spot)];
    const code = 3 + inner.leavings.length;
    inner.leavings.push({ code, go: () => this.push(...this.leave(spot, handler, finalizers)) });
    return [this.note(inner.how, t.numericLiteral(code)), ...this.goto(inner.spot)];
  }

  note(target: t.Identifier, value: t.Expression): t.Statement {
    return t.expressionStatement(t.assignmentExpression("=", t.cloneNode(target), value));
  }

  goto(spot: Spot): t.Statement[] {
    const set = t.assignmentExpression("=", t.cloneNode(this.state), this.numberOf(spot));
    return [t.expressionStatement(set), t.continueStatement()];
  }

  jump(spot: Spot): void {
    if (!this.ended()) this.push(...this.goto(spot));
  }

  jumpUnless(test: t.Expression, spot: Spot): void {
    if (!this.ended()) this.push(t.ifStatement(negated(test), t.blockStatement(this.goto(spot))));
  }

  /** Waits for (or yields) a value; the machine goes on in a new state with `v`. */
  suspend(value: t.Expression, yields: boolean): t.Expression {
    const next = this.spot();
    const steps: t.Expression[] = [this.field("n", this.numberOf(next)), value];
    if (yields && this.kind === "asyncGenerator") steps.unshift(this.field("y", t.numericLiteral(1)));
    this.push(t.returnStatement(t.sequenceExpression(steps)));
    this.put(next);
    return t.cloneNode(this.value);
  }

  returning(value: t.Expression | null): t.Statement[] {
    const inner = this.finalizers.at(-1);
    if (!inner) return [t.returnStatement(value)];
    const keep = this.note(inner.what, value ?? undefinedValue());
    return [keep, this.note(inner.how, t.numericLiteral(2)), ...this.goto(inner.spot)];
  }

  /** Whether the innermost `try` was left by a `return` just now. */
  hasReturned(): t.Expression {
    const how = this.finalizers.at(-1)?.how as t.Identifier;
    return t.binaryExpression("==", t.cloneNode(how), t.numericLiteral(2));
  }

  finish(): t.ArrowFunctionExpression {
    const cases = this.states.map(({ node, body }) => t.switchCase(node, body));
    const choice = t.switchStatement(t.cloneNode(this.state), cases);
    const single = cases.length === 1;
    const jumps = this.states.some(({ body }) => body.some((one) => this.jumpsIn(one)));
    const plain = single ? (cases[0]?.consequent ?? []) : [choice];
    if (jumps && !this.ended()) this.push(t.returnStatement());
    const body = jumps ? [t.forStatement(null, null, null, choice)] : plain;
    const params = [this.context, this.state, this.value];
    let valueUsed = false;
    let contextUsed = !single || jumps;
    for (const one of body) {
      t.traverseFast(one, (node) => {
        if (t.isIdentifier(node, { name: this.value.name })) valueUsed = true;
        if (t.isIdentifier(node, { name: this.context.name })) contextUsed = true;
      });
    }
    const kept = valueUsed ? 3 : contextUsed ? 2 : 0;
    return t.arrowFunctionExpression(params.slice(0, kept), t.blockStatement(body));
  }

  /** Whether a node has a `continue` of the machine's own loop, which runs the switch again. */
  private jumpsIn(node: t.Node): boolean {
    if (t.isContinueStatement(node)) return true;
    if (t.isLoop(node)) return this.setsState(node);
    if (t.isFunction(node) || t.isClass(node) || t.isExpression(node)) return false;
    return childNodes(node).some((child) => this.jumpsIn(child));
  }

  /** A jump out of a loop that was not taken apart is recognized by the state that it sets. */
  private setsState(loop: t.Loop): boolean {
    let found = false;
    t.traverseFast(loop, (inner) => {
      if (t.isIdentifier(inner, { name: this.state.name })) found = true;
    });
    return found;
  }
}

export function negated(test: t.Expression): t.Expression {
  return t.isUnaryExpression(test, { operator: "!" }) ? test.argument : t.unaryExpression("!", test);
}
