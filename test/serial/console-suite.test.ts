/**
 * The bytes that a console sends, as they were seen on Espruino 2v29.277 for Linux, held against the interpreter itself
 * and against the simulated board, in whose words the commands' tests speak where there is no interpreter.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pause, systemClock } from "../../host/serial/line-clock.ts";
import { TEST_BOARDS, type TestBoard } from "../fixtures/serial/test-boards.ts";
import { until } from "../fixtures/waiting.ts";

const BANNER_END = /(?:Donate\r\n\r\n)?>$/;

/** Typed, and what comes of it. */
const EXCHANGES: readonly (readonly [typed: string, sent: string])[] = [
  ["1+1\n", "1+1\r\n=2\r\n>"],
  ["1+1\r\n", "1+1\r\n=2\r\n>"],
  ["\n", "\r\n>"],
  ["a=5\n", "a=5\r\n=5\r\n>"],
  ['"x"\n', '"x"\r\n="x"\r\n>'],
  ["print(3)\n", "print(3)\r\n3\r\n=undefined\r\n>"],
  ["\x101+1\n", ""],
  ['\x10print("a","b");1\n', "a b\r\n>"],
  ["nope\n", 'nope\r\nUncaught ReferenceError: "nope" is not defined\r\n    at REPL (:1:1)\r\n\r\n^\r\n>'],
  ["\x10nope\n", 'Uncaught ReferenceError: "nope" is not defined\r\n    at REPL (:1:1)\r\n\r\n^\r\n>'],
  ["\x10throw 'str'\n", "Uncaught str\r\n>"],
  ["half", "half"],
  ["\x03", "\x1b[D\x1b[D\x1b[D\x1b[D\r\x1b[J>"],
  ["ab\x08c\x7f\x7f\x7f1\n", "ab\b \bc\b \b\b \b1\r\n=1\r\n>"],
  ["(1+\n2)\n", "(1+\r\n:2)\r\n=3\r\n>"],
  ["`a\nb`\n", '`a\r\n:b`\r\n="a\\nb"\r\n>'],
  ["\x05", "Espruino VERSION LINUX\r\n"],
  ["1\x05\n", "1\r\n=1\r\n>"],
  ["echo(0)\n", "echo(0)\r\n"],
  ["1+1\n\x05print(2)\n", "Espruino VERSION LINUX\r\n2\r\n"],
  ["echo(1)\n", "=undefined\r\n>"],
  [
    "setTimeout(function(){print('t')},150);0\n",
    "setTimeout(function(){print('t')},150);0\r\n=0\r\n>\r\x1b[Jt\r\n>",
  ],
  ["\x10\x01\x20\x051+2  ", "\x06\x10\x01\x00\x013"],
  ["\x10\x01\x20\x06nope.x", '\r\x1b[J\x15Uncaught ReferenceError: "nope" is not defined\r\n'],
  ["\x10\x01\x20\x1c(function(){throw 'str'})() ", "\x15\r\x1b[JUncaught str\r\n>"],
  ['\x10\x01\x20\x0fprint("side"),7', "\r\x1b[Jside\r\n\x06\x10\x01\x00\x017>"],
  ['\x10\x01\x20\x0e"a\\n\\xff\\1"+""', '\x06\x10\x01\x00\x0b"a\\n\\xFF\\1"'],
  ["\x10\x01\x80\x05hello", "\x15"],
  ['\x10\x01\x60\x11{"fn":"ov","s":3}', "\x06"],
  ["\x10\x01\x80\x05Hello", "\r\x1b[J\x06Uncaught Error: Too much data for file size\r\n>"],
  ['\x10\x01\x60\x11{"fn":"ok","s":5}', "\x06"],
  ["\x10\x01\x80\x05Hello", "\x06"],
  ["\x10\x01\x20\x1drequire('Storage').read('ok')", '\x06\x10\x01\x00\x07"Hello"'],
  ["typed\x10\x01\x20\x011", "typed\x06\x10\x01\x00\x011"],
  ["\x03", "\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\r\x1b[J>"],
];

describe.each(TEST_BOARDS)("the console of $name", { timeout: 60_000 }, ({ isThere, create }) => {
  let board: TestBoard;
  let sent: string;

  beforeEach(async () => {
    if (!isThere) return;
    board = create();
    sent = "";
    board.onSend = (bytes) => {
      sent += Buffer.from(bytes).toString("latin1").replace("2v29.277", "VERSION").replace("2v29", "VERSION");
    };
    board.powerOn();
    await until("a prompt", () => BANNER_END.test(sent));
  });

  afterEach(() => board?.dispose());

  test.skipIf(!isThere)("answers all input with the recorded bytes", async () => {
    const seen: [string, string][] = [];
    for (const [typed, expected] of EXCHANGES) {
      sent = "";
      board.receive(Buffer.from(typed, "latin1"));
      await until(JSON.stringify(typed), () => sent.length >= expected.length).catch(() => undefined);
      await pause(systemClock, SETTLE_MS);
      // Of a packet's error the trace is left out: its place is the interpreter's own.
      seen.push([typed, sent.slice(0, expected.endsWith("defined\r\n") ? expected.length : undefined)]);
    }
    expect(seen).toEqual(EXCHANGES);
  });
});

/** Nothing more comes after it. */
const SETTLE_MS = 120;
