// cspell:ignore DONOTEVALUATE
import type { SuiteTest } from "./suite.ts";

/** Lines that a test prints: the first word says how it went. */
export const PASSED = "@passed";
export const FAILED = "@failed ";
/** The failure is that nothing was thrown. */
export const NOT_THROWN = "nothing was thrown";

/** The functions that the suite's tests call, in plain code: what is tested must not be needed to tell the result. */
const HARNESS = `
function Test262Error(message) {
  if (!(this instanceof Test262Error)) return new Test262Error(message);
  this.message = message || "";
}
Test262Error.thrower = function (message) { throw new Test262Error(message); };
function $DONOTEVALUATE() { throw new Test262Error("evaluated"); }
function fails(what, message) {
  console.log(${JSON.stringify(FAILED)} + what + ": " + message);
  throw new Test262Error(what);
}
function isSame(one, other) { return one === other || (one !== one && other !== other); }
function assert(value, message) { if (value !== true) fails("is not true", message); }
assert.sameValue = function (value, expected, message) { if (!isSame(value, expected)) fails("is not the same", message); };
assert.notSameValue = function (value, other, message) { if (isSame(value, other)) fails("is the same", message); };
function checkThrown(kind, error, message) {
  if (error === null || typeof error != "object") fails("no error was thrown", message);
  if (error.constructor !== kind && (kind === Test262Error || error.constructor === Test262Error || !(error instanceof Error))) {
    fails("a different error was thrown", message);
  }
}
assert.throws = function (kind, run, message) {
  var error, thrown = false;
  try { run(); } catch (e) { thrown = true; error = e; }
  if (!thrown) fails(${JSON.stringify(NOT_THROWN)}, message);
  checkThrown(kind, error, message);
};
function compareArray(one, other) {
  if (one.length !== other.length) return false;
  for (var i = 0; i < one.length; i++) if (!isSame(one[i], other[i])) return false;
  return true;
}
assert.compareArray = function (one, other, message) { if (!compareArray(one, other)) fails("the lists differ", message); };
`;

const ASYNC_HARNESS = `
function $DONE(error) { console.log(error ? ${JSON.stringify(FAILED)} + "done: " + error.message : ${JSON.stringify(PASSED)}); }
function asyncTest(run) { run().then(function () { $DONE(); }, function (e) { $DONE(e || new Test262Error("rejected")); }); }
assert.throwsAsync = async function (kind, run, message) {
  var error, thrown = false;
  try { await run(); } catch (e) { thrown = true; error = e; }
  if (!thrown) fails(${JSON.stringify(NOT_THROWN)}, message);
  checkThrown(kind, error, message);
};
`;

/** The test with the functions that it calls, as one strict script. */
export function programOf({ text, isAsync }: SuiteTest): string {
  const end = isAsync ? "" : `\nconsole.log(${JSON.stringify(PASSED)});`;
  return `"use strict";\n${HARNESS}${isAsync ? ASYNC_HARNESS : ""}${text}${end}\n`;
}
