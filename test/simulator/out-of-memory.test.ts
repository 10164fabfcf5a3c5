/**
 * What the interpreter takes away when memory runs out in an event. Espruino for Linux has no end of memory; its stack has
 * one, which it meets in the same way: the event is broken off, and what is lost is the same.
 *
 * A busy machine may hold up a board so long that all its timers are due at once, of which Espruino takes away more than
 * one, and all that was sent arrives in one piece. So what comes next is typed at its console once the event is lost, and
 * waits for no time.
 */
import { afterEach, describe, expect, it } from "vitest";
import { VirtualTimeline } from "../../host/simulator/world/virtual-clock.ts";
import { boot, closeOpened, serve } from "../fixtures/engine-suite.ts";
import { hasProgram } from "../fixtures/programs.ts";

const OVERFLOW = "function lose() { return lose() + 1; }";
const NO_HARM = "function lose() {}";

interface Case {
  readonly program: string;
  /** The event in which it happens, for the simulator. */
  readonly inEvent: number;
  /** What is typed at the console then. */
  readonly typed: string;
  readonly said: readonly string[];
}

const CASES: readonly (readonly [what: string, tried: Case])[] = [
  [
    "an interval is deleted, and the others live on",
    {
      // A third beat would come before the other's third.
      program: `var beats = 0, others = 0;
      setInterval(function() { if (++beats === 2) lose(); print("beat", beats); }, 40);
      var other = setInterval(function() { if (++others === 3) print("end"); }, 1e9);`,
      inEvent: 2,
      typed: "changeInterval(other, 40)",
      said: [
        "beat 1",
        "ERROR: Ctrl-C while processing interval - removing it.",
        "Execution Interrupted during event processing.",
        "flag CALLBACK",
        "end",
      ],
    },
  ],
  [
    "a time-out is gone anyway, and nothing is said to be taken away",
    {
      program: `var others = 0;
      setTimeout(function() { lose(); print("never"); }, 20);
      var other = setInterval(function() { if (++others === 3) print("end"); }, 1e9);`,
      inEvent: 1,
      typed: "changeInterval(other, 40)",
      said: ["Execution Interrupted during event processing.", "end"],
    },
  ],
  [
    "a socket loses all its listeners of data, once they have heard this",
    {
      program: `var socket = require("net").connect({ host: "127.0.0.1", port: PORT });
      socket.on("data", function(data) { if (data === "one") lose(); print("first", data); });
      socket.on("data", function(data) { print("second", data); });
      socket.on("close", function() { print("end"); });`,
      inEvent: 1,
      typed: 'socket.write("more")',
      said: [
        "second one",
        "ERROR: Error processing Serial data handler - removing it.",
        "Execution Interrupted during event processing.",
        "flag CALLBACK",
        "end",
      ],
    },
  ],
];

/** Without what each engine words for itself, and the flags of the memory, which the stack does not raise. */
function told(lines: readonly string[]): string[] {
  return lines
    .filter(
      (line) => /^(ERROR|Execution|beat|first|second|never|end)/.test(line) || line.includes("CALLBACK"),
    )
    .filter((line) => !line.startsWith("New interpreter error"))
    .map((line) => (line.startsWith("flag") ? "flag CALLBACK" : line));
}

async function play(engine: "node" | "espruino", { program, inEvent, typed }: Case): Promise<string[]> {
  const server = await serve((socket) => {
    socket.write("one");
    socket.once("data", () => socket.end("two"));
  });
  let events = 0;
  const { board, lines, untilLine } = await boot(
    engine,
    `E.on("errorFlag", function(flags) { print("flag", flags.join()); });
    ${engine === "node" ? NO_HARM : OVERFLOW}
    ${program.replace("PORT", String(server.port))}`,
    { hasMemory: () => ++events !== inEvent },
  );
  await untilLine("Execution Interrupted during event processing.");
  board.type(typed);
  await untilLine("end");
  return lines;
}

describe("when memory runs out", () => {
  afterEach(closeOpened);

  it.each(CASES)("%s", async (_what, tried) => {
    const lines = await play("node", tried);
    expect(told(lines)).toEqual(tried.said);
    expect(lines.some((line) => /^New interpreter error: (CALLBACK,)?LOW_MEMORY,MEMORY$/.test(line))).toBe(
      true,
    );
  });

  it.skipIf(!hasProgram("espruino")).each(CASES)("as on the real interpreter: %s", async (_what, tried) => {
    expect(told(await play("espruino", tried))).toEqual(tried.said);
  });

  it("the app hears of a flag once, until it takes the flags", async () => {
    const timeline = new VirtualTimeline();
    let events = 0;
    const { lines } = await boot(
      "node",
      `E.on("errorFlag", function(flags) { print("flag", flags.join()); });
      for (var ms = 10; ms < 40; ms += 10) setTimeout(print, ms, "lost");
      setTimeout(function() { print(E.getErrorFlags().join(), E.getErrorFlags().length); }, 60);
      setTimeout(print, 70, "lost");
      setTimeout(print, 80, "end");`,
      { clock: timeline.createLane(), hasMemory: () => ++events > 3 && events !== 5 },
    );
    timeline.advance(100);
    expect(lines.filter((line) => !/^(Execution|New)/.test(line))).toEqual([
      "flag LOW_MEMORY,MEMORY",
      "LOW_MEMORY,MEMORY 0",
      "flag LOW_MEMORY,MEMORY",
      "end",
    ]);
  });
});
